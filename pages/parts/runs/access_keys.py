"""Access keys: made, named and revoked by the visitor whose runs they give access to."""

import streamlit as st

from core.runs.access_keys import MAX_KEY_NAME_LENGTH, create_key, list_keys, revoke_key
from pages.widgets.new_key import forget_new_key, get_new_key, set_new_key
from pages.widgets.wording import to_sentence


def offer_access_keys(owner: str) -> None:
    """Show the visitor's access keys, and offer to make and revoke some."""
    with st.popover("Access keys", icon=":material/key:", key="access_keys"):
        st.markdown(
            "With an access key, a program uses your runs through the API. Send it as a bearer "
            "token. Whoever has the key can use your runs."
        )
        for key in list_keys(owner):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(f"{key.name}, made on {key.created_at:%d %B %Y}")
                st.button(
                    "Revoke",
                    key=f"revoke_{key.digest}",
                    on_click=_revoke,
                    args=(owner, key.digest),
                )
        _show_form(owner)
        if new := get_new_key():
            st.success(
                "This is your new key. It is not stored: copy it before you close this page."
            )
            st.code(new, language=None, wrap_lines=True)


def _show_form(owner: str) -> None:
    with st.form("make_key", border=False, clear_on_submit=True):
        st.text_input("Name of the key", max_chars=MAX_KEY_NAME_LENGTH, key="key_name")
        st.form_submit_button("Make a key", key="make_key_now", on_click=_make, args=(owner,))


def _make(owner: str) -> None:
    try:
        set_new_key(create_key(owner, st.session_state.key_name))
    except (ValueError, OSError) as error:
        st.toast(to_sentence(error), icon=":material/error:", duration="long")


def _revoke(owner: str, digest: str) -> None:
    forget_new_key()
    try:
        revoke_key(owner, digest)
    except OSError as error:
        st.toast(to_sentence(error), icon=":material/error:", duration="long")
    else:
        st.toast("Revoked. Programs with this key are refused.", icon=":material/check:")
