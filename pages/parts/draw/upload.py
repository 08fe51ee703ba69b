"""Uploads, which outlive the server and other pages, and the sentence in place of a refused one.

Streamlit gives a file to one session, and to its uploader until the visitor opens another page. So
the browser keeps the file and sends it again where the session does not have it. Streamlit's
browser part refuses files of its own accord, or because the server did. It says so in a tooltip,
and the file before stays. ``upload.js`` does the work, and says how.
"""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.digits.image_file import EXTENSIONS, UnreadableImageError
from pages.parts.draw.picture import forget_picture

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

UPLOAD = "upload"
# In the session: its name, and, by uploader, why the last file was refused, in Streamlit's words.
SESSION, REFUSAL = "upload_session", "refusal"
TOO_LARGE, OTHER_FORMAT = "File must be", "not allowed"
MEGABYTE = 1 << 20

_mount = st.components.v2.component(
    "upload_watch",
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
    isolate_styles=False,
)


def upload_picture(*, is_open: bool) -> "UploadedFile | None":
    """The file that the visitor has uploaded; None where there is none.

    Args:
        is_open: whether the visitor sees the uploader; until then, the browser sends nothing.
    """
    if UPLOAD not in st.session_state:  # the page has just been opened, and sends what it needs
        _drop_files()
    return show_uploader(
        "A picture of one or more digits. You can also paste it.",
        key=UPLOAD,
        is_open=is_open,
        takes_pasted=True,
    )


def show_uploader(
    label: str,
    *,
    key: str,
    is_open: bool = True,
    takes_pasted: bool = False,
    camera: str | None = None,
) -> "UploadedFile | None":
    """Show an uploader of one picture, which the browser keeps.

    Args:
        label: what is asked for.
        key: of the uploader in the session.
        is_open: whether the visitor sees it; until then, the browser sends nothing.
        takes_pasted: whether it takes what is pasted on the page.
        camera: the key of a camera; a photograph from there is kept as well.

    Returns:
        The file; None where there is none.
    """
    file = st.file_uploader(label, type=EXTENSIONS, key=key, on_change=forget_removed, args=(key,))
    _mount(
        data={
            "key": key,
            "camera": camera,
            "paste": takes_pasted,
            "limit": st.get_option("server.maxUploadSize") * MEGABYTE,
            "open": is_open,
            "session": st.session_state.setdefault(SESSION, secrets.token_hex(4)),
            "has": file is not None,
        },
        key=f"{key}_watch",
        on_refused_change=lambda: _keep_refusal(key),
    )
    if file is not None:
        st.session_state.pop(f"{key}_{REFUSAL}", None)
    return file


def report_refusal(key: str) -> None:
    """Say why the last file of an uploader was refused, if it was.

    Raises:
        UnreadableImageError: it was.
    """
    if f"{key}_{REFUSAL}" in st.session_state:
        raise UnreadableImageError(explain_refusal(st.session_state[f"{key}_{REFUSAL}"]))


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


def forget_removed(key: str) -> None:
    """Drop the last picture if this widget has no file now that it had one."""
    if st.session_state[key] is None:
        forget_picture()


def _keep_refusal(key: str) -> None:
    forget_picture()
    st.session_state[f"{key}_{REFUSAL}"] = st.session_state[f"{key}_watch"].refused


def _drop_files() -> None:
    """Free the memory of the session's files: Streamlit keeps those of pages that were left."""
    if context := get_script_run_ctx():
        context.uploaded_file_mgr.remove_session_files(context.session_id)
