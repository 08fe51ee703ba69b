import numpy as np
import pytest

from core.digits.segmentation import (
    Candidate,
    FoundDigit,
    Layout,
    SegmentationGraph,
    choose_path,
    list_digits,
)


def make_candidate(start: int, end: int, *, penalty: float = 0.0, ink: float = 0.0) -> Candidate:
    digit = FoundDigit((start, 0, end, 1), np.zeros((28, 28), np.float32))
    return Candidate(start, end, digit, penalty, ink)


def spans(row):
    return [(candidate.start, candidate.end) for candidate in row]


def make_graph(*layouts: Layout) -> SegmentationGraph:
    return SegmentationGraph((layouts,))


@pytest.mark.parametrize(
    ("whole", "expected"), [(-0.1, [(0, 2)]), (-0.5, [(0, 1), (1, 2)])], ids=["joined", "apart"]
)
def test_the_path_with_the_highest_sum_is_chosen(whole, expected):
    graph = make_graph(
        Layout(((make_candidate(0, 1), make_candidate(1, 2), make_candidate(0, 2)),))
    )
    path = choose_path(graph, [-0.2, -0.2, whole])
    assert spans(path.rows[0]) == expected


def test_a_penalty_counts_as_much_as_confidence():
    row = make_candidate(0, 1, penalty=1.0), make_candidate(1, 2), make_candidate(0, 2)
    path = choose_path(make_graph(Layout((row,))), [-0.1, -0.1, -1.0])
    assert spans(path.rows[0]) == [(0, 2)]
    assert path.score == pytest.approx(-1.0)


def test_a_path_never_skips_a_piece():
    row = make_candidate(0, 1), make_candidate(1, 2), make_candidate(2, 3), make_candidate(1, 3)
    path = choose_path(make_graph(Layout((row,))), [-2.0, -0.1, -9.0, -9.0])
    assert spans(path.rows[0]) in ([(0, 1), (1, 2), (2, 3)], [(0, 1), (1, 3)])
    assert path.score == pytest.approx(-11.0)


def test_of_two_layouts_the_better_one_is_chosen():
    apart = Layout(((make_candidate(0, 1),), (make_candidate(0, 1),)), penalty=0.5)
    joined = Layout(((make_candidate(0, 1), make_candidate(1, 2), make_candidate(0, 2)),))
    scores = [-0.1, -0.1, -2.0, -2.0]
    assert len(choose_path(make_graph(apart, joined), [*scores, -0.6]).rows) == 1
    assert len(choose_path(make_graph(apart, joined), [*scores, -0.8]).rows) == 2


def test_blocks_are_chosen_one_by_one_and_read_from_top_to_bottom():
    first = Layout(((make_candidate(0, 1, ink=0.5),),))
    second = Layout(((make_candidate(0, 1, ink=0.2), make_candidate(1, 2, ink=0.2)),))
    graph = SegmentationGraph(((first,), (second,)))
    path = choose_path(graph, [-0.1, -0.2, -0.6])
    assert [len(row) for row in path.rows] == [1, 2]
    assert list_digits(path.digit_rows) == [candidate.digit for candidate in graph.candidates]
    assert path.log_confidences.tolist() == [-0.1, -0.2, -0.6]
    assert path.mean_log_confidence == pytest.approx(-0.3)
    assert path.mean_score == pytest.approx(-0.3)
    assert path.ink_share == pytest.approx(0.9)


def test_the_frames_are_those_of_the_candidates():
    graph = make_graph(Layout(((make_candidate(0, 1), make_candidate(1, 2)),)))
    assert graph.frames.shape == (2, 28, 28)
    assert SegmentationGraph(()).frames.shape == (0, 28, 28)
