"""The points of one or two maps, and what the URL holds of them: areas drawn around some, the zoom.

Streamlit shows another figure as another chart, without the lasso and the zoom of the one before.
So a figure has the areas and the zoom with which its chart was begun, and not those that are drawn
and chosen on that same chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.analysis.selection import Areas, draw_areas, read_areas, write_areas

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.figures.map import View

# The parameters of the URL: areas are drawn on the first map or on the second one, and each map has
# a zoom of its own.
AREAS, VIEWS = ("area", "other_area"), {"area": "view", "other_area": "other_view"}
# Keys of the session: what the URL held in the run before, what each chart was begun with, and how
# often areas were removed.
SEEN, BEGUN, REMOVALS = "map_seen", "map_begun", "map_removals"
VIEW_DIGITS, MAX_VIEW = 6, 1e6
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
            "autoScale2d",  # the range that a chart was begun with may be a zoom
            "toImage",
        ]
    ],
}


_mount = st.components.v2.component(
    "map_zoom", js=Path(__file__).with_name("zoom.js").read_text("utf-8")
)


@dataclass(frozen=True)
class Marks:
    """The areas that a chart outlines, and the part of the map that it shows; None for all."""

    areas: Areas
    view: "View | None"


def find_areas(layouts: Sequence[str]) -> list[Areas]:
    """The areas in the URL, which are removed with the zoom where another map was chosen.

    An address that was opened, or returned to, may have another map with areas of its own.

    Args:
        layouts: name the one or two maps.
    """
    seen = st.session_state.get(SEEN, {})
    for name, layout in zip_longest(AREAS, layouts):
        for parameter in (name, VIEWS[name]):
            text = st.query_params.get(parameter)
            old_layout, old_text = seen.get(parameter, (layout, text))
            # It belongs to the map before, unless an address brought both.
            if layout is None or (layout != old_layout and text == old_text):
                st.query_params.pop(parameter, None)
                text = None
            seen[parameter] = (layout, text)
    st.session_state[SEEN] = seen
    return [read_areas(st.query_params.get(name, "")) for name in AREAS[: len(layouts)]]


def find_marks(name: str, areas: Areas, *, scope: int) -> Marks:
    """What the figure has: the areas and the zoom that were there when its chart was begun.

    Args:
        name: one of ``AREAS``.
        areas: those in the URL.
        scope: what the rest of the figure depends on.
    """
    key = f"{BEGUN}_{name}"
    is_new = _name_chart(name) not in st.session_state  # just opened, or areas were removed
    if is_new or st.session_state[key][0] != scope:
        view = _read_view(st.query_params.get(VIEWS[name], ""))
        st.session_state[key] = (scope, Marks(areas, view))
    marks: Marks = st.session_state[key][1]
    return marks


def show_points(name: str, figure: "go.Figure", *, description: str) -> None:
    """Show a map; areas that are drawn on it go into the URL, in place of those there were.

    Args:
        name: one of ``AREAS``.
        figure: the map.
        description: the same in words.
    """
    key = _name_chart(name)
    st.plotly_chart(
        figure,
        key=key,
        on_select=lambda: _take_areas(name, key),
        selection_mode=("lasso", "box"),
        config=BUTTONS,
        alt=description,
    )
    zoom = f"zoom_{name}"
    _mount(
        data={"chart": key},
        key=zoom,
        on_view_change=lambda: _take_view(name, st.session_state[zoom].view),
    )


def offer_removal(count: int) -> None:
    """A button that removes the areas, of which there are ``count``."""
    label = f"Remove the area{'s' if count > 1 else ''}"
    st.button(label, icon=":material/close:", key="remove_area", on_click=_remove_areas)


def _name_chart(name: str) -> str:
    """The key of a chart: after areas were removed, another one, so that its lassos are gone."""
    return f"map_{name}_{st.session_state.get(REMOVALS, 0)}"


def _take_areas(name: str, key: str) -> None:
    selection = st.session_state[key].selection
    areas = draw_areas(selection.lasso, selection.box)
    # Each change is sent to the browser as an address of its own, so none is made in vain.
    for other in AREAS:
        if other != name or not areas:
            st.query_params.pop(other, None)
    if areas:
        st.query_params[name] = write_areas(areas)


def _take_view(name: str, view: Sequence[float] | None) -> None:
    if view:
        st.query_params[VIEWS[name]] = ",".join(f"{value:.{VIEW_DIGITS}g}" for value in view)
    else:
        st.query_params.pop(VIEWS[name], None)


def _read_view(text: str) -> "View | None":
    """The part of a map that an address names; None for all of it, and where that is no part."""
    try:
        left, right, bottom, top = map(float, text.split(","))
    except ValueError:
        return None
    is_part = -MAX_VIEW < left < right < MAX_VIEW and -MAX_VIEW < bottom < top < MAX_VIEW
    return (left, right, bottom, top) if is_part else None


def _remove_areas() -> None:
    for name in AREAS:
        st.query_params.pop(name, None)
    st.session_state[REMOVALS] = st.session_state.get(REMOVALS, 0) + 1
