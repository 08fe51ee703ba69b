"""Number inputs in the address: an infinite number there falls back to the default.

Streamlit falls back where a number is outside the limits, but cannot make an infinite one whole.
"""

from contextlib import suppress
from math import isinf
from typing import Any

import streamlit as st


def pick_number(
    label: str, least: float | None, greatest: float | None, *, key: str, **options: Any
) -> Any:
    """A number input whose value is in the address.

    Args:
        label: of the input.
        least: the smallest number; None for no limit.
        greatest: the largest one; None for no limit.
        key: of the widget, and the name of the parameter.
        options: further arguments of ``st.number_input``.
    """
    if _is_infinite(st.query_params.get(key, "")):
        del st.query_params[key]
        st.rerun()  # a widget takes its value from the address as it was when the run began
    return st.number_input(label, least, greatest, key=key, **options)


def _is_infinite(text: str) -> bool:
    with suppress(ValueError):
        return isinf(float(text))
    return False
