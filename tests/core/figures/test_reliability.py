import pytest

from core.analysis.calibration import BINS, ConfidenceBin
from core.figures.reliability import describe_reliability, draw_reliability
from core.models.card import Estimate

BINNED = [
    ConfidenceBin(8 / BINS, 10, 0.55, Estimate(0.4, 0.2, 0.7)),
    ConfidenceBin(14 / BINS, 90, 0.99, Estimate(1.0, 0.95, 1.0)),
]


def test_markers_stand_at_confidence_and_accuracy_with_their_intervals():
    figure = draw_reliability({"Before": BINNED[:1], "After": BINNED}, ["#111111", "#222222"])
    diagonal, before, before_counts, after, after_counts = figure.data
    assert list(diagonal.x) == list(diagonal.y) == [0, 1]
    assert [before.name, after.name] == ["Before", "After"]
    assert list(after.x) == [0.55, 0.99]
    assert list(after.y) == [0.4, 1.0]
    assert list(after.error_y.array) == pytest.approx([0.3, 0])
    assert list(after.error_y.arrayminus) == pytest.approx([0.2, 0.05])
    assert before.marker.color != after.marker.color
    assert before.marker.symbol != after.marker.symbol
    assert list(before_counts.y) == [10]
    assert list(after_counts.y) == [10, 90]
    assert list(after_counts.x) == pytest.approx([8.5 / BINS, 14.5 / BINS])


def test_one_series_looks_like_the_last_of_two():
    (_, alone, _) = draw_reliability({"After": BINNED}, ["#222222"]).data
    assert alone.marker.symbol == "circle"


def test_a_diagram_in_words_gives_the_size_confidence_and_accuracy_of_each_bin():
    assert describe_reliability({"Before": BINNED[:1], "After": BINNED}) == (
        "Before: 10 digits with confidence 55% and accuracy 40%. "
        "After: 10 digits with confidence 55% and accuracy 40%, "
        "90 digits with confidence 99% and accuracy 100%."
    )
