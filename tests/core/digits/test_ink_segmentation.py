import numpy as np
import pytest

from core.digits.frame import crop_to_ink, place_by_centre_of_mass, scale_to_box
from core.digits.ink import EmptyDrawingError
from core.digits.ink_segmentation import MAX_COMPONENTS, segment_ink
from tests.numbers import draw_ink, write_number


def frame_of(ink: np.ndarray) -> np.ndarray:
    return place_by_centre_of_mass(scale_to_box(crop_to_ink(ink)))


@pytest.mark.parametrize("digit", "0123456789")
def test_the_ink_of_one_digit_gives_the_frame_of_all_its_ink(digit, random):
    ink = draw_ink(write_number(digit, random))
    frames = segment_ink(ink).frames
    assert any(np.array_equal(frame, frame_of(ink)) for frame in frames)


def test_each_digit_of_a_row_is_a_candidate_with_its_own_ink(random):
    ink = draw_ink(write_number("38", random, gap=0.3))
    columns = np.flatnonzero(~ink.any(axis=0))
    middle = int(columns[len(columns) // 2])
    graph = segment_ink(ink)
    for part in (ink[:, :middle], ink[:, middle:]):
        assert any(np.array_equal(frame, frame_of(part)) for frame in graph.frames)


def test_a_box_surrounds_the_ink_of_its_candidate(random):
    ink = np.pad(draw_ink(write_number("0", random), margin=0), ((30, 10), (70, 20)))
    widest = max(segment_ink(ink).candidates, key=lambda item: item.ink)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    expected = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    assert widest.digit.box == pytest.approx(expected, abs=1)
    assert widest.ink == pytest.approx(1, abs=0.01)


def test_touching_digits_are_cut(random):
    strokes = write_number("38", random, gap=0.1)
    ink = draw_ink(strokes, pen=14)
    boxes = [item.digit.box for item in segment_ink(ink).candidates]
    whole = max(right - left for left, _, right, _ in boxes)
    assert whole > 100  # both digits are one component
    assert any(right - left < 0.65 * whole and right < 0.7 * whole for left, _, right, _ in boxes)


def test_specks_belong_to_no_digit(random):
    ink = draw_ink(write_number("8", random), margin=60)
    specked = ink.copy()
    specked[5:10, 5:10] = specked[-12:-6, -9:-4] = 1
    assert np.array_equal(segment_ink(specked).frames, segment_ink(ink).frames)


def test_noise_of_thousands_of_components_gives_a_bounded_number_of_candidates(random):
    ink = (random.random((300, 300)) > 0.97).astype(np.float32)
    ink = np.kron(ink, np.ones((3, 3), np.float32))
    graph = segment_ink(ink)
    assert len(graph.frames) < 20 * MAX_COMPONENTS


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 2)])
def test_too_little_ink_is_refused(shape):
    ink = np.zeros((40, 40), np.float32)
    with pytest.raises(EmptyDrawingError):
        segment_ink(ink)
    ink[10 : 10 + shape[0], 10 : 10 + shape[1]] = 1
    with pytest.raises(EmptyDrawingError, match="too small"):
        segment_ink(ink)


def test_an_image_without_paper_is_one_candidate_or_a_few():
    assert 1 <= len(segment_ink(np.ones((100, 100), np.float32)).frames) < 10
