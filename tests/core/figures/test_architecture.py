"""The drawing of a network."""

import pytest

from core.figures.architecture import (
    MIDDLE,
    ROW_HEIGHT,
    TEXT_LEFT,
    describe_architecture,
    draw_architecture,
    list_blocks,
)
from core.models.card import Layer
from core.models.files import list_model_ids, load_card

LAYERS = (
    Layer("channel", "Reshape", (28, 28, 1), 0),
    Layer("convolution_1", "Conv2D", (24, 24, 6), 150),
    Layer("normalisation_1", "BatchNormalization", (24, 24, 6), 24),
    Layer("pooling", "MaxPooling2D", (12, 12, 6), 0),
    Layer("convolution_2", "Conv2D", (8, 8, 16), 2416),
    Layer("flatten", "Flatten", (1024,), 0),
    Layer("odd", "SomethingNew", (7,), 1),
    Layer("probabilities", "Dense", (10,), 80),
)


def test_normalisation_belongs_to_the_block_before_it():
    blocks = list_blocks(LAYERS)
    assert [block.title for block in blocks] == [
        "Frame", "Convolution 1", "Max pooling", "Convolution 2", "SomethingNew", "Probabilities",
    ]  # fmt: skip
    assert (blocks[1].parameters, blocks[1].attached) == (174, ("batch norm",))


def test_the_drawing_is_described_in_words():
    assert describe_architecture(LAYERS).startswith(
        "frame of 28×28, then convolution 1 of 24×24×6, then max pooling of 12×12×6"
    )


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("model_id", list_model_ids())
def test_blocks_overlap_neither_each_other_nor_the_text(model_id, dark):
    layers = load_card(model_id).layers
    figure = draw_architecture(layers, dark=dark)
    assert len(figure.layout.annotations) == len(list_blocks(layers))
    for shape in figure.layout.shapes[1:]:
        assert 0 <= shape.x0 < shape.x1 < TEXT_LEFT
        assert shape.y0 // ROW_HEIGHT == (shape.y1 - 1e-6) // ROW_HEIGHT


def test_blocks_are_smaller_for_smaller_maps_and_have_more_sheets_for_more_channels():
    shapes = draw_architecture(LAYERS, dark=False).layout.shapes[1:]
    first, second = (
        [shape for shape in shapes if shape.y0 // ROW_HEIGHT == row and shape.x0 < MIDDLE]
        for row in (1, 4 - 1)
    )
    assert first[0].x1 - first[0].x0 > second[0].x1 - second[0].x0
    assert len(second) > len(first)
