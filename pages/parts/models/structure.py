"""The structure of one model: its layers, and the weights of the first one."""

import numpy as np
import streamlit as st

from core.figures.architecture import describe_architecture, draw_architecture, format_shape
from core.figures.digit import png_address
from core.figures.weights import tint_weights
from core.inference.activations import FirstLayer
from core.models.card import ModelCard
from core.models.files import DamagedArtifactError
from pages.widgets.cache import get_first_layer
from pages.widgets.images import Picture, show_pictures

# A longer table of layers scrolls.
MAX_ROWS, ROW_HEIGHT = 12, 35
# A dense layer of more units shows the first ones only.
MAX_UNITS_SHOWN = 16
FILTER_SIDE, TEMPLATE_SIDE = 72, 112  # pixels
# Share of the weights that lie within the colour scale; outliers would make the others pale.
QUANTILE = 0.995


def show_layers(card: ModelCard) -> None:
    """Show the layers as a drawing and as a table."""
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
    """Show the weights of the first layer as pictures."""
    try:
        layer = get_first_layer(card)
    except DamagedArtifactError:
        raise  # a ValueError too, but about the file
    except ValueError:  # a run may begin with a pooling layer
        st.info(
            "The first layer of this model has no weights for single pixels to show.",
            icon=":material/info:",
        )
        return
    weights = layer.weights if layer.kind == "convolution" else layer.weights[:MAX_UNITS_SHOWN]
    limit = max(float(np.quantile(np.abs(weights), QUANTILE)), 1e-6)
    st.markdown(_describe_weights(layer, len(weights)))
    show_pictures(
        _list_pictures(weights, limit=limit, is_template=_has_templates(layer)),
        width=FILTER_SIDE if layer.kind == "convolution" else TEMPLATE_SIDE,
    )
    st.caption(
        "Blue weights are positive: ink there raises the output. Orange weights are negative: ink "
        f"there lowers it. Full colour is ±{limit:.2g}."
    )


def _has_templates(layer: FirstLayer) -> bool:
    """Whether each unit of the layer is a digit, as in logistic regression."""
    return layer.kind == "dense" and len(layer.weights) == 10


def _list_pictures(weights: np.ndarray, *, limit: float, is_template: bool) -> list[Picture]:
    dark = st.context.theme.type == "dark"
    addresses = [png_address(tint_weights(unit, limit=limit, dark=dark)) for unit in weights]
    if is_template:
        return [
            Picture(address, f"Weights of the digit {digit}", str(digit))
            for digit, address in enumerate(addresses)
        ]
    return [
        Picture(address, f"Weights of unit {number}")
        for number, address in enumerate(addresses, start=1)
    ]


def _describe_weights(layer: FirstLayer, shown: int) -> str:
    count = len(layer.weights)
    if layer.kind == "convolution":
        return f"The {count} filters of the first layer. Each is applied at every position."
    if _has_templates(layer):
        return (
            "The template of each digit, with one weight for each pixel. The output for a digit is "
            "the sum of the weights under the ink."
        )
    units = f"{shown} of the {count}" if shown < count else f"The {count}"
    return f"{units} units of the first layer, each with one weight for each pixel."
