"""Compare models: where they agree, whether one is better, and how their errors differ."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.analysis.agreement import compare_pairs
from core.digits.datasets import MnistUnavailableError
from core.models.card import ModelCard
from pages.parts.compare.agreement import show_agreement
from pages.widgets.cache import get_cards, get_evaluation
from pages.widgets.data import NoDrawingsError, choose_dataset, get_dataset
from pages.widgets.empty_states import (
    explain_bundled_digits,
    invite_to_draw,
    offer_download,
)
from pages.widgets.paired_comparison import show_comparisons, show_matrices
from pages.widgets.pickers import open_choices, pick_dataset, pick_models
from pages.widgets.speeds import show_speeds
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
    """Show the agreement of the models, the tests in pairs, their matrices and their speed."""
    dataset = get_dataset(dataset_id)
    evaluations = [get_evaluation(cards[model_id], dataset) for model_id in model_ids]
    show_agreement(evaluations, dataset, cards)
    show_comparisons(compare_pairs(evaluations))
    show_matrices(evaluations)
    show_speeds([cards[model_id] for model_id in model_ids])


if __name__ == "__main__":
    main()
