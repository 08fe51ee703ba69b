"""The inputs: the pad, a file and a photograph, each in a tab."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.digits.found_digits import list_digits
from core.inference.inputs import NumberInput
from pages.parts.draw.camera import PHOTOGRAPH, take_photograph
from pages.parts.draw.picture import read_picture, show_thumbnail
from pages.parts.draw.upload import UPLOAD, report_refusal, upload_picture
from pages.widgets.pad import Pad

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_tab_container import TabContainer
    from streamlit.runtime.uploaded_file_manager import UploadedFile

INPUTS = ("Draw", "Upload", "Camera")
# Reads the input of the open tab, once it is needed. Returns None while there is none. Raises
# EmptyDrawingError or UnreadableImageError where there is no digit in it.
ReadInput = Callable[[], NumberInput | None]


def show_inputs(tabs: "Sequence[TabContainer]", pad: Pad, *, alone: bool) -> ReadInput:
    """Show the pad and the other inputs; returns what reads the input of the open tab.

    Args:
        tabs: one for each of ``INPUTS``.
        pad: the pad.
        alone: whether a stroke runs nothing of the page but the pad.
    """
    draw_tab, upload_tab, camera_tab = tabs
    with draw_tab:
        _show_pad(pad, alone=alone)
    with upload_tab:
        file = upload_picture(is_open=bool(upload_tab.open))
    with camera_tab:
        photograph = take_photograph() if camera_tab.open else None
    if draw_tab.open:
        return pad.read_input
    if upload_tab.open:
        return lambda: _read_chosen_picture(UPLOAD, file, upload_tab)
    return lambda: _read_chosen_picture(PHOTOGRAPH, photograph, camera_tab)


def _show_pad(pad: Pad, *, alone: bool) -> None:
    if alone:
        st.fragment(pad.show)()
    else:
        with st.container():  # as a fragment has one: in another place, the canvas would be new
            pad.show()


def _read_chosen_picture(
    source: str, file: "UploadedFile | None", tab: "TabContainer"
) -> NumberInput | None:
    """The digits in the picture that was chosen in a tab; None where there is none.

    Raises:
        UnreadableImageError, EmptyDrawingError: it was refused, or has no digit.
    """
    if file is None:
        report_refusal(source)
    given = read_picture(source, file)
    if given is not None and len(list_digits(given.rows)) == 1:
        with tab:
            show_thumbnail(given)
    return given
