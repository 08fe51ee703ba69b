"""The uploaded or photographed picture: searched for digits once, and shown small."""

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import streamlit as st

from core.digits.found_digits import list_digits
from core.digits.frame import EmptyDrawingError
from core.digits.image_file import UnreadableImageError
from core.figures.digit import encode_address
from core.inference.inputs import ImageInput

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

PICTURE = "picture"  # of the session: the last one
# Of the shown picture, in pixels of the screen.
WIDTH, MAX_HEIGHT = 280, 240


@dataclass(frozen=True)
class _Picture:
    """What came of a file, from the widget with this key."""

    source: str
    file_id: str
    outcome: ImageInput | tuple[type[ValueError], str]


def read_picture(source: str, file: "UploadedFile | None") -> ImageInput | None:
    """The digits in a picture; the last one of the session is kept, as is the reason of a refusal.

    Args:
        source: the key of the widget that the file is from.
        file: None where the visitor has given none, or the browser has not sent it again yet.

    Returns:
        The digits in the file, or in the last picture if that was from the same widget.

    Raises:
        UnreadableImageError, EmptyDrawingError: as ``ImageInput``.
    """
    last: _Picture | None = st.session_state.get(PICTURE)
    if file is None:
        outcome = last.outcome if last and last.source == source else None
    elif last and last.file_id == file.file_id:
        outcome = last.outcome
    else:
        outcome = last.outcome if last and _is_same(last.outcome, file) else _read_or_refuse(file)
        st.session_state[PICTURE] = _Picture(source, file.file_id, outcome)
    if outcome is None or isinstance(outcome, ImageInput):
        return outcome
    kind, reason = outcome
    raise kind(reason)


def forget_picture() -> None:
    """Drop the last picture of the session, which the visitor has removed."""
    st.session_state.pop(PICTURE, None)


def _is_same(outcome: object, file: "UploadedFile") -> bool:
    """Whether the browser has sent a picture again."""
    known = (outcome.name, outcome.sha256) if isinstance(outcome, ImageInput) else None
    return known == (file.name, sha256(file.getvalue()).hexdigest())


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
