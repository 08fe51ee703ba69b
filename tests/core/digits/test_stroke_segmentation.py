import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.digits.ink import EmptyDrawingError
from core.digits.segmentation import SegmentationGraph
from core.digits.stroke_segmentation import segment_strokes
from tests.numbers import write_number

ONE = [[100, 20], [100, 220]]
TAP = [[150, 100], [151, 101]]


def candidates_of(graph: SegmentationGraph, *strokes: int):
    """The candidates made of just these strokes."""
    return [item for item in graph.candidates if item.digit and item.digit.strokes == strokes]


def test_a_candidate_of_whole_strokes_has_the_frame_of_these_strokes(random):
    strokes = write_number("47", random)  # each of two strokes
    graph = segment_strokes(strokes)
    for indices in [(0, 1), (2, 3), (2,)]:
        chosen = [strokes[index] for index in indices]
        expected = frame_from_strokes(chosen)
        found = candidates_of(graph, *indices)
        assert any(np.array_equal(item.digit.frame, expected) for item in found)
        points = np.concatenate(chosen)
        box = (*points.min(axis=0), *points.max(axis=0))
        assert any(item.digit.box == pytest.approx(box) for item in found)


def test_all_strokes_together_are_a_candidate_with_all_ink(random):
    strokes = write_number("4", random)
    (whole,) = candidates_of(segment_strokes(strokes), *range(len(strokes)))
    assert whole.ink == pytest.approx(1)


def test_a_tap_beside_a_digit_belongs_to_no_candidate():
    for strokes in ([ONE, TAP], [TAP, ONE]):
        graph = segment_strokes(strokes)
        (only,) = graph.candidates
        assert only.digit.strokes == (strokes.index(ONE),)
        assert np.array_equal(only.digit.frame, frame_from_strokes([ONE]))


@pytest.mark.parametrize("strokes", [[], [np.empty((0, 2))], [[[5, 5]]], [TAP], [TAP, TAP]])
def test_no_stroke_and_a_lone_tap_are_refused(strokes):
    with pytest.raises(EmptyDrawingError, match=r"Draw (a|the) digit"):
        segment_strokes(strokes)


def test_malformed_strokes_are_refused():
    with pytest.raises(ValueError, match="expected stroke 1"):
        segment_strokes([ONE, [[1, 2, 3]]])


def test_a_stroke_that_holds_two_digits_is_cut_between_them():
    loop = np.linspace(0, 2 * np.pi, 40)
    circle = np.stack([50 - 50 * np.sin(loop), 50 - 50 * np.cos(loop)], axis=1)
    line = [*circle, *(circle + np.array([160, 0]))]  # the pen moves from one zero to the next
    parts = candidates_of(segment_strokes([line]), 0)
    widths = [right - left for left, _, right, _ in (part.digit.box for part in parts)]
    assert sum(width < 150 for width in widths) >= 2
    assert max(widths) == pytest.approx(260, abs=3)


def test_a_plain_digit_is_not_cut(random):
    assert len(segment_strokes(write_number("8", random)).candidates) == 1


def test_empty_strokes_are_ignored(random):
    strokes = write_number("4", random)
    graph = segment_strokes([strokes[0], np.empty((0, 2)), strokes[1]])
    assert candidates_of(graph, 0, 2)
