"""The visitor: whose drawings and runs a session keeps and shows."""

import streamlit as st

from core.server.visitors import name_visitor, read_visitor


def get_owner() -> str:
    """The name in the browser's cookie; without cookies, one that ends with the session."""
    return _read_cookie() or st.session_state.setdefault("visitor", name_visitor())


def warn_without_cookie() -> None:
    """Say so where what is kept cannot be found again after the session."""
    if _read_cookie() is None:
        st.caption(
            ":material/cookie_off: Your browser takes no cookies, by which it would be known "
            "again: you see what you keep until you close or reload this page. Export what you "
            "want to have later."
        )


def _read_cookie() -> str | None:
    return read_visitor(dict(st.context.cookies))  # copied: Streamlit's AppTest answers any key
