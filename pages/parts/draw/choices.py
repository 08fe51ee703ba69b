"""The choices about an answer: the same after a time without an answer as before.

Without a drawing or a picture, the page does not show these widgets. If a new picture arrives
before the browser has removed them, Streamlit takes the browser's widgets for the session's, but
the browser shows new ones, with the defaults.
"""

import streamlit as st

# Keys of the widgets; those of sliders begin with a prefix.
CHOICES = {"predict", "model", "closer", "change", "by_hand", "look_alikes_of"}
AMOUNT_PREFIX = "amount_"
# In the session: whether the last run had no answer.
HIDDEN = "choices_hidden"


def hide_choices() -> None:
    """Remember that this run has no answer."""
    st.session_state[HIDDEN] = True


def restore_choices() -> None:
    """After a run without an answer, send the choices of the session to the browser."""
    if not st.session_state.pop(HIDDEN, False):
        return
    kept = [key for key in st.session_state if key in CHOICES or _is_amount(key)]
    for key in kept:
        st.session_state[key] = st.session_state[key]
    if kept:
        st.query_params.update()  # changes nothing, but sends them all


def _is_amount(key: object) -> bool:
    return str(key).startswith(AMOUNT_PREFIX)
