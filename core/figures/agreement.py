"""The map of agreement: a row for each combination of right and wrong, as an UpSet plot.

A. Lex, N. Gehlenborg, H. Strobelt, R. Vuillemot, H. Pfister, "UpSet: visualization of intersecting
sets", IEEE TVCG 20 (2014), doi:10.1109/TVCG.2014.2346248.
"""

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis.agreement import Region
from core.figures.style import lay_out

ROW_HEIGHT = 30
# On a log axis a bar needs somewhere to begin: below one digit.
MIN_COUNT = 0.7
OTHER_ROWS_OPACITY = 0.45


def draw_agreement(
    regions: Sequence[Region],
    titles: Sequence[str],
    colours: Sequence[str],
    *,
    picked: Region,
) -> go.Figure:
    """A row a region: on the left who was right (full dots), on the right how many, log scale.

    A click anywhere on a row selects a point whose ``customdata`` is the row's number.

    Args:
        regions: of one data set, from the first on top.
        titles: of the models, in the order of ``Region.right``.
        colours: of the models, in the same order.
        picked: the region that stands out.
    """
    total = sum(len(region.indices) for region in regions)
    rows = [*range(len(regions))]
    figure = make_subplots(
        cols=2,
        shared_yaxes=True,
        column_widths=[len(titles), 8],
        horizontal_spacing=0.02,
    )
    for column, (title, colour) in enumerate(zip(titles, colours, strict=True)):
        right = [region.right[column] for region in regions]
        figure.add_scatter(
            x=[column] * len(rows),
            y=rows,
            mode="markers",
            name=title,
            marker={
                "size": 14,
                "color": [colour if one else "rgba(0,0,0,0)" for one in right],
                "line": {"color": colour, "width": 1.5},
            },
            customdata=rows,
            text=["right" if one else "wrong" for one in right],
            hovertemplate=f"{title}: %{{text}}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            row=1,
            col=1,
        )
    counts = [len(region.indices) for region in regions]
    figure.add_bar(
        x=[max(count, MIN_COUNT) for count in counts],
        y=rows,
        orientation="h",
        marker={
            "color": "#7F7F7F",
            "opacity": [1 if one is picked else OTHER_ROWS_OPACITY for one in regions],
        },
        text=[f"{count:,} · {count / max(total, 1):.2%}" for count in counts],
        textposition="outside",
        cliponaxis=False,
        customdata=rows,
        hovertemplate="%{text}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": OTHER_ROWS_OPACITY}},
        showlegend=False,
        row=1,
        col=2,
    )
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "fixedrange": True}
    figure.update_yaxes(**hidden, range=[len(rows) - 0.5, -0.5])
    figure.update_xaxes(**hidden, range=[-0.5, len(titles) - 0.5], col=1)
    # Room at the end of the longest bar for its label.
    figure.update_xaxes(**hidden, type="log", range=[-0.16, 1.7 * len(str(max(*counts, 1)))], col=2)
    return lay_out(
        figure, height=60 + ROW_HEIGHT * len(rows), clickmode="event+select", bargap=0.35
    )
