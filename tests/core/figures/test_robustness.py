import numpy as np
import pytest

from core.artifacts import Estimate
from core.digits.corruptions import CORRUPTIONS
from core.figures.robustness import SeverityCurve, draw_overview, draw_severity_curves

CURVE = [Estimate(one, one - 0.05, one + 0.02) for one in (0.95, 0.9, 0.8, 0.7, 0.5, 0.3)]


def test_a_curve_runs_from_untouched_to_severity_5_within_its_band():
    figure = draw_severity_curves(
        [SeverityCurve("a", "A", CURVE)], {"a": "#102030"}, CORRUPTIONS["rotate"]
    )
    band, line = figure.data
    assert list(line.x) == [0, 1, 2, 3, 4, 5]
    assert list(line.y) == [0.95, 0.9, 0.8, 0.7, 0.5, 0.3]
    assert line.line.color == "#102030"
    assert band.fillcolor == "rgba(16,32,48,0.15)"
    assert list(band.y[:6]) == pytest.approx([one.high for one in CURVE])
    assert list(band.y[6:]) == pytest.approx([one.low for one in CURVE][::-1])
    assert list(figure.layout.xaxis.ticktext)[:2] == ["0<br>none", "1<br>0.2"]
    assert figure.layout.xaxis.title.text == "Severity, and rotation (rad)"


def test_models_differ_in_shape_too():
    curves = [SeverityCurve(one, one, CURVE) for one in ("a", "b")]
    figure = draw_severity_curves(
        curves, {"a": "#000000", "b": "#FFFFFF"}, CORRUPTIONS["brightness"]
    )
    assert figure.data[1].marker.symbol != figure.data[3].marker.symbol
    assert figure.layout.xaxis.title.text == "Severity, and brightness"


def test_the_overview_writes_each_accuracy_into_its_cell():
    accuracies = np.array([[0.5, 0.994], [0.1, 0.2]])
    (cells,) = draw_overview(["R", "S"], ["A", "B"], accuracies, dark=False).data
    assert [list(row) for row in cells.text] == [["50", "99"], ["10", "20"]]
    assert list(cells.x) == ["A", "B"]
    assert list(cells.y) == ["R", "S"]
    assert (cells.zmin, cells.zmax) == (0, 1)
