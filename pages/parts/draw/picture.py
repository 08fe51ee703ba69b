"""The uploaded or photographed picture: searched for digits once, and shown small."""

from typing import TYPE_CHECKING

import streamlit as st

from core.digits.found_digits import list_digits
from core.digits.frame import EmptyDrawingError
from core.digits.image_file import UnreadableImageError
from core.figures.digit import encode_address
from core.inference.inputs import ImageInput

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

# Keys of the session: the last picture, or why it was refused, and the id of its file.
PICTURE, FILE_ID = "picture", "picture_file"
# Of the shown picture, in pixels of the screen.
WIDTH, MAX_HEIGHT = 280, 240


def read_picture(file: "UploadedFile") -> ImageInput:
    """The digits in a picture; the last one of the session is kept, as is the reason of a refusal.

    Raises:
        UnreadableImageError, EmptyDrawingError: as ``ImageInput``.
    """
    if st.session_state.get(FILE_ID) != file.file_id:
        st.session_state[PICTURE] = _read_or_refuse(file)
        st.session_state[FILE_ID] = file.file_id
    outcome = st.session_state[PICTURE]
    if isinstance(outcome, ImageInput):
        return outcome
    kind, reason = outcome
    raise kind(reason)


def _read_or_refuse(file: "UploadedFile") -> ImageInput | tuple[type[ValueError], str]:
    try:
        return ImageInput(file.getvalue(), file.name)
    except (UnreadableImageError, EmptyDrawingError) as error:
        return type(error), str(error)


def show_thumbnail(given: ImageInput) -> None:
    """The picture, small, with the box of its only digit."""
    address = encode_address(given.preview, "image/webp")
    (digit,) = list_digits(given.rows)
    left, top, right, bottom = digit.box
    width, height = given.size
    insets = {
        "left": left / width,
        "top": top / height,
        "right": 1 - right / width,
        "bottom": 1 - bottom / height,
    }
    style = "; ".join(f"{side}: {100 * inset:.1f}%" for side, inset in insets.items())
    shown_width = min(WIDTH, MAX_HEIGHT * width / height)
    st.html(
        f'<figure class="upload"><div><img src="{address}" alt="The uploaded picture" '
        f'width="{shown_width:.0f}"><div class="box" style="{style}"></div></div>'
        "<figcaption>Your picture and the digit found in it</figcaption></figure>"
    )
