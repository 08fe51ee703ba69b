"""The points of one or two maps, and the area drawn around some of them, which the URL holds.

Streamlit shows another figure as another chart, without the lasso and the zoom of the one before.
So the figure outlines an area only where it was not drawn on that same chart.
"""

from collections.abc import Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import TYPE_CHECKING

import streamlit as st

from core.analysis.selection import Area, draw_area

if TYPE_CHECKING:
    import plotly.graph_objects as go

# The parameters of the URL: the area is drawn on the first map or on the second one.
AREAS = ("area", "other_area")
# Keys of the session: the maps that areas are drawn on, what each chart was begun with, and how
# often an area was removed.
LAYOUTS, OUTLINED, REMOVALS = "map_layouts", "map_outlined", "map_removals"
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


def find_areas(layouts: Sequence[str]) -> list[Area | None]:
    """The areas in the URL, which are removed where the map is another one now.

    Args:
        layouts: name the one or two maps.
    """
    before = st.session_state.setdefault(LAYOUTS, layouts)
    st.session_state[LAYOUTS] = layouts
    for name, old, new in zip_longest(AREAS, before, layouts):
        if old != new:
            st.query_params.pop(name, None)
    return [Area.from_text(st.query_params.get(name, "")) for name in AREAS[: len(layouts)]]


def find_outlined_area(name: str, area: Area | None, *, scope: int) -> Area | None:
    """The area that the figure outlines: the one that was there when its chart was begun.

    Args:
        name: one of ``AREAS``.
        area: the one in the URL.
        scope: what the rest of the figure depends on.
    """
    key = f"{OUTLINED}_{name}"
    is_new = _name_chart(name) not in st.session_state  # just opened, or an area was removed
    if is_new or st.session_state[key][0] != scope:
        st.session_state[key] = (scope, area)
    outlined: Area | None = st.session_state[key][1]
    return outlined


def show_points(name: str, figure: "go.Figure", *, description: str) -> None:
    """Show a map; an area that is drawn on it goes into the URL, in place of the one there was.

    Args:
        name: one of ``AREAS``.
        figure: the map.
        description: the same in words.
    """
    key = _name_chart(name)
    st.plotly_chart(
        figure,
        key=key,
        on_select=lambda: _take_area(name, key),
        selection_mode=("lasso", "box"),
        config=BUTTONS,
        alt=description,
    )


def offer_removal() -> None:
    """A button that removes the area."""
    st.button("Remove the area", icon=":material/close:", key="remove_area", on_click=_remove_area)


def _name_chart(name: str) -> str:
    """The key of a chart: after an area was removed, another one, so that its lasso is gone."""
    return f"map_{name}_{st.session_state.get(REMOVALS, 0)}"


def _take_area(name: str, key: str) -> None:
    selection = st.session_state[key].selection
    drawn = [*selection.lasso, *selection.box]
    _forget_areas()
    if drawn:
        with suppress(ValueError):  # a line has no area
            area = draw_area(drawn[-1]["x"], drawn[-1]["y"], is_box=not selection.lasso)
            st.query_params[name] = area.to_text()


def _remove_area() -> None:
    _forget_areas()
    st.session_state[REMOVALS] = st.session_state.get(REMOVALS, 0) + 1


def _forget_areas() -> None:
    for name in AREAS:
        st.query_params.pop(name, None)
