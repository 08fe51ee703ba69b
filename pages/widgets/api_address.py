"""The address of the API, as the visitor's browser reaches it."""

from urllib.parse import urlsplit

import streamlit as st


def find_api() -> str:
    """The address below which the API has its routes; a path alone where no browser is known.

    The server may be behind a path prefix that Streamlit knows (``server.baseUrlPath``), or one
    that only a proxy knows: that stands before the name of the page.
    """
    page = urlsplit(st.context.url or "")
    known = st.get_option("server.baseUrlPath").strip("/")
    prefix = f"/{known}" if known else page.path.rpartition("/")[0]
    origin = f"{page.scheme}://{page.netloc}" if page.netloc else ""
    return f"{origin}{prefix}/api"
