"""Error explorer: the misclassified images, why a pair is confused, labels that may be wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import streamlit as st

from core.analysis.evaluation import Evaluation, report_from_evaluation
from core.analysis.label_errors import find_suspected_labels
from core.analysis.misclassifications import (
    ORDERS,
    Misclassification,
    list_misclassifications,
    sort_misclassifications,
)
from core.counts import describe_count
from core.digits.datasets import Dataset, MnistUnavailableError
from core.models.card import ModelCard
from pages.parts.errors.downloads import offer_downloads
from pages.parts.errors.gallery import show_errors
from pages.parts.errors.linked_slice import keep_linked
from pages.parts.errors.pair import pick_pool, show_pair
from pages.widgets.cache import get_built_in_cards, get_cards, get_evaluation
from pages.widgets.data import NoDrawingsError, choose_dataset, get_dataset
from pages.widgets.empty_states import (
    explain_bundled_digits,
    invite_to_draw,
    offer_download,
)
from pages.widgets.label_errors import (
    describe_misclassification,
    describe_suspect,
    explain_flag,
    show_accuracy_without_known_errors,
)
from pages.widgets.pairs import ALL_PAIRS, pick_pair, pick_way
from pages.widgets.pickers import open_choices, pick_dataset, pick_model
from pages.widgets.test_sets import warn_of_training_digits
from pages.widgets.wording import escape_markdown, name_all, to_sentence

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

# One pair of digits cannot fill the first page of the gallery.
MAX_OF_EACH = 6
MISCLASSIFIED, WHY, SUSPECTED = "Misclassified digits", "Why this pair", "Suspected label errors"
SUBTITLES = {
    MISCLASSIFIED: "See the images that a model misclassified, and what the other models predict.",
    WHY: "See how two digits that models confuse differ, and what the confused ones look like.",
    SUSPECTED: "See the digits whose labels the models doubt most.",
}
VIEWS = list(SUBTITLES)
VIEW_WIDTH = 210  # in pixels; the titles fit


def main() -> None:
    """Show misclassified digits of one model, why a pair is confused, or suspected labels."""
    cards = get_cards()
    st.title("Error explorer")
    subtitle = st.empty()
    choices = open_choices()
    with choices:
        dataset_id, shown, model_ids = pick_view(cards)
    subtitle.markdown(SUBTITLES[shown])
    explain_bundled_digits(dataset_id)
    try:
        dataset = get_dataset(dataset_id)
        if shown == MISCLASSIFIED:
            show_misclassifications(cards, model_ids[0], dataset, choices)
        elif shown == WHY:
            show_pair(cards, model_ids, dataset, choices)
        else:
            show_suspects(cards, model_ids, dataset)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
    except NoDrawingsError:
        invite_to_draw()


def pick_view(cards: Mapping[str, ModelCard]) -> tuple[str, str, list[str]]:
    """Let the visitor choose a data set, what of it is shown, and by which models."""
    dataset_id = pick_dataset(key="dataset", default=choose_dataset())
    shown = st.selectbox("Show", VIEWS, key="show", bind="query-params", width=VIEW_WIDTH)
    if shown == MISCLASSIFIED:
        return dataset_id, shown, [pick_model(cards)]
    return dataset_id, shown, pick_pool(cards) if shown == WHY else [*get_built_in_cards()]


def show_misclassifications(
    cards: Mapping[str, ModelCard], model_id: str, dataset: Dataset, choices: "DeltaGenerator"
) -> None:
    """Show the digits that one model misclassified; ``choices`` is the row for what is chosen."""
    warn_of_training_digits([cards[model_id]], dataset.id)
    evaluation = get_evaluation(cards[model_id], dataset)
    title = escape_markdown(evaluation.title)
    with choices:
        errors = pick_errors(evaluation, scope=f"{dataset.id}_{model_id}")
    errors = keep_linked(errors, dataset)
    if not errors:
        st.info(
            f"{title} made no such error. Choose another pair or confidence.",
            icon=":material/check:",
        )
        return
    count = describe_count(len(errors), "image")
    st.markdown(f"**{count}** misclassified by {title}: label → predicted digit.")
    captions = {error.index: describe_misclassification(error, dataset) for error in errors}
    rivals = {error.index: error.predicted for error in errors}
    show_errors(captions, rivals, dataset, cards, model_id)
    offer_downloads([asdict(error) for error in errors], captions, dataset)
    show_accuracy_without_known_errors(evaluation, dataset)


def pick_errors(evaluation: Evaluation, *, scope: str) -> list[Misclassification]:
    """Let the visitor choose a pair, a direction, the confidence and an order of the errors."""
    confusion = report_from_evaluation(evaluation).confusion
    pair = pick_pair(confusion, scope=scope)
    pairs = pick_way(confusion, pair, scope=scope)
    if pair != ALL_PAIRS:
        st.button(
            f"Why {pair}?",
            icon=":material/question_mark:",
            on_click=lambda: st.session_state.update(show=WHY),
            key="why",
        )
    with st.popover("More", icon=":material/tune:"):
        order = st.selectbox("Order", list(ORDERS), key="order", bind="query-params")
        low, high = st.slider(
            "Confidence in the wrong prediction, in per cent",
            value=(0, 100),
            key="confidence",
            bind="query-params",
        )
        capped = pair == ALL_PAIRS and st.toggle(
            f"At most {MAX_OF_EACH} of each pair", value=True, key="capped", bind="query-params"
        )
    errors = list_misclassifications(
        evaluation,
        pairs=pairs,
        confidence=(low / 100, high / 100),
        max_per_pair=MAX_OF_EACH if capped else None,
    )
    return sort_misclassifications(errors, order)


def show_suspects(
    cards: Mapping[str, ModelCard], model_ids: Sequence[str], dataset: Dataset
) -> None:
    """Show the digits whose labels are least probable by the mean of all built-in models."""
    suspects = find_suspected_labels([get_evaluation(cards[name], dataset) for name in model_ids])
    built_in = "built-in" if len(cards) > len(model_ids) else ""
    models = name_all(len(model_ids), built_in)
    st.markdown(
        f"The **{len(suspects)} labels** with the lowest mean probability over {models}: label → "
        "most probable other digit."
    )
    captions = {suspect.index: describe_suspect(suspect, dataset) for suspect in suspects}
    rivals = {suspect.index: suspect.suggested for suspect in suspects}
    show_errors(captions, rivals, dataset, cards)
    offer_downloads([asdict(suspect) for suspect in suspects], captions, dataset)
    explain_flag([suspect.index for suspect in suspects], dataset)


if __name__ == "__main__":
    main()
