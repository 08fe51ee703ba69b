"""Error rates side by side."""

import pytest

from core.figures.accuracy import (
    MIN_ERROR_RATE,
    AccuracyRow,
    describe_error_rates,
    describe_error_rates_by_digit,
    draw_error_rates,
    draw_error_rates_by_digit,
)
from core.models.card import Estimate

ROWS = [
    AccuracyRow("A", {"One": Estimate(0.99, 0.98, 0.995), "Two": Estimate(0.9, 0.88, 0.92)}),
    AccuracyRow("B", {"One": Estimate(1.0, 0.999, 1.0)}),
]


def test_markers_are_the_error_rates_with_their_intervals():
    first, second = draw_error_rates(ROWS, ["One", "Two"]).data
    assert [first.name, second.name] == ["One", "Two"]
    assert first.x[0] == pytest.approx(0.01)
    assert first.x[0] + first.error_x.array[0] == pytest.approx(0.02)
    assert first.x[0] - first.error_x.arrayminus[0] == pytest.approx(0.005)


def test_a_data_set_that_was_not_measured_is_left_out_of_its_row():
    _, second = draw_error_rates(ROWS, ["One", "Two"]).data
    assert [title for title, *_ in second.customdata] == ["A"]


def test_a_model_without_errors_still_has_a_place_on_the_log_axis():
    first, _ = draw_error_rates(ROWS, ["One", "Two"]).data
    assert first.x[1] == MIN_ERROR_RATE
    assert first.error_x.arrayminus[1] == 0


def test_markers_of_one_row_do_not_cover_each_other_and_keep_to_their_row():
    figure = draw_error_rates(ROWS, ["One", "Two"])
    assert figure.data[0].y[0] != figure.data[1].y[0]
    assert all(abs(y - row) < 0.5 for trace in figure.data for row, y in enumerate(trace.y))
    assert list(figure.layout.yaxis.ticktext) == ["A", "B"]


def test_no_two_data_sets_look_alike_and_a_further_one_does_not_change_the_others():
    names = [str(number) for number in range(7)]
    row = AccuracyRow("A", dict.fromkeys(names, Estimate(0.9, 0.8, 0.95)))
    looks = [
        [(trace.marker.color, trace.marker.symbol) for trace in draw_error_rates([row], shown).data]
        for shown in (names[:5], names)
    ]
    assert looks[1][:5] == looks[0]
    colours, symbols = zip(*looks[1], strict=True)
    assert len(set(colours)) == len(set(symbols)) == 7
    assert all(abs(trace.y[0]) < 0.45 for trace in draw_error_rates([row], names).data)


def test_bars_are_the_error_rate_on_each_digit():
    shares = [1 - digit / 100 for digit in range(10)]
    strokes, pictures = draw_error_rates_by_digit({"S": shares, "P": shares[::-1]}).data
    assert list(strokes.y) == pytest.approx([digit / 100 for digit in range(10)])
    assert pictures.name == "P"
    assert strokes.marker.color != pictures.marker.color


def test_error_rates_in_words_name_every_model_data_set_and_digit():
    assert describe_error_rates(ROWS) == "A: One 1.0%, Two 10.0%. B: One 0.0%."
    described = describe_error_rates_by_digit({"S": [1 - digit / 100 for digit in range(10)]})
    assert described.startswith("S: 0 0.0%, 1 1.0%, 2 2.0%,")
    assert described.endswith("9 9.0%.")
