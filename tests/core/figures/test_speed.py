"""The chart of accuracy against latency."""

import pytest

from core.analysis.speed import Speed
from core.figures.speed import SpeedRow, describe_speeds, draw_speeds
from core.models.card import Estimate

ROWS = [
    SpeedRow("A", "#111111", Estimate(0.98, 0.97, 0.99), Speed(0.0002, 0.0005, 1000)),
    SpeedRow("B", "#222222", Estimate(1.0, 0.99, 1.0), Speed(0.003, 0.004, 2_500_000)),
]


def test_a_model_stands_at_its_median_latency_and_its_accuracy():
    figure = draw_speeds(ROWS)
    first = figure.data[0]
    assert (first.x[0], first.y[0]) == (pytest.approx(0.2), pytest.approx(0.02))
    assert first.x[0] + first.error_x.array[0] == pytest.approx(0.5)
    assert first.y[0] + first.error_y.array[0] == pytest.approx(0.03)
    assert first.y[0] - first.error_y.arrayminus[0] == pytest.approx(0.01)
    assert "2,500 kB" in figure.data[1].hovertemplate


def test_a_better_model_stands_higher_and_the_axis_shows_accuracies():
    axis = draw_speeds(ROWS).layout.yaxis
    assert axis.autorange == "reversed"
    labels = dict(zip(axis.tickvals, axis.ticktext, strict=True))
    assert (labels[0.01], labels[0.005]) == ("99%", "99.5%")


def test_a_model_without_errors_can_be_drawn_on_the_log_axis():
    assert draw_speeds(ROWS).data[1].y[0] > 0


def test_speeds_in_words():
    assert describe_speeds(ROWS[:1]) == "A: accuracy 98.00%, 0.20 ms."
