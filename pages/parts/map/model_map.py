"""The map of one model, alone or beside that of another one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.analysis.digit_map import COMMAND, T_SNE, DigitMap
from core.analysis.evaluation import Evaluation
from core.analysis.selection import Areas, find_inside
from core.digits.datasets import Dataset
from core.figures.map import add_drawings, describe_map, draw_map, highlight_digits, zoom_in
from core.models.card import ModelCard
from core.models.files import is_run
from pages.parts.map.computed import get_map
from pages.parts.map.drawing import place_drawing, show_neighbours
from pages.parts.map.points import AREAS, find_areas, find_marks, show_points
from pages.widgets.cache import get_evaluation
from pages.widgets.data import MY_DRAWINGS
from pages.widgets.wording import escape_markdown

DISTANCES = "The distance between groups means little. "

Chosen = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ModelMap:
    """The map of one model.

    Attributes:
        parameter: in the URL, holds the areas that are drawn on this map.
        card: of the model.
        evaluation: of the digits of the map.
        digit_map: where they are.
        areas: what is drawn around some of them.
    """

    parameter: str
    card: ModelCard
    evaluation: Evaluation
    digit_map: DigitMap
    areas: Areas


def open_maps(cards: Sequence[ModelCard], dataset: Dataset) -> list[ModelMap]:
    """The maps of one or two models for the same digits."""
    areas = find_areas([f"{dataset.id}_{card.id}" for card in cards])
    return [
        ModelMap(name, card, get_evaluation(card, dataset), get_map(card, dataset), those)
        for name, card, those in zip(AREAS, cards, areas, strict=False)
    ]


def find_selected(maps: Sequence[ModelMap]) -> Chosen | None:
    """Which digits are in the areas that are drawn on one of the maps; None where there is none."""
    for one in maps:
        if one.areas:
            return find_inside(one.areas, one.digit_map.positions)
    return None


def show_map(
    one: ModelMap,
    dataset: Dataset,
    chosen: Chosen,
    selected: Chosen | None,
    *,
    colouring: str,
    is_alone: bool,
) -> None:
    """Show a map with the drawing on the pad, what near means on it, and the similar digits.

    Args:
        one: the map.
        dataset: its digits.
        chosen: which digits have colours.
        selected: which digits are in an area of this or of the other map; None for no area.
        colouring: one of ``COLOURINGS``.
        is_alone: whether there is no other map beside it.
    """
    dark = st.context.theme.type == "dark"
    highlighted = None if one.areas else selected
    drawn = place_drawing(one.card, dataset, one.digit_map)
    parts = (one.card.id, dataset.id, colouring, dark, chosen.tobytes(), _to_bytes(highlighted))
    marks = find_marks(one.parameter, one.areas, scope=hash(parts))
    figure = draw_map(
        one.digit_map,
        one.evaluation,
        chosen,
        colouring=colouring,
        areas=marks.areas,
        dark=dark,
    )
    if marks.view:
        zoom_in(figure, marks.view)
    if highlighted is not None:
        highlight_digits(figure, highlighted)
    if drawn:
        places = [digit.place for digit in drawn]
        add_drawings(figure, places, [each.prediction.vote.character for each in drawn], dark=dark)
    description = describe_map(one.digit_map, one.evaluation, colouring=colouring)
    if not is_alone:
        st.markdown(f"**{escape_markdown(one.card.title)}**")
    show_points(one.parameter, figure, description=description)
    _explain(one.card, dataset.id, one.digit_map.method)
    if drawn or (is_alone and selected is None):  # no invitation before the images of an area
        show_neighbours(drawn, one.card, dataset)


def _to_bytes(chosen: Chosen | None) -> bytes:
    return b"" if chosen is None else chosen.tobytes()


def _explain(card: ModelCard, dataset_id: str, method: str) -> None:
    """Say what near means on the map, and how to get a better one."""
    title = escape_markdown(card.title)
    st.caption(
        f"Map by {method}. Digits near to each other are similar for {title}: its last layer "
        f"gets similar inputs. {DISTANCES if method == T_SNE else ''}"
        f"A cross is a digit that {title} misclassifies."
    )
    if method != T_SNE and not is_run(card.id) and dataset_id != MY_DRAWINGS:
        st.info(
            "A map by t-SNE separates groups better. It was not computed yet: run "
            f"`{COMMAND} --model {card.id}`.",
            icon=":material/info:",
        )
