"""The visitor: who owns the drawings and runs of a session."""

import streamlit as st

from core.server.visitors import new_visitor_id, read_visitor


def get_owner() -> str:
    """The id in the browser's cookie; without cookies, an id that ends with the session."""
    return _read_cookie() or st.session_state.setdefault("visitor", new_visitor_id())


def warn_without_cookie() -> None:
    """Warn a visitor whose drawings and runs cannot be found again after the session."""
    if _read_cookie() is None:
        st.caption(
            ":material/cookie_off: Your browser blocks cookies, so your drawings and models "
            "disappear from these pages when you close or reload them. Export what you want to "
            "keep."
        )


def _read_cookie() -> str | None:
    return read_visitor(dict(st.context.cookies))  # a copy: AppTest's mock has every key
