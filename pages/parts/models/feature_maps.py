"""Feature maps: the output of every layer of a model for one frame."""

import numpy as np
import streamlit as st

from core.digits.found_digits import list_digits
from core.digits.frame import EmptyDrawingError, Frame, bytes_from_frames, frame_from_strokes
from core.figures.architecture import format_shape
from core.figures.digit import png_address
from core.figures.weights import grey_maps, grey_strip
from core.inference.activations import Activation
from core.inference.number import find_in_strokes
from core.models.card import ModelCard
from core.synthesis.glyphs import draw_sample
from pages.widgets.cache import get_activations
from pages.widgets.images import Picture, show_pictures
from pages.widgets.pad import Pad

EXAMPLE_DIGIT, EXAMPLE_STYLE, EXAMPLE_SIDE, EXAMPLE_SEED = 5, "plain", 320, 4
# A layer of more feature maps shows the first ones only.
MAX_MAPS = 24
# In pixels, of a frame and of a feature map.
FRAME_SIDE, MAP_SIDES = 84, {"convolution": 48, "pooling": 36}
# Units of a dense layer in a row, and pixels of each.
STRIP_COLUMNS, UNIT_SIDE = 32, 10


def show_feature_maps(card: ModelCard) -> None:
    """Show the outputs of all layers for the drawing on the pad, or for an example digit."""
    frame, is_own = _take_frame()
    _show_frame(frame, is_own=is_own)
    activations = get_activations(card, frame)
    if not any(activation.kind == "convolution" for activation in activations):
        st.markdown("This model has no convolutions: its layers have outputs, but no feature maps.")
    with st.container(key="feature_maps"):
        for activation in activations:
            _show_activation(activation, frame)


def _take_frame() -> tuple[Frame, bool]:
    """The first digit on the pad and True, or the example digit and False."""
    try:
        return list_digits(find_in_strokes(Pad().drawing()))[0].frame, True
    except EmptyDrawingError:
        random = np.random.default_rng(EXAMPLE_SEED)
        strokes = draw_sample(
            EXAMPLE_DIGIT, style=EXAMPLE_STYLE, canvas_size=EXAMPLE_SIDE, random=random
        )
        return frame_from_strokes(strokes), False


def _show_frame(frame: Frame, *, is_own: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        picture = png_address(bytes_from_frames(frame))
        show_pictures([Picture(picture, "Frame")], width=FRAME_SIDE)
        with st.container(width=320):
            st.markdown("This is your drawing." if is_own else "This is an example digit.")
            st.page_link(
                "draw.py",
                label="Draw another" if is_own else "Draw your own",
                icon=":material/draw:",
            )


def _show_activation(activation: Activation, frame: Frame) -> None:
    """Show the output of one layer; an input that equals the frame is left out."""
    values = activation.values
    if activation.kind == "output":
        st.markdown(f"**Output**: {values.argmax()} with {values.max():.1%}")
    elif activation.kind == "input":
        if not np.allclose(values[..., 0], frame, atol=1e-3):
            st.markdown("**Input**: the frame after the model's own preprocessing")
            description = "The frame after the model's own preprocessing"
            show_pictures([Picture(_list_maps(values)[0], description)], width=FRAME_SIDE)
    elif values.ndim == 1:
        st.markdown(f"**{activation.name}**: {format_shape(values.shape)} units")
        _show_units(activation)
    else:
        st.markdown(f"**{activation.name}**: {_describe_maps(values.shape)}")
        _show_maps(activation)


def _describe_maps(shape: tuple[int, ...]) -> str:
    count = shape[-1]
    return format_shape(shape) + (f", {MAX_MAPS} of {count} maps shown" if count > MAX_MAPS else "")


def _show_units(activation: Activation) -> None:
    strip = grey_strip(activation.values, columns=STRIP_COLUMNS)
    rows, columns = strip.shape
    description = f"{activation.name}, its {len(activation.values)} units"
    show_pictures(
        [Picture(png_address(strip), description)],
        width=UNIT_SIDE * columns,
        height=UNIT_SIDE * rows,
    )


def _show_maps(activation: Activation) -> None:
    show_pictures(
        [
            Picture(address, f"{activation.name}, map {number}")
            for number, address in enumerate(_list_maps(activation.values), start=1)
        ],
        width=MAP_SIDES[activation.kind],
    )


def _list_maps(values: np.ndarray) -> list[str]:
    """Addresses of the first feature maps of ``(H, W, C)`` values as grey pictures."""
    return [png_address(picture) for picture in grey_maps(values)[:MAX_MAPS]]
