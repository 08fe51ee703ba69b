"""Map: the digits of a data set, near to each other where a model finds them similar."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.analysis.selection import choose_digits, sort_by_difficulty
from core.digits.datasets import Dataset, MnistUnavailableError
from core.figures.map import WEAK_SPOT
from core.models.card import ModelCard
from pages.parts.map.choices import View, explain_choice, pick_view
from pages.parts.map.chosen import show_images, show_summaries
from pages.parts.map.model_map import find_selected, open_maps, show_map
from pages.parts.map.points import offer_removal
from pages.parts.map.weak_spot import pick_weak_spot
from pages.widgets.cache import get_cards
from pages.widgets.data import NoDrawingsError, get_dataset
from pages.widgets.empty_states import (
    ask_for_two_models,
    explain_bundled_digits,
    invite_to_draw,
    offer_download,
)
from pages.widgets.pickers import open_choices
from pages.widgets.test_sets import warn_of_training_digits
from pages.widgets.wording import to_sentence

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

INVITATION = (
    "Draw around points with the mouse or a finger, or choose a true or a predicted digit, to see "
    "the images. Hold Shift to draw around more points."
)


def main() -> None:
    """Show the map of one data set for one or two models, and the digits that are chosen on it."""
    cards = get_cards()
    st.title("Map")
    st.markdown("See which digits a model finds similar. Draw around a group to see its images.")
    choices = open_choices()
    with choices:
        view = pick_view(cards)
    if view.has_same_models:
        ask_for_two_models()
    explain_bundled_digits(view.dataset_id)
    try:
        show_maps(view, get_dataset(view.dataset_id), cards, choices)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
    except NoDrawingsError:
        invite_to_draw()


def show_maps(
    view: View, dataset: Dataset, cards: Mapping[str, ModelCard], choices: "DeltaGenerator"
) -> None:
    """Show one map beside the chosen digits, or two maps above them.

    Args:
        view: what was chosen.
        dataset: the digits.
        cards: all models.
        choices: the row for what is chosen.
    """
    models = [cards[model_id] for model_id in view.model_ids]
    warn_of_training_digits(models, dataset.id)
    maps = open_maps(models, dataset)
    chosen = choose_digits(maps[0].evaluation, true=view.true, predicted=view.predicted)
    if view.colouring == WEAK_SPOT:
        with choices:
            chosen &= pick_weak_spot(models[0], dataset)
    if len(models) > 1 and chosen.any():
        explain_choice(view, models[0])
    selected = find_selected(maps)
    *columns, result = open_places(len(maps))
    for column, one in zip(columns, maps, strict=True):
        with column:
            show_map(
                one,
                dataset,
                chosen,
                selected,
                colouring=view.colouring,
                is_alone=len(maps) == 1,
            )
    with result:
        if selected is not None:
            chosen &= selected
            offer_removal(sum(len(one.areas) for one in maps))
        evaluations = [one.evaluation for one in maps]
        if not chosen.any():
            st.info("There are no such digits here.", icon=":material/search_off:")
            return
        indices = sort_by_difficulty(evaluations[0], chosen)
        is_cell = selected is None and view.colouring != WEAK_SPOT
        show_summaries(evaluations, indices, dataset.id, is_cell=is_cell)
        if is_cell and not view.chooses_digits:
            st.info(INVITATION, icon=":material/gesture_select:")
        else:
            show_images(evaluations, indices, dataset, cards)


def open_places(count: int) -> Sequence["DeltaGenerator"]:
    """Places for one or two maps, and the one for the chosen digits: beside one map, below two."""
    if count == 1:
        return st.columns([3, 2], gap="large")
    return [*st.columns(count, gap="large"), st.container()]


if __name__ == "__main__":
    main()
