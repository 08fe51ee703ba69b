"""Agreement of models: a row for each combination of correct and wrong, as an UpSet plot.

A. Lex, N. Gehlenborg, H. Strobelt, R. Vuillemot, H. Pfister, "UpSet: visualization of intersecting
sets", IEEE TVCG 20 (2014), doi:10.1109/TVCG.2014.2346248.
"""

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis.agreement import Region
from core.figures.style import escape_label, lay_out

ROW_HEIGHT = 30
# Room for the label at the end of the longest bar, as a multiple of its length.
LABEL_ROOM = 1.6
OTHER_ROWS_OPACITY = 0.45


def draw_agreement(
    regions: Sequence[Region],
    titles: Sequence[str],
    colours: Sequence[str],
    *,
    picked: Region,
) -> go.Figure:
    """A row for each region: filled dots for correct models on the left, a bar on the right.

    The bar is the number of digits. The first region, of the digits that all models classify
    correctly, has no row: beside its bar, the others would be too short to compare. A click
    anywhere on a row selects a point whose ``customdata`` is the place of its region.

    Args:
        regions: of one data set, as ``list_regions`` orders them.
        titles: of the models, in the order of ``Region.right``.
        colours: of the models, in the same order.
        picked: the region that is highlighted.
    """
    figure = make_subplots(
        cols=2,
        shared_yaxes=True,
        column_widths=[len(titles), 8],
        horizontal_spacing=0.02,
    )
    for column, (title, colour) in enumerate(zip(titles, colours, strict=True)):
        figure.add_trace(_draw_dots(regions, column, title, colour), row=1, col=1)
    figure.add_trace(_draw_bars(regions, picked), row=1, col=2)
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "fixedrange": True}
    figure.update_yaxes(**hidden, range=[len(regions) - 0.5, 0.5])
    figure.update_xaxes(**hidden, range=[-0.5, len(titles) - 0.5], col=1)
    largest = max(len(region.indices) for region in regions[1:])
    figure.update_xaxes(**hidden, title="Digits", range=[0, LABEL_ROOM * max(largest, 1)], col=2)
    return lay_out(
        figure, height=50 + ROW_HEIGHT * len(regions), clickmode="event+select", bargap=0.35
    )


def _draw_dots(regions: Sequence[Region], column: int, title: str, colour: str) -> go.Scatter:
    """A dot in each row: filled where the model is correct, empty where it is wrong."""
    right = [region.right[column] for region in regions[1:]]
    rows = [*range(1, len(regions))]
    return go.Scatter(
        x=[column] * len(rows),
        y=rows,
        mode="markers",
        name=escape_label(title),
        marker={
            "size": 14,
            "color": [colour if is_right else "rgba(0,0,0,0)" for is_right in right],
            "line": {"color": colour, "width": 1.5},
        },
        customdata=rows,
        text=["correct" if is_right else "wrong" for is_right in right],
        hovertemplate="%{fullData.name}: %{text}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _draw_bars(regions: Sequence[Region], picked: Region) -> go.Bar:
    """A bar in each row: the number of digits, with their share of the data set in its label."""
    total = max(sum(len(region.indices) for region in regions), 1)
    rows = [*range(1, len(regions))]
    counts = [len(regions[row].indices) for row in rows]
    return go.Bar(
        x=counts,
        y=rows,
        orientation="h",
        marker={
            "color": "#7F7F7F",
            "opacity": [1 if region is picked else OTHER_ROWS_OPACITY for region in regions[1:]],
        },
        text=[f"{count:,} · {count / total:.2%}" for count in counts],
        textposition="outside",
        cliponaxis=False,
        customdata=rows,
        hovertemplate="%{text}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": OTHER_ROWS_OPACITY}},
        showlegend=False,
    )
