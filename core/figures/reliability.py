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
# From the first series to the last: told apart by shape as well as by colour.
SYMBOLS = ("circle-open", "circle")


def draw_reliability(
    series: Mapping[str, Sequence[ConfidenceBin]], colours: Sequence[str]
) -> go.Figure:
    """Dots with 95 % intervals, on the diagonal where confidence is accuracy; below, the counts.

    Args:
        series: bins by what the legend calls them, at most two.
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
        shares = [one.accuracy for one in bins]
        figure.add_scatter(
            x=[one.confidence for one in bins],
            y=[one.value for one in shares],
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
                "array": [one.high - one.value for one in shares],
                "arrayminus": [one.value - one.low for one in shares],
                "thickness": 1,
                "width": 3,
            },
            customdata=[[one.accuracy.low, one.accuracy.high, one.count] for one in bins],
            hovertemplate="%{x:.1%} sure, %{y:.1%} right (%{customdata[0]:.1%} to "
            "%{customdata[1]:.1%}) of %{customdata[2]:,}<extra>%{fullData.name}</extra>",
            row=1,
            col=1,
        )
        figure.add_bar(
            x=[one.low + 0.5 / BINS for one in bins],
            y=[one.count for one in bins],
            name=name,
            legendgroup=name,
            showlegend=False,
            marker={"color": colour},
            hovertemplate="%{y:,} digits<extra>%{fullData.name}</extra>",
            row=2,
            col=1,
        )
    figure.update_xaxes(range=[-0.02, 1.02], tickformat="~%", fixedrange=True)
    figure.update_xaxes(title="Confidence", row=2)
    figure.update_yaxes(fixedrange=True)
    figure.update_yaxes(title="Accuracy", range=[-0.02, 1.04], tickformat="~%", row=1)
    figure.update_yaxes(title="Digits", type="log", dtick=1, tickformat=",", row=2)
    return lay_out(figure, height=460, barmode="group", bargap=0.1)
