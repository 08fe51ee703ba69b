"""Error explorer: the digits behind the numbers, pair by pair, the surest mistakes first."""

from dataclasses import asdict

import streamlit as st

from core.analysis.evaluation import Evaluation, report_from_evaluation
from core.analysis.label_errors import find_suspected_labels
from core.analysis.misclassifications import Misclassification, list_misclassifications
from core.digits.datasets import Dataset, MnistUnavailableError
from core.server.model_cache import get_classifier
from pages.parts.errors.downloads import offer_downloads
from pages.widgets.cache import get_built_in_cards, get_cards, get_evaluation
from pages.widgets.data import NoDrawingsError, choose_dataset, get_dataset
from pages.widgets.digit_detail import find_picked, show_picked, show_thumbnails
from pages.widgets.empty_states import invite_to_draw, offer_download
from pages.widgets.label_errors import (
    FLAG,
    describe_misreading,
    describe_suspect,
    explain_flag,
    show_accuracy_without_known_errors,
)
from pages.widgets.pairs import ALL_PAIRS, pick_pair, pick_way
from pages.widgets.pickers import choose_defaults, order_models, pick_dataset, pick_model
from pages.widgets.wording import to_sentence

# One pair of digits cannot fill the first page.
MAX_OF_EACH = 6
MISREAD, SUSPECTED = "Misread digits", "Suspected labels"


def pick_errors(evaluation: Evaluation, scope: str) -> list[Misclassification]:
    """The misreadings of the chosen pair, direction and confidence."""
    confusion = report_from_evaluation(evaluation).confusion
    pair = pick_pair(confusion, scope=scope)
    with st.container(horizontal=True, gap="large"):
        pairs = pick_way(confusion, pair, scope=scope)
        low, high = st.slider(
            "Confidence in the wrong answer, in per cent",
            value=(0, 100),
            key="confidence",
            bind="query-params",
            width=320,
        )
        capped = pair == ALL_PAIRS and st.toggle(
            f"At most {MAX_OF_EACH} of each pair", value=True, key="capped", bind="query-params"
        )
    return list_misclassifications(
        evaluation,
        pairs=pairs,
        confidence=(low / 100, high / 100),
        max_per_pair=MAX_OF_EACH if capped else None,
    )


def show_misreadings(evaluation: Evaluation, dataset: Dataset) -> None:
    """The digits that one model got wrong."""
    found = {one.index: one for one in pick_errors(evaluation, f"{dataset.id}_{model_id}")}
    if not found:
        st.info(f"{evaluation.title} made no such error here.", icon=":material/check:")
        return
    count = f"{len(found)} image{'s' if len(found) > 1 else ''}"
    st.markdown(f"**{count}** misread by {evaluation.title}, the surest mistake first.")
    show_accuracy_without_known_errors(evaluation, dataset)
    captions = {index: describe_misreading(one, dataset) for index, one in found.items()}
    show_digits(captions, {index: one.predicted for index, one in found.items()}, dataset)
    offer_downloads([asdict(one) for one in found.values()], list_captions(captions), dataset)


def show_suspects(dataset: Dataset) -> None:
    """The digits whose labels all built-in models together doubt."""
    asked = list(get_built_in_cards().values())
    suspects = find_suspected_labels([get_evaluation(one, dataset) for one in asked])
    models = f"all {len(asked)}{' built-in' if len(cards) > len(asked) else ''} models"
    st.markdown(f"The **{len(suspects)} labels** that {models} together find least probable.")
    explain_flag([one.index for one in suspects], dataset)
    captions = {one.index: describe_suspect(one, dataset) for one in suspects}
    show_digits(captions, {one.index: one.suggested for one in suspects}, dataset)
    offer_downloads([asdict(one) for one in suspects], list_captions(captions), dataset)


def list_captions(captions: dict[int, tuple[str, str]]) -> list[str]:
    """Captions in the letters that a picture has."""
    return [caption.replace("→", ">").replace(FLAG, "!") for caption, _ in captions.values()]


def show_digits(
    captions: dict[int, tuple[str, str]], rivals: dict[int, int], dataset: Dataset
) -> None:
    """The gallery and the picked digit side by side."""
    picked = find_picked([*captions])
    chosen = [model_id] if model_id else []
    charted = list(dict.fromkeys([*choose_defaults(cards), *chosen]))
    others = [one for one in order_models(cards) if one not in charted]
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_thumbnails([*captions], picked, dataset, captions.__getitem__)
    with right:
        show_picked(
            picked,
            dataset,
            [get_classifier(cards[one]) for one in charted],
            [get_classifier(cards[one]) for one in others],
            rival=rivals[picked],
        )


cards = get_cards()
st.title("Error explorer")
st.markdown("Look at the very images a model got wrong, and at what the others make of them.")
with st.container(horizontal=True, vertical_alignment="bottom"):
    dataset_id = pick_dataset(key="dataset", default=choose_dataset())
    shown = st.segmented_control(
        "Show", [MISREAD, SUSPECTED], default=MISREAD, required=True, key="show",
        bind="query-params",
    )  # fmt: skip
    model_id = pick_model(cards) if shown == MISREAD else None
try:
    dataset = get_dataset(dataset_id)
    if model_id:
        show_misreadings(get_evaluation(cards[model_id], dataset), dataset)
    else:
        show_suspects(dataset)
except MnistUnavailableError as error:
    offer_download(to_sentence(error))
except NoDrawingsError:
    invite_to_draw()
