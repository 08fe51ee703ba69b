import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.synthesis.non_digits import HELD_OUT, IN_TRAINING, draw_non_digit


def test_what_is_trained_on_never_comes_as_a_surprise():
    assert not set(IN_TRAINING) & set(HELD_OUT)


@pytest.mark.parametrize("held_out", [False, True])
def test_scribbles_lie_on_the_canvas_and_differ(random, held_out):
    frames = set()
    for _ in range(60):
        strokes = draw_non_digit(held_out=held_out, canvas_size=280, random=random)
        points = np.concatenate(strokes)
        assert points.min() >= 0
        assert points.max() <= 280
        frames.add(frame_from_strokes(strokes).tobytes())
    assert len(frames) == 60


def test_the_same_random_numbers_draw_the_same_scribble():
    first, second = (
        draw_non_digit(canvas_size=280, random=np.random.default_rng(4)) for _ in range(2)
    )
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
