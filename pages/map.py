"""Map: the digits of a data set, near to each other where a model finds them similar."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.analysis.digit_map import COMMAND, T_SNE
from core.analysis.selection import choose_digits, sort_by_difficulty
from core.digits.datasets import CLASSES, Dataset, MnistUnavailableError
from core.figures.map import COLOURINGS, add_drawings, describe_map, draw_map
from core.models.card import ModelCard
from core.models.files import is_run
from pages.parts.map.chosen import show_images, show_summary
from pages.parts.map.computed import get_map
from pages.parts.map.drawing import place_drawing, show_neighbours
from pages.parts.map.points import find_area, find_outlined_area, offer_removal, show_points
from pages.widgets.cache import get_cards, get_evaluation
from pages.widgets.data import (
    MY_DRAWINGS,
    NoDrawingsError,
    choose_dataset,
    get_dataset,
)
from pages.widgets.empty_states import explain_bundled_digits, invite_to_draw, offer_download
from pages.widgets.pickers import WIDTH, open_choices, pick_dataset, pick_model
from pages.widgets.test_sets import warn_of_training_digits
from pages.widgets.wording import escape_markdown, to_sentence

ANY = "Any"
INVITATION = (
    "Draw around points with the mouse or a finger, or choose a true or a predicted digit, to see "
    "the images."
)
DISTANCES = "How far groups are from each other means little. "


@dataclass(frozen=True)
class View:
    """What the visitor chose.

    Attributes:
        colouring: one of ``COLOURINGS``.
        true: the label of the digits in colour; None for any.
        predicted: their prediction; None for any.
    """

    dataset_id: str
    model_id: str
    colouring: str
    true: int | None
    predicted: int | None

    @property
    def chooses_digits(self) -> bool:
        """Whether a true or a predicted digit is chosen."""
        return self.true is not None or self.predicted is not None


def main() -> None:
    """Show the map of one data set for one model, and the digits that are chosen on it."""
    cards = get_cards()
    st.title("Map")
    st.markdown("See which digits a model finds similar. Draw around a group to see its images.")
    view = pick_view(cards)
    explain_bundled_digits(view.dataset_id)
    try:
        show_map(view, get_dataset(view.dataset_id), cards)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
    except NoDrawingsError:
        invite_to_draw()


def pick_view(cards: Mapping[str, ModelCard]) -> View:
    """Let the visitor choose a data set, a model, the colours and the digits."""
    with open_choices():
        return View(
            pick_dataset(key="points", default=choose_dataset()),
            pick_model(cards),
            st.selectbox("Colour", COLOURINGS, key="colour", bind="query-params", width=WIDTH),
            pick_digit("True digit", key="true"),
            pick_digit("Predicted digit", key="predicted"),
        )


def pick_digit(label: str, *, key: str) -> int | None:
    """One of the ten digits, or None for any."""
    digits = map(str, range(CLASSES))
    picked = st.selectbox(label, [ANY, *digits], key=key, bind="query-params", width=WIDTH)
    return None if picked == ANY else int(picked)


def show_map(view: View, dataset: Dataset, cards: Mapping[str, ModelCard]) -> None:
    """Show the map on the left, with the drawing on it, and the chosen digits on the right."""
    card = cards[view.model_id]
    warn_of_training_digits([card], dataset.id)
    evaluation, digit_map = get_evaluation(card, dataset), get_map(card, dataset)
    chosen = choose_digits(evaluation, true=view.true, predicted=view.predicted)
    area = find_area(f"{dataset.id}_{card.id}")
    drawn = place_drawing(card, dataset, digit_map)
    dark = st.context.theme.type == "dark"
    figure = draw_map(
        digit_map,
        evaluation,
        chosen,
        colouring=view.colouring,
        area=find_outlined_area(area, scope=f"{view}_{dark}"),
        dark=dark,
    )
    if drawn:
        places = [digit.place for digit in drawn]
        add_drawings(figure, places, [one.prediction.vote.character for one in drawn], dark=dark)
    left, right = st.columns([3, 2], gap="large")
    with left:
        description = describe_map(digit_map, evaluation, colouring=view.colouring)
        show_points(figure, description=description)
        explain_map(card, dataset.id, digit_map.method)
        show_neighbours(drawn, card, dataset)
    with right:
        if area:
            chosen &= area.contains(digit_map.positions)
            offer_removal()
        indices = sort_by_difficulty(evaluation, chosen)
        if not len(indices):
            st.info("There are no such digits here.", icon=":material/search_off:")
            return
        show_summary(evaluation, indices, dataset.id, is_area=area is not None)
        if area or view.chooses_digits:
            show_images(evaluation, indices, dataset, cards)
        else:
            st.info(INVITATION, icon=":material/gesture_select:")


def explain_map(card: ModelCard, dataset_id: str, method: str) -> None:
    """Say what near means on the map, and how to get a better one."""
    st.caption(
        f"{method}: digits are near to each other where the last layer of "
        f"{escape_markdown(card.title)} has similar inputs. "
        f"{DISTANCES if method == T_SNE else ''}Crosses are misclassified digits."
    )
    if method != T_SNE and not is_run(card.id) and dataset_id != MY_DRAWINGS:
        st.info(
            "A map by t-SNE separates groups better. It was not computed yet: run "
            f"`{COMMAND} --model {card.id}`.",
            icon=":material/info:",
        )


if __name__ == "__main__":
    main()
