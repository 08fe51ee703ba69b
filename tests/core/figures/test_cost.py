"""The chart of accuracy against a cost."""

from math import log10

import pytest

from core.analysis.cost import COST_KINDS, FILE_SIZE, MULTIPLICATIONS, TIME, Cost
from core.figures.cost import CostRow, describe_costs, describe_front, draw_costs
from core.models.card import Estimate

# C is slower and larger than A and worse, but has fewer multiplications.
ROWS = [
    CostRow("A", "#111111", Estimate(0.98, 0.97, 0.99), Cost(0.0002, 0.0005, 1000, 2_000_000)),
    CostRow("B", "#222222", Estimate(1.0, 0.99, 1.0), Cost(0.003, 0.004, 2_500_000, 9_000_000)),
    CostRow("C", "#333333", Estimate(0.9, 0.88, 0.92), Cost(0.001, 0.002, 50_000, 300_000)),
    CostRow("D", "#444444", None, Cost(0.0001, 0.0001, 10, 10)),
]


def draw(kind=TIME, rows=ROWS):
    return draw_costs(rows, kind, "MNIST test set")


def test_a_model_stands_at_its_median_latency_and_its_accuracy():
    figure = draw()
    first = figure.data[1]
    assert (first.x[0], first.y[0]) == (pytest.approx(0.2), pytest.approx(0.02))
    assert first.x[0] + first.error_x.array[0] == pytest.approx(0.5)
    assert first.y[0] + first.error_y.array[0] == pytest.approx(0.03)
    assert first.y[0] - first.error_y.arrayminus[0] == pytest.approx(0.01)
    assert "2,500 kB" in figure.data[2].hovertemplate


def test_a_model_stands_at_the_cost_that_was_chosen():
    sizes, counts = (draw(kind).data[1:] for kind in (FILE_SIZE, MULTIPLICATIONS))
    assert [model.x[0] for model in sizes] == pytest.approx([1, 2500, 50])
    assert [model.x[0] for model in counts] == pytest.approx([2, 9, 0.3])
    assert not sizes[0].error_x.visible


def test_models_on_the_front_are_filled_and_connected():
    front, *models = draw().data
    assert (list(front.x), front.line.shape) == (pytest.approx([0.2, 3]), "hv")
    assert [model.marker.symbol for model in models] == ["circle", "circle", "circle-open"]
    front, *models = draw(MULTIPLICATIONS).data
    assert list(front.x) == pytest.approx([0.3, 2, 9])
    assert {model.marker.symbol for model in models} == {"circle"}


def test_few_models_have_their_names_beside_them_and_more_have_a_legend():
    assert [one.mode for one in draw().data[1:]] == ["markers+text"] * 3
    many = draw(rows=ROWS[:3] * 2)
    assert {one.mode for one in many.data[1:]} == {"markers"}
    assert (draw().layout.showlegend, many.layout.showlegend) == (False, True)
    assert not many.data[0].showlegend  # the front


def test_the_front_in_words():
    assert describe_front(ROWS, TIME) == "A and B: no other model is more accurate and also faster."
    assert describe_front(ROWS, MULTIPLICATIONS) == (
        "C, A and B: no other model is more accurate and also needs fewer multiplications."
    )
    assert describe_front(ROWS[:1], FILE_SIZE).startswith("A: ")
    assert describe_front(ROWS[3:], TIME) == ""


@pytest.mark.parametrize("kind", COST_KINDS)
def test_every_model_and_at_least_one_tick_is_on_the_axis(kind):
    for rows in (ROWS, ROWS[:1], ROWS[1:2]):
        figure = draw(kind, rows)
        axis = figure.layout.xaxis
        low, high = axis.range
        assert all(low < log10(model.x[0]) < high for model in figure.data[1:])
        assert any(low <= log10(tick) <= high for tick in axis.tickvals)


def test_a_better_model_stands_higher_and_the_axis_shows_accuracies():
    axis = draw().layout.yaxis
    assert axis.autorange == "reversed"
    labels = dict(zip(axis.tickvals, axis.ticktext, strict=True))
    assert (labels[0.01], labels[0.005]) == ("99%", "99.5%")


def test_a_model_without_errors_can_be_drawn_on_the_log_axis():
    assert draw().data[2].y[0] > 0


def test_costs_in_words():
    assert describe_costs(ROWS[:1], TIME) == "A: accuracy 98.00%, 0.20 ms."
