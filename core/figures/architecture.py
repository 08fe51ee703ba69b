"""A drawing of a network: a block for each layer, from the frame to the probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log2

import plotly.graph_objects as go

from core.digits.frame import FRAME_SIZE
from core.figures.style import LAYER_COLOURS, lay_out, text_colour
from core.models.card import Layer

# Title and colour of each kind of layer.
KINDS = {
    "Conv2D": ("Convolution", "convolution"),
    "DepthwiseConv2D": ("Convolution", "convolution"),
    "SeparableConv2D": ("Convolution", "convolution"),
    "MaxPooling2D": ("Max pooling", "pooling"),
    "AveragePooling2D": ("Average pooling", "pooling"),
    "GlobalAveragePooling2D": ("Average pooling", "pooling"),
    "Dense": ("Dense", "dense"),
    "ZeroPadding2D": ("Padding", "other"),
    "ClearPaper": ("Background removal", "other"),
    "EvenPen": ("Even stroke width", "other"),
    "SetUpright": ("Deskew and resize", "other"),
}
# Layers without a block of their own: these words are added to the block before them.
ATTACHED = {
    "BatchNormalization": "batch norm",
    "ReLU": "ReLU",
    "Activation": "activation",
    "Dropout": "dropout",
    "Flatten": "",
    "Reshape": "",
    "InputLayer": "",
}

# All lengths are pixels. MIDDLE is the centre of the blocks, TEXT_LEFT the left edge of the text.
ROW_HEIGHT = 54
MIDDLE, TEXT_LEFT = 56, 122
MAX_SIDE, MAX_BAR, BAR_HEIGHT = 34, 104, 11
SHEET_OFFSET, MAX_SHEETS = 4, 7


@dataclass(frozen=True)
class Block:
    """A block of the drawing: a layer and the layers attached to it."""

    title: str
    colour: str
    shape: tuple[int, ...]
    parameters: int
    attached: tuple[str, ...] = ()


def list_blocks(layers: Sequence[Layer]) -> list[Block]:
    """The blocks of a network, the frame first; layers of the same kind are numbered."""
    blocks = [Block("Frame", "input", (FRAME_SIZE, FRAME_SIZE), 0)]
    for layer in layers:
        if layer.kind in ATTACHED:
            words = tuple(word for word in (ATTACHED[layer.kind],) if word)
            blocks[-1] = replace(
                blocks[-1],
                parameters=blocks[-1].parameters + layer.parameters,
                attached=blocks[-1].attached + words,
            )
        else:
            title, colour = KINDS.get(layer.kind, (layer.kind, "other"))
            blocks.append(Block(title, colour, layer.output_shape, layer.parameters))
    if layers[-1].kind == "Dense":
        blocks[-1] = replace(blocks[-1], title="Probabilities")
    titles = [block.title for block in blocks]
    return [
        replace(block, title=f"{block.title} {titles[: place + 1].count(block.title)}")
        if titles.count(block.title) > 1
        else block
        for place, block in enumerate(blocks)
    ]


def describe_architecture(layers: Sequence[Layer]) -> str:
    """The drawing in words."""
    return ", then ".join(
        f"{block.title.lower()} of {format_shape(block.shape)}" for block in list_blocks(layers)
    )


def format_shape(shape: Sequence[int]) -> str:
    """A shape in the form 24×24×6."""
    return "×".join(str(side) for side in shape)


def draw_architecture(layers: Sequence[Layer], *, dark: bool) -> go.Figure:
    """Sheets for feature maps, bars for units; sides and counts grow with their logarithm."""
    blocks = list_blocks(layers)
    height = ROW_HEIGHT * len(blocks)
    figure = go.Figure(go.Scatter(x=[0], y=[0], opacity=0, hoverinfo="skip", showlegend=False))
    figure.add_shape(
        type="line",
        x0=MIDDLE, x1=MIDDLE, y0=ROW_HEIGHT / 2, y1=height - ROW_HEIGHT / 2,
        line={"color": "rgba(127,127,127,0.5)", "width": 2},
    )  # fmt: skip
    for row, block in enumerate(blocks):
        _draw_block(figure, block, ROW_HEIGHT * (row + 0.5), dark=dark)
    axis = {"visible": False, "fixedrange": True}
    # One unit is one pixel: the height is fixed, and the width has the same scale.
    figure.update_yaxes(**axis, range=[height, 0])
    figure.update_xaxes(
        **axis, range=[0, TEXT_LEFT], scaleanchor="y", constrain="range", constraintoward="left"
    )
    return lay_out(figure, height=height + 16)


def _draw_block(figure: go.Figure, block: Block, middle: float, *, dark: bool) -> None:
    """Add the rectangles and the text of a block, with its vertical centre."""
    for x0, y0, x1, y1 in _place_rectangles(block.shape, middle):
        figure.add_shape(
            type="rect",
            x0=x0, y0=y0, x1=x1, y1=y1,
            fillcolor=LAYER_COLOURS[block.colour],
            line={"color": "rgba(255,255,255,0.75)", "width": 1},
        )  # fmt: skip
    figure.add_annotation(
        x=TEXT_LEFT, y=middle, xanchor="left", yanchor="middle", align="left",
        showarrow=False, text=_label_block(block), font={"color": text_colour(dark=dark)},
    )  # fmt: skip


def _place_rectangles(
    shape: tuple[int, ...], middle: float
) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of the rectangles of a block, from back to front."""
    if len(shape) < 2:
        half = min(MAX_BAR, MAX_BAR * log2(1 + shape[0]) / 10) / 2
        return [(MIDDLE - half, middle - BAR_HEIGHT / 2, MIDDLE + half, middle + BAR_HEIGHT / 2)]
    side = min(MAX_SIDE, MAX_SIDE * log2(1 + shape[0]) / log2(1 + FRAME_SIZE))
    sheets = min(MAX_SHEETS, round(log2(1 + shape[2]))) if len(shape) > 2 else 1
    spread = SHEET_OFFSET * (sheets - 1)
    left, top = MIDDLE - (side + spread) / 2, middle - (side - spread / 2) / 2
    corners = [
        (left + spread - SHEET_OFFSET * sheet, top - spread / 2 + SHEET_OFFSET * sheet / 2)
        for sheet in range(sheets)
    ]
    return [(x, y, x + side, y + side) for x, y in corners]


def _label_block(block: Block) -> str:
    details = [f"{block.parameters:,} parameters"] if block.parameters else []
    details += block.attached
    second = f"<br><span style='font-size:11px'>{', '.join(details)}</span>" if details else ""
    return f"<b>{block.title}</b>  {format_shape(block.shape)}{second}"
