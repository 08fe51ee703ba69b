"""The points of a map, and the area that is drawn around some of them, which the URL holds.

Streamlit shows another figure as another chart, without the lasso and the zoom of the one before.
So the figure outlines an area only where it was not drawn on that same chart.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from core.analysis.selection import Area, draw_area

if TYPE_CHECKING:
    import plotly.graph_objects as go

AREA = "area"
# Keys of the session: the map that the area was drawn on, what the chart was begun with, and how
# often an area was removed.
LAYOUT, OUTLINED, REMOVALS = "map_layout", "map_outlined", "map_removals"
BUTTONS = {
    "displaylogo": False,
    "displayModeBar": True,  # a finger has no way to point at the chart
    "modeBarButtons": [
        [
            "lasso2d",
            "select2d",
            "pan2d",
            "zoom2d",
            "zoomIn2d",
            "zoomOut2d",
            "resetScale2d",
            "toImage",
        ]
    ],
}


def find_area(layout: str) -> Area | None:
    """The area in the URL, which is removed where the map is another one now.

    Args:
        layout: names the map.
    """
    if st.session_state.setdefault(LAYOUT, layout) != layout:
        st.session_state[LAYOUT] = layout
        st.query_params.pop(AREA, None)
    return Area.from_text(st.query_params.get(AREA, ""))


def find_outlined_area(area: Area | None, *, scope: str) -> Area | None:
    """The area that the figure outlines: the one that was there when its chart was begun.

    Args:
        area: the one in the URL.
        scope: what the rest of the figure depends on.
    """
    key = _name_chart()
    is_new = key not in st.session_state  # the page has just been opened, or an area removed
    if is_new or st.session_state[OUTLINED][0] != scope:
        st.session_state[OUTLINED] = (scope, area)
    outlined: Area | None = st.session_state[OUTLINED][1]
    return outlined


def show_points(figure: "go.Figure", *, description: str) -> None:
    """Show a map; an area that is drawn on it goes into the URL.

    Args:
        figure: the map.
        description: the same in words.
    """
    key = _name_chart()
    st.plotly_chart(
        figure,
        key=key,
        on_select=lambda: _take_area(key),
        selection_mode=("lasso", "box"),
        config=BUTTONS,
        alt=description,
    )


def offer_removal() -> None:
    """A button that removes the area."""
    st.button("Remove the area", icon=":material/close:", key="remove_area", on_click=_remove_area)


def _name_chart() -> str:
    """The key of the chart: after an area was removed, another one, so that its lasso is gone."""
    return f"map_{st.session_state.get(REMOVALS, 0)}"


def _take_area(key: str) -> None:
    selection = st.session_state[key].selection
    drawn = [*selection.lasso, *selection.box]
    st.query_params.pop(AREA, None)
    if drawn:
        with suppress(ValueError):  # a line has no area
            area = draw_area(drawn[-1]["x"], drawn[-1]["y"], is_box=not selection.lasso)
            st.query_params[AREA] = area.to_text()


def _remove_area() -> None:
    st.query_params.pop(AREA, None)
    st.session_state[REMOVALS] = st.session_state.get(REMOVALS, 0) + 1
