"""The upload of a picture, and the sentence in place of one that was refused before it arrived.

Streamlit's browser part refuses files of its own accord, or because the server did. It says so in a
tooltip, and the file before stays. ``upload.js`` tells the page, and takes both files away.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.digits.image_file import EXTENSIONS, UnreadableImageError

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

WATCH = "upload_watch"
# Of the session: why the last file was refused, in the words of Streamlit.
REFUSAL = "upload_refusal"
TOO_LARGE, OTHER_FORMAT = "File must be", "not allowed"

_mount = st.components.v2.component(
    WATCH,
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
    isolate_styles=False,
)


def upload_picture() -> "UploadedFile | None":
    """The file that the visitor has uploaded; None where there is none."""
    file = st.file_uploader("A picture of one or more digits", type=EXTENSIONS, key="upload")
    _mount(key=WATCH, on_refused_change=_keep_refusal)
    if file is not None:
        st.session_state.pop(REFUSAL, None)
    return file


def report_refusal() -> None:
    """Say why the last file was refused, if it was.

    Raises:
        UnreadableImageError: it was.
    """
    if REFUSAL in st.session_state:
        raise UnreadableImageError(explain_refusal(st.session_state[REFUSAL]))


def explain_refusal(reason: str) -> str:
    """What happened and what to do, from what Streamlit says of a refused file."""
    if TOO_LARGE in reason:
        limit = st.get_option("server.maxUploadSize")
        return f"This file is larger than {limit} MB. Choose a smaller one."
    if OTHER_FORMAT in reason:
        return "This file is not a picture in a supported format. Choose another one."
    return (
        f"The server has not accepted this file ({reason.removeprefix('Error: ').rstrip('.')}). "
        "Reload the page and upload the file again."
    )


def _keep_refusal() -> None:
    st.session_state[REFUSAL] = st.session_state[WATCH].refused
