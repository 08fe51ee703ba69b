import numpy as np
import pytest

from core.synthesis.glyphs import draw_sample
from core.synthesis.symbols import (
    bend_strokes,
    draw_bent_digits,
    draw_bent_non_digits,
    draw_neighbours,
)

MAKERS = [draw_bent_digits, draw_neighbours, draw_bent_non_digits]


def measure_aspect(frame: np.ndarray) -> float:
    rows, columns = (np.ptp(np.flatnonzero(frame.max(axis=axis) > 0.1)) for axis in (1, 0))
    return columns / max(rows, 1)


@pytest.mark.parametrize("make", MAKERS)
def test_frames_have_ink_and_the_same_seed_gives_the_same_frames(make):
    frames, again = (make(10, np.random.default_rng(3)) for _ in range(2))
    assert frames.shape == (10, 28, 28)
    assert frames.dtype == np.float32
    assert ((frames.max(axis=(1, 2)) > 0.5) & (frames.min(axis=(1, 2)) == 0)).all()
    assert np.array_equal(frames, again)
    assert len({frame.tobytes() for frame in frames}) == 10


def test_several_digits_are_wider_than_one(random):
    one, several = (
        np.median([measure_aspect(frame) for frame in make(100, random)])
        for make in (draw_bent_digits, draw_neighbours)
    )
    assert several > 1.5 * one


def test_a_bent_drawing_keeps_its_strokes_and_nearly_its_shape(random):
    strokes = draw_sample(4, style="open", canvas_size=280, random=random)
    bent = bend_strokes(strokes, random)
    assert [len(stroke) for stroke in bent] == [len(stroke) for stroke in strokes]
    height = np.ptp(np.concatenate(strokes)[:, 1])
    before = np.concatenate(strokes) / height
    after = np.concatenate(bent)
    # Distances along the height change by the waves alone, of 0.07 √3 at most.
    change = np.diff(after[:, 1]).sum() - np.diff(before[:, 1]).sum()
    assert 0 < abs(change) < 4 * 0.07 * np.sqrt(3)
    assert not np.allclose(after - after[0], before - before[0], atol=0.01)


def test_the_unit_and_the_place_of_a_drawing_do_not_matter():
    strokes = draw_sample(7, style="crossed", canvas_size=280, random=np.random.default_rng(1))
    moved = [3 * stroke + [50, -20] for stroke in strokes]
    first, second = (bend_strokes(one, np.random.default_rng(2)) for one in (strokes, moved))
    assert all(np.allclose(a, b) for a, b in zip(first, second, strict=True))
