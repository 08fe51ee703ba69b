from dataclasses import replace

import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.synthesis.augmentation import Augmentation, distort

NOTHING = Augmentation()


def upright_line(count: int = 200) -> np.ndarray:
    return np.repeat(frame_from_strokes([[(50, 0), (50, 100)]])[None], count, axis=0)


def lean(frames: np.ndarray) -> np.ndarray:
    """Columns of shift for each row, down the ink of each frame."""
    rows, columns = np.mgrid[:28, :28]
    mass = frames.sum(axis=(1, 2))
    down = rows - (frames * rows).sum(axis=(1, 2), keepdims=True) / mass[:, None, None]
    across = columns - (frames * columns).sum(axis=(1, 2), keepdims=True) / mass[:, None, None]
    return (frames * down * across).sum(axis=(1, 2)) / (frames * down**2).sum(axis=(1, 2))


def test_amounts_of_zero_change_nothing(bundled_digits, random):
    frames = bundled_digits.frames[:50]
    assert np.allclose(distort(frames, NOTHING, random), frames, atol=1e-6)


@pytest.mark.parametrize(
    "amounts",
    [
        Augmentation(rotation=15),
        Augmentation(scale=0.2),
        Augmentation(shear=0.2),
        Augmentation(shift=2),
        Augmentation(bend=1.0),
        Augmentation(thickness=0.6),
    ],
)
def test_every_amount_changes_frames_within_their_range(bundled_digits, random, amounts):
    frames = bundled_digits.frames[:100]
    changed = distort(frames, amounts, random)
    assert changed.dtype == np.float32
    assert changed.shape == frames.shape
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert np.abs(changed - frames).max(axis=(1, 2)).min() > 0
    assert len({one.tobytes() for one in changed}) == len(changed)


def test_rotation_and_shear_lean_a_line_as_far_as_they_may(random):
    turned = lean(distort(upright_line(), replace(NOTHING, rotation=12), random))
    assert np.abs(turned).max() == pytest.approx(np.tan(np.radians(12)), abs=0.02)
    assert turned.min() < 0 < turned.max()
    sheared = lean(distort(upright_line(), replace(NOTHING, shear=0.2), random))
    assert np.abs(sheared).max() == pytest.approx(0.2, abs=0.02)


def test_bends_are_smooth_and_as_long_as_they_may_be(bundled_digits, random):
    frames = bundled_digits.frames[:300]
    slight = distort(frames, replace(NOTHING, bend=0.2), random)
    strong = distort(frames, replace(NOTHING, bend=2.0), random)
    assert np.abs(strong - frames).mean() > 3 * np.abs(slight - frames).mean()


def test_strokes_grow_wider_and_thinner(random):
    frames = upright_line()
    changed = distort(frames, replace(NOTHING, thickness=1.0), random)
    ink = changed.sum(axis=(1, 2)) / frames.sum(axis=(1, 2))
    assert ink.max() > 1.5
    assert ink.min() < 0.6


def test_the_same_random_numbers_give_the_same_frames(bundled_digits):
    amounts = Augmentation(rotation=10, bend=0.5, thickness=0.5)
    first, second = (
        distort(bundled_digits.frames[:20], amounts, np.random.default_rng(3)) for _ in range(2)
    )
    assert np.array_equal(first, second)


def test_frames_are_changed_as_they_were_when_the_models_were_trained(bundled_digits):
    amounts = Augmentation(rotation=12, scale=0.15, shear=0.2, shift=1.5, bend=0.6, thickness=0.8)
    changed = distort(bundled_digits.frames[:64], amounts, np.random.default_rng(11))
    places = np.linspace(0, 1, changed.size).reshape(changed.shape)
    assert changed.sum(dtype=np.float64) == pytest.approx(7904.9951, rel=1e-6)
    assert (changed * places).sum() == pytest.approx(3887.3090, rel=1e-6)
