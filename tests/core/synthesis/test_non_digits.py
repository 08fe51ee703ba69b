import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.synthesis.glyphs import Glyph
from core.synthesis.non_digits import HELD_OUT, IN_TRAINING, draw_non_digit

# The cosine of two frames from which they show one shape.
SAME_SHAPE = 0.9


def render(glyph: Glyph, size: float = 1.0) -> np.ndarray:
    """The frame of a glyph without variations, as a vector of length 1."""
    strokes = [size * np.array(stroke, float) + 20 for stroke in glyph]
    vector = frame_from_strokes(strokes).ravel()
    return vector / np.linalg.norm(vector)


def test_no_held_out_shape_looks_like_one_of_training():
    glyphs = [glyph for variants in IN_TRAINING.values() for glyph in variants]
    in_training = [render(glyph) for glyph in glyphs]
    for glyph in HELD_OUT.values():
        assert max(render(glyph) @ other for other in in_training) < SAME_SHAPE < 1
    for glyph, drawn in zip(glyphs, in_training, strict=True):
        assert render(glyph, size=2.0) @ drawn > SAME_SHAPE


@pytest.mark.parametrize("held_out", [False, True])
def test_non_digits_lie_on_the_canvas_and_differ(random, held_out):
    frames = set()
    for _ in range(60):
        strokes = draw_non_digit(held_out=held_out, canvas_size=280, random=random)
        points = np.concatenate(strokes)
        assert points.min() >= 0
        assert points.max() <= 280
        frames.add(frame_from_strokes(strokes).tobytes())
    assert len(frames) == 60


def test_the_same_seed_gives_the_same_non_digit():
    first, second = (
        draw_non_digit(canvas_size=280, random=np.random.default_rng(4)) for _ in range(2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
