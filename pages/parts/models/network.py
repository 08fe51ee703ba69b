"""The network of a model for one frame, as the browser shows it.

Where the browser cannot predict, the server shows the output of every layer.
"""

import numpy as np
import streamlit as st

from core.digits.found_digits import list_digits
from core.digits.frame import EmptyDrawingError, Frame, bytes_from_frames
from core.figures.architecture import format_shape
from core.figures.digit import png_address
from core.figures.weights import grey_maps, grey_strip
from core.inference.activations import Activation
from core.inference.number import find_in_strokes
from core.models.card import ModelCard
from core.runs.training_data import BUNDLED_DIGITS_TEST
from pages.widgets import network
from pages.widgets.cache import get_activations
from pages.widgets.data import get_dataset
from pages.widgets.images import Picture, show_pictures
from pages.widgets.live import predicts_in_browser
from pages.widgets.pad import Pad

MINE = "My drawing"
EXAMPLES, DEFAULT_EXAMPLE = [str(digit) for digit in range(10)], "5"
# A layer of more feature maps shows the first ones only.
MAX_MAPS = 24
# In pixels, of a frame and of a feature map.
FRAME_SIDE, MAP_SIDES = 84, {"convolution": 48, "pooling": 36}
# Units of a dense layer in a row, and pixels of each.
STRIP_COLUMNS, UNIT_SIDE = 32, 10


def show_network(card: ModelCard) -> None:
    """Show the network of a model for the drawing on the pad, or for an example digit."""
    frame = _pick_frame()
    with st.container(key="network_picture"):
        if predicts_in_browser():
            network.show_network([card], frame)
        else:
            _show_feature_maps(card, frame)


def _pick_frame() -> Frame:
    """The frame of the first digit on the pad, or of the example that the visitor picks."""
    own = _find_drawn()
    choices = [*([] if own is None else [MINE]), *EXAMPLES]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = st.segmented_control(
            "Digit",
            choices,
            default=DEFAULT_EXAMPLE if own is None else MINE,
            required=True,
            key="network_digit",
            bind="query-params",
        )
        st.page_link("draw.py", label="Draw a digit", icon=":material/draw:")
    return _find_example(choice) if own is None or choice != MINE else own


def _find_drawn() -> Frame | None:
    try:
        return list_digits(find_in_strokes(Pad().drawing()))[0].frame
    except EmptyDrawingError:
        return None


def _find_example(digit: str) -> Frame:
    """The first of the bundled digits whose label is this digit."""
    examples = get_dataset(BUNDLED_DIGITS_TEST)
    frame: Frame = examples.frames[examples.labels == int(digit)][0]
    return frame


def _show_feature_maps(card: ModelCard, frame: Frame) -> None:
    """Show the outputs of all layers, as the server computes them."""
    show_pictures([Picture(png_address(bytes_from_frames(frame)), "Frame")], width=FRAME_SIDE)
    activations = get_activations(card, frame)
    if not any(activation.kind == "convolution" for activation in activations):
        st.markdown("This model has no convolutions: its layers have outputs, but no feature maps.")
    for activation in activations:
        _show_activation(activation, frame)


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
