"""Defects: what finding the ink of a picture leaves on a digit."""

import numpy as np
import pytest

from core.synthesis import defects
from core.synthesis.defects import add_defects


def add_kind(kind, frames, random, monkeypatch):
    monkeypatch.setattr(defects, "DEFECTS", (kind,))
    return add_defects(frames, share=1.0, random=random)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_changed_frames_is_the_one_asked_for(bundled_digits, random, share):
    frames = bundled_digits.frames[:600]
    kept = frames.copy()
    changed = add_defects(frames, share=share, random=random)
    assert (changed != frames).any(axis=(1, 2)).mean() == pytest.approx(share, abs=0.07)
    assert np.array_equal(frames, kept)
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_specks_only_add_ink_and_little_of_it(bundled_digits, random, monkeypatch):
    frames = bundled_digits.frames[:100]
    added = add_kind(defects._add_specks, frames, random, monkeypatch) - frames
    assert added.min() >= 0
    assert 0 < np.median(added.sum(axis=(1, 2))) < 0.3 * np.median(frames.sum(axis=(1, 2)))


def test_a_thin_pen_that_skips_only_loses_ink_at_the_edges_and_in_gaps(
    bundled_digits, random, monkeypatch
):
    frames = bundled_digits.frames[:100]
    thin = add_kind(defects._thin_and_break, frames, random, monkeypatch)
    assert thin.sum() < 0.9 * frames.sum()
    assert (thin[frames == 0] == 0).all()


def test_blur_spreads_ink_and_keeps_the_darkest_pixel(bundled_digits, random, monkeypatch):
    frames = bundled_digits.frames[:100]
    blurred = add_kind(defects._blur, frames, random, monkeypatch)
    assert (blurred > 0).sum() > 1.2 * (frames > 0).sum()
    assert blurred.max(axis=(1, 2)) == pytest.approx(1, abs=1e-3)


def test_a_wrong_crop_moves_or_scales_the_digit(bundled_digits, random, monkeypatch):
    frames = bundled_digits.frames[:100]
    cropped = add_kind(defects._crop_wrongly, frames, random, monkeypatch)
    ratio = (cropped > 0.3).sum(axis=(1, 2)) / (frames > 0.3).sum(axis=(1, 2))
    assert np.std(ratio) > 0.05
    assert 0.5 < np.median(ratio) < 1.3
