import numpy as np
import pytest

from core.analysis.agreement import Region
from core.analysis.confusion import ConfusionMatrix
from core.figures.agreement import draw_agreement
from core.figures.confusion import draw_confusion_difference

REGIONS = [
    Region((True, True), np.arange(90)),
    Region((True, False), np.arange(9)),
    Region((False, True), np.arange(0)),
    Region((False, False), np.arange(1)),
]


def test_a_filled_dot_is_a_correct_model_and_every_row_can_be_clicked():
    figure = draw_agreement(REGIONS, ["A", "B"], ["#112233", "#445566"], picked=REGIONS[1])
    first, second, bars = figure.data
    assert list(first.marker.color) == ["#112233", "rgba(0,0,0,0)", "rgba(0,0,0,0)"]
    assert list(second.marker.color) == ["rgba(0,0,0,0)", "#445566", "rgba(0,0,0,0)"]
    assert list(bars.text) == ["9 · 9.00%", "0 · 0.00%", "1 · 1.00%"]
    assert np.argmax(bars.marker.opacity) == 0
    for trace in figure.data:
        assert [REGIONS[place] for place in trace.customdata] == REGIONS[1:]


def test_bars_are_as_long_as_their_numbers_of_digits():
    figure = draw_agreement(REGIONS, ["A", "B"], ["#112233", "#445566"], picked=REGIONS[0])
    assert list(figure.data[-1].x) == [9, 0, 1]
    assert figure.layout.xaxis2.type in (None, "linear")
    assert figure.layout.xaxis2.range[0] == 0


def test_rows_of_an_empty_data_set_can_be_drawn():
    empty = [Region((True,), np.arange(0)), Region((False,), np.arange(0))]
    assert (
        draw_agreement(empty, ["A"], ["#112233"], picked=empty[0]).data[-1].text[0] == "0 · 0.00%"
    )


def test_a_difference_has_a_sign_and_no_diagonal():
    first, second = np.zeros((2, 10, 10), int)
    first[4, 9], second[4, 9], second[1, 7], second[3, 3] = 30, 5, 100, 50
    figure = draw_confusion_difference(ConfusionMatrix(first), ConfusionMatrix(second), dark=False)
    (heatmap,) = figure.data
    z = np.array(heatmap.z, float)
    assert heatmap.text[4][9] == "+25"
    assert heatmap.text[1][7] == "-100"
    assert z[1, 7] == pytest.approx(-1)
    assert 0 < z[4, 9] < 1
    assert np.isnan(z[3, 3])
    assert heatmap.text[3][3] == ""
