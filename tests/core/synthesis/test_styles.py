import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.synthesis.glyphs import draw_sample
from core.synthesis.styles import STYLES, draw_digits, draw_non_digits, paint_styles


def plain_digits(digit: int, random: np.random.Generator, count: int = 60) -> np.ndarray:
    style = "closed" if digit == 4 else "plain"
    return np.stack(
        [
            frame_from_strokes(draw_sample(digit, style=style, canvas_size=280, random=random))
            for _ in range(count)
        ]
    )


@pytest.mark.parametrize("digit", sorted({style.digit for style in STYLES} | {1}))
def test_the_given_share_of_digits_with_styles_is_changed(random, digit):
    frames = plain_digits(digit, random)
    labels = np.full(len(frames), digit, np.uint8)
    changed = (paint_styles(frames, labels, share=1.0, random=random) != frames).any(axis=(1, 2))
    assert changed.mean() > 0.9
    half = (paint_styles(frames, labels, share=0.5, random=random) != frames).any(axis=(1, 2))
    assert 0.25 < half.mean() < 0.75


def test_slashes_and_dots_put_ink_inside_a_zero(random):
    frames = plain_digits(0, random)
    painted = paint_styles(frames, np.zeros(len(frames), np.uint8), share=1.0, random=random)
    inside = (slice(None), slice(12, 16), slice(12, 16))
    assert frames[inside].max() < 0.5
    assert (painted[inside].max(axis=(1, 2)) > 0.5).mean() > 0.9


def test_a_foot_stands_at_the_lower_end_of_a_one(random):
    frames = plain_digits(1, random, 200)
    painted = paint_styles(frames, np.ones(len(frames), np.uint8), share=1.0, random=random)
    widened = ((painted - frames) > 0.5).any(axis=1).sum(axis=1)  # columns that got ink
    assert (widened >= 3).mean() > 0.8
    added = (painted - frames).sum(axis=2)  # by row
    assert added[:, 18:].sum() > 0
    assert added[:, :14].sum() > 0


@pytest.mark.parametrize("digit", [2, 3, 8])
def test_digits_without_styles_are_unchanged(random, digit):
    frames = plain_digits(digit, random, 10)
    labels = np.full(10, digit, np.uint8)
    assert np.array_equal(paint_styles(frames, labels, share=1.0, random=random), frames)


def test_painting_does_not_change_the_given_frames(random):
    frames = plain_digits(0, random, 10)
    before = frames.copy()
    paint_styles(frames, np.zeros(10, np.uint8), share=1.0, random=random)
    assert np.array_equal(frames, before)


def test_drawn_digits_are_all_different_and_equally_frequent(random):
    frames, labels = draw_digits(50, random)
    assert frames.shape == (50, 28, 28)
    assert np.array_equal(np.bincount(labels), np.full(10, 5))
    assert len({frame.tobytes() for frame in frames}) == 50


@pytest.mark.parametrize("count", [0, 3])
def test_the_given_number_of_digits_and_non_digits_is_drawn(random, count):
    assert draw_non_digits(count, random).shape == (count, 28, 28)
    assert draw_digits(count, random)[0].shape == (count, 28, 28)
