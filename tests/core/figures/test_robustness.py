import numpy as np
import pytest

from core.figures.robustness import (
    SeverityCurve,
    describe_overview,
    describe_severity_curves,
    draw_overview,
    draw_severity_curves,
)
from core.models.card import Estimate
from core.synthesis.corruptions import CORRUPTIONS

# Luminance of the colours of text in cells.
WRITTEN = {"black": 0.0, "white": 1.0}
CURVE = [Estimate(value, value - 0.05, value + 0.02) for value in (0.95, 0.9, 0.8, 0.7, 0.5, 0.3)]


def test_a_curve_has_severities_0_to_5_and_a_band_of_intervals():
    figure = draw_severity_curves(
        [SeverityCurve("a", "A", CURVE)], {"a": "#102030"}, CORRUPTIONS["rotate"]
    )
    band, line = figure.data
    assert list(line.x) == [0, 1, 2, 3, 4, 5]
    assert list(line.y) == [0.95, 0.9, 0.8, 0.7, 0.5, 0.3]
    assert line.line.color == "#102030"
    assert band.fillcolor == "rgba(16,32,48,0.15)"
    assert list(band.y[:6]) == pytest.approx([estimate.high for estimate in CURVE])
    assert list(band.y[6:]) == pytest.approx([estimate.low for estimate in CURVE][::-1])
    assert list(figure.layout.xaxis.ticktext)[:2] == ["0<br>none", "1<br>11.5"]
    assert figure.layout.xaxis.title.text == "Severity and rotation (degrees)"


def test_the_name_of_a_run_is_no_markup_in_the_legend():
    curve = SeverityCurve("a", "<b>Mine</b> & yours", CURVE)
    figure = draw_severity_curves([curve], {"a": "#102030"}, CORRUPTIONS["rotate"])
    assert figure.data[1].name == "&lt;b&gt;Mine&lt;/b&gt; &amp; yours"  # as Plotly shows it


def test_models_differ_in_marker_shape_and_keep_it_beside_any_others():
    colours = {"a": "#000000", "b": "#FFFFFF"}
    a, b = (SeverityCurve(model_id, model_id, CURVE) for model_id in colours)
    brightness = CORRUPTIONS["brightness"]
    both = draw_severity_curves([a, b], colours, brightness)
    alone = draw_severity_curves([b], colours, brightness)
    assert both.data[1].marker.symbol != both.data[3].marker.symbol
    assert alone.data[1].marker.symbol == both.data[3].marker.symbol
    assert alone.layout.xaxis.title.text == "Severity and brightness"


def test_the_overview_writes_each_accuracy_into_its_cell():
    accuracies = np.array([[0.5, 0.994], [0.1, 0.2]])
    cells, texts = draw_overview(["R", "S"], ["A", "B"], accuracies, dark=False).data
    written = dict(zip(zip(texts.y, texts.x, strict=True), texts.text, strict=True))
    assert written == {
        ("<b>R</b>", "A"): "50",
        ("<b>R</b>", "B"): "99",
        ("S", "A"): "10",
        ("S", "B"): "20",
    }
    assert np.array_equal(cells.z, accuracies)
    assert list(cells.x) == ["A", "B"]
    assert list(cells.y) == ["<b>R</b>", "S"]
    assert (cells.zmin, cells.zmax) == (0, 1)


def test_a_cell_that_was_not_measured_yet_says_so():
    accuracies = np.array([[0.5, np.nan]])
    _, texts = draw_overview(["R"], ["A", "B"], accuracies, dark=False).data
    assert list(texts.text) == ["50", "–"]
    words = describe_overview(["R"], ["A", "B"], accuracies)
    assert words == "R: A 50%, B not measured yet."


@pytest.mark.parametrize("dark", [False, True])
def test_numbers_have_enough_contrast_in_their_cells(dark):
    accuracies = np.linspace(0, 1, 51)[None]
    columns = [str(number) for number in range(51)]
    cells, texts = draw_overview(["R"], columns, accuracies, dark=dark).data
    places, colours = zip(*cells.colorscale, strict=True)
    channels = list(zip(*map(to_shares, colours), strict=True))  # of red, green and blue
    for accuracy, colour in zip(accuracies[0], texts.textfont.color, strict=True):
        cell = tuple(float(np.interp(accuracy, places, channel)) for channel in channels)
        # WCAG 2.2 asks for 4.5.
        lighter, darker = sorted((luminance(cell), WRITTEN[colour]), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) > 4.5, accuracy


def to_shares(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def luminance(colour: tuple[float, ...]) -> float:
    """As WCAG 2.2 defines it, of shares of red, green and blue."""
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in colour
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_figures_in_words_name_every_model_and_its_accuracies():
    assert describe_severity_curves([SeverityCurve("a", "A", CURVE)]) == (
        "A: 95.0%, 90.0%, 80.0%, 70.0%, 50.0%, 30.0%."
    )
    accuracies = np.array([[0.5, 0.994], [0.1, 0.2]])
    assert describe_overview(["Mean", "Blur"], ["A", "B"], accuracies) == (
        "Mean: A 50%, B 99%. Blur: A 10%, B 20%."
    )
