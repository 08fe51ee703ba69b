import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.synthesis.non_digits import HELD_OUT, IN_TRAINING, draw_non_digit


def test_no_held_out_shape_is_used_in_training():
    assert not set(IN_TRAINING) & set(HELD_OUT)
    assert all(glyph not in IN_TRAINING.values() for glyph in HELD_OUT.values())


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
