"""Wrong segments: frames of what is no single digit, made of digits."""

import numpy as np
import pytest

from core.digits.frame import BOX_SIZE, crop_to_ink
from core.synthesis import wrong_segments
from core.synthesis.wrong_segments import draw_wrong_segments

COUNT = 60


@pytest.fixture
def digits(bundled_digits):
    return bundled_digits.frames[:200]


def draw_kind(kind, digits, random, monkeypatch):
    shares = [float(other == kind) for other in wrong_segments.KINDS]
    monkeypatch.setattr(wrong_segments, "SHARES", shares)
    return draw_wrong_segments(digits, COUNT, random)


def test_they_are_frames_of_the_usual_size_and_no_two_are_equal(digits, random):
    frames = draw_wrong_segments(digits, COUNT, random)
    assert frames.shape == (COUNT, 28, 28)
    assert frames.min() >= 0
    assert frames.max(axis=(1, 2)) == pytest.approx(1, abs=0.05)
    assert len({frame.tobytes() for frame in frames}) == COUNT
    sides = [max(crop_to_ink(frame).shape) for frame in frames]
    assert max(sides) <= BOX_SIZE


def test_neighbours_are_wider_than_digits_and_stacked_ones_higher(digits, random, monkeypatch):
    def find_aspect(frames: np.ndarray) -> float:
        shapes = np.array([crop_to_ink(frame).shape for frame in frames])
        return float(np.median(shapes[:, 1] / shapes[:, 0]))

    beside = draw_kind(wrong_segments._join_neighbours, digits, random, monkeypatch)
    above = draw_kind(wrong_segments._stack_neighbours, digits, random, monkeypatch)
    assert find_aspect(beside) > find_aspect(digits) > find_aspect(above)


def test_a_box_has_most_of_its_sides(digits, random, monkeypatch):
    def count_sides(frame: np.ndarray) -> int:
        ink = crop_to_ink(frame) > 0.1
        return sum(side.mean() > 0.9 for side in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))

    boxes = draw_kind(wrong_segments._draw_box, digits, random, monkeypatch)
    assert np.mean([count_sides(frame) for frame in boxes]) > 3
    assert max(map(count_sides, digits)) < 3


def test_inverted_paper_has_ink_where_a_digit_has_none(digits, random, monkeypatch):
    frames = draw_kind(wrong_segments._invert_paper, digits, random, monkeypatch)
    assert np.median(frames.sum(axis=(1, 2))) > 2 * np.median(digits.sum(axis=(1, 2)))


def test_the_same_seed_gives_the_same_frames(digits):
    first, second = (draw_wrong_segments(digits, 9, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(first, second)
