"""The reliability diagram: accuracy against confidence, above a histogram of the confidence.

A. Niculescu-Mizil, R. Caruana, "Predicting good probabilities with supervised learning", ICML 2005,
doi:10.1145/1102351.1102430.
"""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis.calibration import BINS, ConfidenceBin
from core.figures.style import lay_out

GREY = "#7F7F7F"
# From the first series to the last: they differ in shape as well as in colour.
SYMBOLS = ("circle-open", "circle")


def draw_reliability(
    series: Mapping[str, Sequence[ConfidenceBin]], colours: Sequence[str]
) -> go.Figure:
    """A marker with a 95% interval for each bin, and below it the number of digits in the bin.

    On the dotted diagonal, confidence equals accuracy.

    Args:
        series: at most two lists of bins, by their names in the legend.
        colours: of the series.
    """
    figure = make_subplots(
        rows=2, shared_xaxes=True, row_heights=[0.68, 0.32], vertical_spacing=0.04
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": GREY, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )
    styles = zip(colours, SYMBOLS[-len(series) :], strict=True)
    for (name, bins), (colour, symbol) in zip(series.items(), styles, strict=True):
        figure.add_trace(_draw_accuracies(name, bins, colour, symbol), row=1, col=1)
        figure.add_trace(_draw_counts(name, bins, colour), row=2, col=1)
    figure.update_xaxes(range=[-0.02, 1.02], tickformat="~%", fixedrange=True)
    figure.update_xaxes(title="Confidence", row=2)
    figure.update_yaxes(fixedrange=True)
    figure.update_yaxes(title="Accuracy", range=[-0.02, 1.04], tickformat="~%", row=1)
    figure.update_yaxes(title="Digits", type="log", dtick=1, tickformat=",", row=2)
    return lay_out(figure, height=460, barmode="group", bargap=0.1)


def describe_reliability(series: Mapping[str, Sequence[ConfidenceBin]]) -> str:
    """The same in words: of each bin the number of digits, their confidence and accuracy."""
    sentences = []
    for name, bins in series.items():
        parts = (
            f"{found.count:,} digits with confidence {found.confidence:.0%} "
            f"and accuracy {found.accuracy.value:.0%}"
            for found in bins
        )
        sentences.append(f"{name}: {', '.join(parts)}.")
    return " ".join(sentences)


def _draw_accuracies(
    name: str, bins: Sequence[ConfidenceBin], colour: str, symbol: str
) -> go.Scatter:
    accuracies = [found.accuracy for found in bins]
    return go.Scatter(
        x=[found.confidence for found in bins],
        y=[accuracy.value for accuracy in accuracies],
        name=name,
        mode="markers",
        legendgroup=name,
        marker={
            "symbol": symbol,
            "size": 9,
            "color": colour,
            "line": {"color": colour, "width": 2},
        },
        error_y={
            "array": [accuracy.high - accuracy.value for accuracy in accuracies],
            "arrayminus": [accuracy.value - accuracy.low for accuracy in accuracies],
            "thickness": 1,
            "width": 3,
        },
        customdata=[[found.accuracy.low, found.accuracy.high, found.count] for found in bins],
        hovertemplate="%{customdata[2]:,} digits: confidence %{x:.1%}, accuracy %{y:.1%} "
        "(%{customdata[0]:.1%} to %{customdata[1]:.1%})<extra>%{fullData.name}</extra>",
    )


def _draw_counts(name: str, bins: Sequence[ConfidenceBin], colour: str) -> go.Bar:
    return go.Bar(
        x=[found.low + 0.5 / BINS for found in bins],
        y=[found.count for found in bins],
        name=name,
        legendgroup=name,
        showlegend=False,
        marker={"color": colour},
        hovertemplate="%{y:,} digits<extra>%{fullData.name}</extra>",
    )
