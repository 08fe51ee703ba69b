import numpy as np
import pytest
from scipy import ndimage

from core.synthesis.warping import CENTRE, change_thickness, map_affinely, resample

IDENTITY = np.eye(2)[None]


def test_the_identity_changes_nothing(bundled_digits):
    frames = bundled_digits.frames[:20]
    places = map_affinely(np.repeat(IDENTITY, 20, axis=0), np.zeros((20, 2)))
    assert np.array_equal(resample(frames, places), frames)


def test_a_warp_agrees_with_scipy(bundled_digits):
    frame = bundled_digits.frames[7]
    matrix, shift = np.array([[0.9, -0.3], [0.2, 1.1]]), np.array([1.25, -0.5])
    warped = resample(frame[None], map_affinely(matrix[None], shift[None]))[0]
    offset = shift + CENTRE - matrix @ np.full(2, CENTRE)
    expected = ndimage.affine_transform(frame, matrix, offset, order=1, mode="grid-constant")
    assert np.abs(warped - expected).max() < 2e-3


def test_each_frame_has_its_own_map():
    frames = np.zeros((2, 28, 28), np.float32)
    frames[:, 10, 12] = 1
    shift = np.array([[0.0, 0.0], [3.0, -2.0]])
    moved = resample(frames, map_affinely(np.repeat(IDENTITY, 2, axis=0), shift))
    assert moved[0, 10, 12] == 1
    assert moved[1, 7, 14] == 1


@pytest.mark.parametrize(("share", "pixels"), [(-1, 0), (-0.5, 0.5), (0, 1), (0.5, 3), (1, 5)])
def test_a_single_pixel_of_ink_grows_to_a_cross_or_fades(share, pixels):
    frames = np.zeros((1, 28, 28), np.float32)
    frames[0, 14, 14] = 1
    assert change_thickness(frames, share).sum() == pytest.approx(pixels)
