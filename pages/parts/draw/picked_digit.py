"""The picked digit of a number: the boxes and frames to pick from."""

import streamlit as st

from core.digits.frame import bytes_from_frames
from core.figures.digit import encode_address, png_address
from core.figures.drawing import draw_strokes, frame_boxes
from core.inference.inputs import NumberInput, StrokeInput
from core.inference.number_prediction import DigitPrediction, NumberPrediction
from pages.parts.draw.boxes import Background, show_boxes
from pages.parts.draw.place import find_place, pick_place
from pages.widgets.gallery import Thumbnail, show_gallery
from pages.widgets.prediction import describe_agreement
from pages.widgets.wording import escape_markdown

# Of a drawing below its boxes, in pixels of the screen.
DRAWING_WIDTH = 220
# A picture takes the whole width, unless it would be enlarged by more than this.
MAX_ENLARGEMENT, MIN_STRETCHED_WIDTH = 4, 600


def pick_digit(given: NumberInput, number: NumberPrediction) -> DigitPrediction:
    """Show the digits of a number and let the visitor pick one; the first one by default.

    Nothing is shown for a single digit.
    """
    digits = number.digits
    if len(digits) == 1:
        return digits[0]
    picked = _find_picked(number)
    with st.container(horizontal=isinstance(given, StrokeInput), vertical_alignment="center"):
        _show_boxes(given, number, picked)
        _show_frames(number, picked)
    digit = digits[picked]
    st.markdown(
        f"**Digit {picked + 1} of {len(digits)}: {digit.vote.character}.** "
        + escape_markdown(
            describe_agreement(digit.vote, digit.predictions, question=digit.question)
        )
    )
    return digit


def pick_frame(number: NumberPrediction) -> DigitPrediction:
    """Show the frames of the picked digit's row to pick another one; nothing for a single digit."""
    picked = _find_picked(number)
    if len(number.digits) > 1:
        _show_frames(number, picked)
    return number.digits[picked]


def _find_picked(number: NumberPrediction) -> int:
    """The index in the URL, if the number has such a digit, otherwise 0."""
    place = find_place()
    return place if place < len(number.digits) else 0


def _show_boxes(given: NumberInput, number: NumberPrediction, picked: int) -> None:
    background = _draw_background(given, number)
    boxes = [
        background.place_box(
            index,
            digit.found.box,
            character=digit.vote.character,
            label=f"Digit {index + 1} of {len(number.digits)}: {digit.vote.character}",
        )
        for index, digit in enumerate(number.digits)
    ]
    show_boxes(background, boxes, picked=picked, on_pick=pick_place, key="boxes")


def _draw_background(given: NumberInput, number: NumberPrediction) -> Background:
    if isinstance(given, StrokeInput):
        part = frame_boxes([digit.found.box for digit in number.digits], given.pen_width)
        address = draw_strokes(given.strokes, part, pen_width=given.pen_width)
        return Background(
            address, "Your drawing", part, width=DRAWING_WIDTH, margin=given.pen_width / 2
        )
    width, height = given.size
    address = encode_address(given.preview, "image/webp")
    enlarged = MAX_ENLARGEMENT * width
    return Background(
        address,
        "Your picture",
        (0.0, 0.0, width, height),
        width=enlarged if enlarged < MIN_STRETCHED_WIDTH else None,
    )


def _show_frames(number: NumberPrediction, picked: int) -> None:
    """The frames of the row of the picked digit, each with its character."""
    row = number.digits[picked].row
    show_gallery(
        [
            Thumbnail(
                index,
                png_address(bytes_from_frames(digit.found.frame)),
                digit.vote.character,
                f"The 28×28 frame of digit {index + 1}",
            )
            for index, digit in enumerate(number.digits)
            if digit.row == row
        ],
        picked=picked,
        on_pick=pick_place,
        key="frames",
    )
