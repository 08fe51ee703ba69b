"""Compare models: where they agree, whether one is better, and how their errors differ."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.analysis.agreement import compare_pairs
from core.analysis.evaluation import report_from_evaluation
from core.digits.datasets import Dataset, MnistUnavailableError
from core.models.card import ModelCard
from pages.parts.compare.agreement import show_agreement
from pages.parts.compare.pair import link_to_pages, pick_two, show_matrices, show_slices
from pages.parts.compare.report import name_address, offer_report
from pages.widgets.cache import get_cards, get_evaluation
from pages.widgets.costs import show_costs
from pages.widgets.data import (
    BUNDLED_DIGITS,
    BUNDLED_DIGITS_TEST,
    NoDrawingsError,
    choose_dataset,
    get_dataset,
)
from pages.widgets.empty_states import (
    explain_bundled_digits,
    invite_to_draw,
    offer_download,
)
from pages.widgets.paired_comparison import show_comparisons
from pages.widgets.pickers import open_choices, pick_dataset, pick_models
from pages.widgets.test_sets import warn_of_training_digits
from pages.widgets.wording import to_sentence

# More models would have too many combinations of correct and wrong to read.
MIN_MODELS, MAX_MODELS = 2, 4


def main() -> None:
    """Compare two to four models on one data set."""
    cards = get_cards()
    st.title("Compare models")
    st.markdown(
        "See which digits only some models classify correctly, and whether one model is better."
    )
    dataset_id, model_ids = pick_view(cards)
    if not MIN_MODELS <= len(model_ids) <= MAX_MODELS:
        st.info(f"Choose {MIN_MODELS} to {MAX_MODELS} models.", icon=":material/touch_app:")
        return
    explain_bundled_digits(dataset_id)
    try:
        show_comparison(dataset_id, model_ids, cards)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
    except NoDrawingsError:
        invite_to_draw()


def pick_view(cards: Mapping[str, ModelCard]) -> tuple[str, list[str]]:
    """Let the visitor choose a data set and models."""
    with open_choices():
        return pick_dataset(key="digits", default=choose_dataset()), pick_models(cards)


def show_comparison(
    dataset_id: str, model_ids: Sequence[str], cards: Mapping[str, ModelCard]
) -> None:
    """Show the agreement and the costs of the models, two of them side by side, and a report."""
    chosen = [cards[model_id] for model_id in model_ids]
    dataset = choose_digits(dataset_id, chosen)
    evaluations = [get_evaluation(card, dataset) for card in chosen]
    show_agreement(evaluations, dataset, cards)
    show_comparisons(compare_pairs(evaluations))
    accuracies = {one.model_id: report_from_evaluation(one).accuracy for one in evaluations}
    show_costs(chosen, accuracies, dataset.id)
    st.subheader("Where their errors differ")
    pair = pick_two(chosen)
    show_matrices([get_evaluation(card, dataset) for card in pair])
    show_slices(pair, dataset)
    link_to_pages(pair, dataset_id)
    address = name_address(chosen, pair, dataset_id)
    offer_report(chosen, pair, dataset, cards, address=address)


def choose_digits(dataset_id: str, cards: Sequence[ModelCard]) -> Dataset:
    """The data set, or of the bundled digits only the test set where a model learned the others."""
    learned = any(BUNDLED_DIGITS in card.trained_on for card in cards)
    if dataset_id == BUNDLED_DIGITS and learned:
        dataset_id = BUNDLED_DIGITS_TEST
        st.caption("Only the digits of the test set are compared: a model learned from the others.")
    warn_of_training_digits(cards, dataset_id)
    return get_dataset(dataset_id)


if __name__ == "__main__":
    main()
