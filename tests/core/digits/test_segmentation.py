from dataclasses import replace

import numpy as np
import pytest

from core.digits.found_digits import FoundDigit, list_digits
from core.digits.segmentation import Candidate, CandidateRow, SegmentationGraph, choose_path


def make_candidate(start: int, end: int, *, penalty: float = 0.0, ink: float = 0.0) -> Candidate:
    digit = FoundDigit((start, 0, end, 1), np.zeros((28, 28), np.float32))
    return Candidate(start, end, digit, penalty, ink)


def make_row(*candidates: Candidate, start=0, end=1, penalty: float = 0.0) -> CandidateRow:
    return CandidateRow(start, end, candidates, penalty)


def spans(row):
    return [(candidate.start, candidate.end) for candidate in row]


@pytest.mark.parametrize(
    ("whole", "expected"), [(-0.1, [(0, 2)]), (-0.5, [(0, 1), (1, 2)])], ids=["joined", "apart"]
)
def test_the_path_with_the_highest_sum_is_chosen(whole, expected):
    row = make_row(make_candidate(0, 1), make_candidate(1, 2), make_candidate(0, 2))
    path = choose_path(SegmentationGraph((row,)), [-0.2, -0.2, whole])
    assert spans(path.rows[0]) == expected


def test_a_penalty_counts_as_much_as_confidence():
    row = make_row(make_candidate(0, 1, penalty=1.0), make_candidate(1, 2), make_candidate(0, 2))
    path = choose_path(SegmentationGraph((row,)), [-0.1, -0.1, -1.0])
    assert spans(path.rows[0]) == [(0, 2)]
    assert path.score == pytest.approx(-1.0)


def test_a_path_never_leaves_a_piece_out():
    row = make_row(make_candidate(0, 1), make_candidate(1, 2), make_candidate(2, 3))
    path = choose_path(SegmentationGraph((row,)), [-2.0, -0.1, -9.0])
    assert spans(path.rows[0]) == [(0, 1), (1, 2), (2, 3)]
    assert path.score == pytest.approx(-11.1)


def test_a_speck_is_skipped_for_its_penalty_and_is_no_digit():
    speck = Candidate(1, 2, None, 0.5, 0.1)
    row = make_row(make_candidate(0, 1, ink=0.9), speck, make_candidate(0, 2, ink=1.0))
    graph = SegmentationGraph((row,))
    assert len(graph.frames) == 2
    path = choose_path(graph, [-0.1, -1.0])
    assert spans(path.rows[0]) == [(0, 1)]
    assert path.score == pytest.approx(-0.6)
    assert path.ink_share == pytest.approx(0.9)
    assert len(list_digits(path.digit_rows)) == 1
    assert spans(choose_path(graph, [-0.1, -0.5]).rows[0]) == [(0, 2)]


def test_two_rows_are_joined_where_that_is_better():
    upper = make_row(make_candidate(0, 1), penalty=0.5)
    lower = make_row(make_candidate(0, 1), start=1, end=2)
    joined = make_row(make_candidate(0, 2), start=0, end=2)
    graph = SegmentationGraph((upper, joined, lower))
    assert len(choose_path(graph, [-0.1, -0.6, -0.1]).rows) == 1
    assert len(choose_path(graph, [-0.1, -0.8, -0.1]).rows) == 2


def test_rows_are_read_from_top_to_bottom():
    upper = make_row(make_candidate(0, 1, ink=0.5))
    lower = make_row(make_candidate(0, 1, ink=0.2), make_candidate(1, 2, ink=0.2), start=1, end=2)
    graph = SegmentationGraph((upper, lower))
    path = choose_path(graph, [-0.1, -0.2, -0.6])
    assert [len(row) for row in path.rows] == [1, 2]
    assert list_digits(path.digit_rows) == [candidate.digit for candidate in graph.candidates]
    assert path.log_confidences.tolist() == [-0.1, -0.2, -0.6]
    assert path.ink_share == pytest.approx(0.9)


def test_the_frames_are_those_of_the_candidates():
    graph = SegmentationGraph((make_row(make_candidate(0, 1), make_candidate(1, 2)),))
    assert graph.frames.shape == (2, 28, 28)
    assert SegmentationGraph(()).frames.shape == (0, 28, 28)


def test_dividing_a_cluster_costs_its_penalty_at_each_border():
    whole = replace(make_candidate(0, 3), is_cluster=True)
    graph = SegmentationGraph((make_row(*(make_candidate(i, i + 1) for i in range(4)), whole),))
    scores = [-0.1, -0.1, -0.1, -0.1, -1.0]
    assert spans(choose_path(graph, scores, [0, 0, 0, 0, 0.1]).rows[0]) == [
        (0, 1),
        (1, 2),
        (2, 3),
        (3, 4),
    ]
    path = choose_path(graph, scores, [9, 9, 9, 9, 0.5])
    assert spans(path.rows[0]) == [(0, 3), (3, 4)]
    assert path.score == pytest.approx(-1.1)
