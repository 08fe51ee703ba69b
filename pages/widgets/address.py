"""The addresses of pages in the browser: links, history, and opening a page from code.

``address.js`` does the work, and says how. This module does not know the pages.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import streamlit as st

_mount = st.components.v2.component(
    "addresses", js=Path(__file__).with_suffix(".js").read_text("utf-8")
)


def keep_addresses() -> None:
    """Have each opened page be one entry of the browser's history, with its choices."""
    _mount(data={}, key="addresses")


def open_page(page: str, query: Mapping[str, str]) -> None:
    """Open a page as a link does. The rest of the run does not matter.

    Args:
        page: its file in ``pages/``.
        query: its parameters in the URL.
    """
    address = f"{Path(page).stem}?{urlencode(query)}"
    _mount(data={"open": address, "opening": uuid4().hex}, key="opened_address")


def set_parameter(name: str, value: str, *, default: str) -> None:
    """Write a choice into the URL, unless it is the default."""
    if value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
