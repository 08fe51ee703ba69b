"""The visitor: whose drawings a session keeps and shows."""

import streamlit as st

from core.api.visitors import name_visitor, read_visitor


def get_owner() -> str:
    """The name in the browser's cookie; without cookies, one that ends with the session."""
    cookies = dict(st.context.cookies)  # copied, since Streamlit's AppTest answers any key
    return read_visitor(cookies) or st.session_state.setdefault("visitor", name_visitor())
