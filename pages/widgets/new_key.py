"""The access key that the visitor made in this session; it is stored nowhere else."""

import streamlit as st

NEW_KEY = "new_access_key"


def get_new_key() -> str | None:
    """The key, or None where none was made."""
    return st.session_state.get(NEW_KEY)


def set_new_key(key: str) -> None:
    """Keep a key until the session ends."""
    st.session_state[NEW_KEY] = key


def forget_new_key() -> None:
    """Forget the key, for instance because it may have been revoked."""
    st.session_state.pop(NEW_KEY, None)
