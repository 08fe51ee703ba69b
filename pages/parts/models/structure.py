"""What a model is made of: its layers, its weights and what it makes of a drawing."""

import numpy as np
import streamlit as st

from core.digits.frame import EmptyDrawingError, frame_from_strokes
from core.digits.strokes import strokes_from_canvas
from core.figures.architecture import describe_architecture, draw_architecture, format_shape
from core.figures.digit import png_address
from core.figures.weights import grey_maps, grey_strip, tint_weights
from core.inference.activations import Activation
from core.models.card import ModelCard
from core.synthesis.glyphs import draw_sample
from pages.widgets.cache import get_activations, get_first_layer
from pages.widgets.images import Picture, show_pictures

# How many units of a dense layer, and maps of any, are shown.
MAX_UNITS_SHOWN, MAX_MAPS = 16, 24
# A longer table of layers scrolls.
MAX_ROWS, ROW_HEIGHT = 12, 35
SAMPLE_DIGIT, SAMPLE_HABIT, SAMPLE_SEED = 5, "plain", 4
SIDES = {"convolution": 48, "pooling": 36}
STRIP_COLUMNS, UNIT_SIDE = 32, 10


def show_layers(card: ModelCard) -> None:
    """The network as a drawing, and the same in numbers."""
    drawing, table = st.columns([2, 3], gap="large")
    drawing.plotly_chart(
        draw_architecture(card.layers, dark=st.context.theme.type == "dark"),
        key="architecture",
        config={"displayModeBar": False},
        alt=f"{card.title}: {describe_architecture(card.layers)}",
    )
    table.dataframe(
        [
            {
                "Layer": layer.name,
                "Output": format_shape(layer.output_shape),
                "Parameters": layer.parameters,
                "Kind": layer.kind,
            }
            for layer in card.layers
        ],
        hide_index=True,
        height="content" if len(card.layers) <= MAX_ROWS else ROW_HEIGHT * (MAX_ROWS + 1),
        column_config={"Parameters": st.column_config.NumberColumn(format="localized")},
        alt=f"Layers of {card.title}",
    )


def show_weights(card: ModelCard) -> None:
    """The weights that look at the pixels, as pictures."""
    try:
        layer = get_first_layer(card)
    except ValueError:  # of somebody's own layers: pooling may come first
        st.info("No weight of this model looks at the pixels themselves.", icon=":material/info:")
        return
    templates = layer.kind == "dense" and len(layer.weights) == 10
    shown = layer.weights[: 10 if templates else MAX_UNITS_SHOWN if layer.kind == "dense" else None]
    limit = max(float(np.quantile(np.abs(shown), 0.995)), 1e-6)
    st.markdown(_introduce_weights(layer.kind, len(shown), len(layer.weights)))
    dark = st.context.theme.type == "dark"
    show_pictures(
        [
            Picture(
                png_address(tint_weights(weights, limit=limit, dark=dark)),
                f"Weights of the digit {unit}" if templates else f"Weights of unit {unit + 1}",
                str(unit) if templates else "",
            )
            for unit, weights in enumerate(shown)
        ],
        width=72 if layer.kind == "convolution" else 112,
    )
    st.caption(f"Blue: ink there speaks for it. Orange: against it. Full colour is ±{limit:.2g}.")


def show_feature_maps(card: ModelCard) -> None:
    """What every layer makes of the drawing on the pad, or of one of ours."""
    frame, own = _take_frame()
    with st.container(horizontal=True, vertical_alignment="center"):
        show_pictures(
            [Picture(png_address(np.round(frame * 255).astype(np.uint8)), "Frame")], width=84
        )
        with st.container(width=320):
            st.markdown("This is your drawing." if own else "This is one of our drawings.")
            st.page_link(
                "draw.py",
                label="Draw another" if own else "Draw your own",
                icon=":material/draw:",
            )
    activations = get_activations(card, frame)
    if not any(one.kind == "convolution" for one in activations):
        st.markdown(
            "A model without filters keeps no picture of the digit, only how active its units are."
        )
    for one in activations:
        if one.kind == "output":
            st.markdown(f"**Output**, {one.values.argmax()} with {one.values.max():.1%}")
        elif one.kind != "input":
            _show_activation(one)
        elif not np.allclose(one.values[..., 0], frame, atol=1e-3):
            st.markdown("**Input**, the drawing as the model prepares it")
            show_pictures(
                [Picture(_address_maps(one)[0], "The drawing as the model prepares it")], width=84
            )


def _introduce_weights(kind: str, shown: int, count: int) -> str:
    if kind == "convolution":
        return (
            f"The {count} filters of the first layer. Each slides over the digit, seeking its own."
        )
    if shown == count:
        return "One weight a pixel and class: the templates that the digit is compared with."
    return (
        f"{shown} of the {count} units of the first layer, and what each looks for in the pixels."
    )


def _take_frame() -> tuple[np.ndarray, bool]:
    """The frame of the drawing on the pad, or of one of ours; and whether it is the pad's."""
    try:
        return frame_from_strokes(strokes_from_canvas(st.session_state.get("pad_drawing"))), True
    except EmptyDrawingError:
        random = np.random.default_rng(SAMPLE_SEED)
        strokes = draw_sample(SAMPLE_DIGIT, style=SAMPLE_HABIT, canvas_size=320, random=random)
        return frame_from_strokes(strokes), False


def _show_activation(one: Activation) -> None:
    count = one.values.shape[-1]
    part = f", {MAX_MAPS} of {count} shown" if one.values.ndim > 1 and count > MAX_MAPS else ""
    st.markdown(f"**{one.name}**, {format_shape(one.values.shape)}{part}")
    if one.values.ndim == 1:
        strip = grey_strip(one.values, columns=STRIP_COLUMNS)
        rows, columns = strip.shape
        show_pictures(
            [Picture(png_address(strip), f"{one.name}, its {len(one.values)} units")],
            width=UNIT_SIDE * columns,
            height=UNIT_SIDE * rows,
        )
    else:
        addresses = _address_maps(one)
        show_pictures(
            [
                Picture(address, f"{one.name}, map {place + 1}")
                for place, address in enumerate(addresses)
            ],
            width=SIDES[one.kind],
        )


def _address_maps(one: Activation) -> list[str]:
    return [png_address(picture) for picture in grey_maps(one.values)[:MAX_MAPS]]
