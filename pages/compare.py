"""Compare models: where they agree, whether one is really better, and how their errors differ."""

from collections.abc import Sequence

import streamlit as st

from core.analysis.agreement import compare_pairs, list_regions
from core.analysis.evaluation import Evaluation
from core.digits.datasets import Dataset, MnistUnavailableError
from core.server.model_cache import get_classifier
from pages.parts.compare.agreement import describe_digit, pick_region, runner_up
from pages.widgets.cache import get_cards, get_evaluation
from pages.widgets.data import NoDrawingsError, choose_dataset, get_dataset
from pages.widgets.digit_detail import find_picked, show_picked, show_thumbnails
from pages.widgets.empty_states import invite_to_draw, offer_download
from pages.widgets.label_errors import explain_flag
from pages.widgets.paired_comparison import show_comparisons, show_matrices
from pages.widgets.pickers import order_models, pick_dataset, pick_models
from pages.widgets.wording import to_sentence

# With more, the map of agreement would have too many rows to be read.
MIN_MODELS, MAX_MODELS = 2, 4


def show_agreement(evaluations: Sequence[Evaluation], dataset: Dataset) -> None:
    """The map of agreement, and the digits of the region that is picked on it."""
    st.subheader("Who reads what right")
    region = pick_region(list_regions(evaluations), evaluations, scope=dataset.id)
    if not len(region.indices):
        st.info("There is no such digit here.", icon=":material/check:")
        return
    picked = find_picked(region.indices)
    explain_flag(region.indices, dataset)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_thumbnails(
            region.indices,
            picked,
            dataset,
            lambda index: describe_digit(index, evaluations, dataset),
        )
    with right:
        others = [one for one in order_models(cards) if one not in model_ids]
        show_picked(
            picked,
            dataset,
            [get_classifier(cards[one]) for one in model_ids],
            [get_classifier(cards[one]) for one in others],
            rival=runner_up(picked, evaluations),
        )


cards = get_cards()
st.title("Compare models")
st.markdown("See which digits each model alone reads right, and whether that is more than chance.")
with st.container(horizontal=True, vertical_alignment="bottom"):
    dataset_id = pick_dataset(key="digits", default=choose_dataset())
    model_ids = pick_models(cards)
if not MIN_MODELS <= len(model_ids) <= MAX_MODELS:
    st.info(f"Choose {MIN_MODELS} to {MAX_MODELS} models.", icon=":material/touch_app:")
else:
    try:
        dataset = get_dataset(dataset_id)
        evaluations = [get_evaluation(cards[one], dataset) for one in model_ids]
        show_agreement(evaluations, dataset)
        show_comparisons(compare_pairs(evaluations))
        show_matrices(evaluations)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
    except NoDrawingsError:
        invite_to_draw()
