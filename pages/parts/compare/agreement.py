"""Agreement of models: a chart of all combinations of correct and wrong, and their digits."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.analysis.agreement import Region, list_regions
from core.analysis.evaluation import Evaluation
from core.digits.datasets import Dataset
from core.figures.agreement import draw_agreement
from core.models.card import ModelCard
from core.server.model_cache import get_classifier
from pages.widgets.cache import get_colours
from pages.widgets.digit_detail import find_picked_digit, show_digit_thumbnails, show_picked_digit
from pages.widgets.label_errors import explain_flag, flag_label
from pages.widgets.pickers import order_models, pick_counted
from pages.widgets.wording import escape_markdown, with_article

CHART = "agreement"
REGION = "region"
WIDTH = 720


def show_agreement(
    evaluations: Sequence[Evaluation], dataset: Dataset, cards: Mapping[str, ModelCard]
) -> None:
    """Show the chart of agreement, and the digits of the region that is picked on it."""
    st.subheader("Which models are correct")
    region = pick_region(list_regions(evaluations), evaluations, scope=dataset.id)
    if len(region.indices):
        show_region(region, evaluations, dataset, cards)
    else:
        st.info("There are no such digits in this data set.", icon=":material/check:")


def show_region(
    region: Region,
    evaluations: Sequence[Evaluation],
    dataset: Dataset,
    cards: Mapping[str, ModelCard],
) -> None:
    """Show the thumbnails of a region, and the predictions of all models for the picked one."""
    compared = [evaluation.model_id for evaluation in evaluations]
    listed = [model_id for model_id in order_models(cards) if model_id not in compared]
    picked = find_picked_digit(region.indices)
    left, right = st.columns([3, 2], gap="large")
    with left:
        titles = ", ".join(evaluation.title for evaluation in evaluations)
        show_digit_thumbnails(
            region.indices,
            picked,
            dataset,
            lambda index: describe_digit(index, evaluations, dataset),
        )
        st.caption(f"Below each image: label → predictions of {escape_markdown(titles)}.")
        explain_flag(region.indices, dataset)
    with right:
        show_picked_digit(
            picked,
            dataset,
            [get_classifier(cards[model_id]) for model_id in compared],
            [get_classifier(cards[model_id]) for model_id in listed],
            rival=find_runner_up(picked, evaluations),
        )


def pick_region(
    regions: Sequence[Region], evaluations: Sequence[Evaluation], *, scope: str
) -> Region:
    """Let the visitor pick a region, from a list or on the chart.

    Args:
        regions: of the evaluations; the one where all models are correct comes first.
        evaluations: of the models.
        scope: what the counts belong to; the widgets of another scope keep their own state.
    """
    titles = [evaluation.title for evaluation in evaluations]
    by_code = {_encode(region): region for region in regions}
    labels = {
        code: f"{name_region(region, titles)} · {len(region.indices):,}"
        for code, region in by_code.items()
    }
    scope = "_".join([scope, *(evaluation.model_id for evaluation in evaluations)])
    all_wrong = _encode(regions[-1])
    with st.container(width=WIDTH):
        chart = st.container()  # above the list, which chooses the region that it shows
        code = pick_counted(
            "Digits", labels, name=REGION, default=all_wrong, scope=scope, width=WIDTH
        )
    with chart:
        _show_chart(by_code, evaluations, labels, picked=code, scope=scope)
        all_correct = len(regions[0].indices)
        st.caption(
            "Filled circle: correct. Empty circle: wrong. Click a bar to see its digits. Not "
            f"shown: {all_correct:,} digits that all of these models classify correctly."
        )
    return by_code[code]


def name_region(region: Region, titles: Sequence[str]) -> str:
    """Which models are correct, in words."""
    correct = [title for title, is_right in zip(titles, region.right, strict=True) if is_right]
    wrong = [title for title in titles if title not in correct]
    if not wrong:
        return "all correct"
    if not correct:
        return "all wrong"
    if len(wrong) == 1 and len(correct) > 1:
        return f"only {wrong[0]} wrong"
    return f"only {' and '.join(correct)} correct"


def describe_digit(
    index: int, evaluations: Sequence[Evaluation], dataset: Dataset
) -> tuple[str, str]:
    """The caption of a digit in the gallery, and a sentence for screen readers."""
    label = evaluations[0].labels[index]
    predictions = [int(evaluation.predicted[index]) for evaluation in evaluations]
    caption = f"{label} → {', '.join(map(str, predictions))}"
    parts = (
        f"{evaluation.title} predicts {digit}"
        for evaluation, digit in zip(evaluations, predictions, strict=True)
    )
    sentence = f"Number {index}, {with_article(label)}: {', '.join(parts)}"
    return flag_label(caption, sentence, index, dataset)


def find_runner_up(index: int, evaluations: Sequence[Evaluation]) -> int:
    """The most probable digit other than the label, by the mean of the models."""
    probabilities = np.mean([evaluation.probabilities[index] for evaluation in evaluations], axis=0)
    probabilities[evaluations[0].labels[index]] = -1
    return int(probabilities.argmax())


def _show_chart(
    by_code: Mapping[str, Region],
    evaluations: Sequence[Evaluation],
    labels: Mapping[str, str],
    *,
    picked: str,
    scope: str,
) -> None:
    key = f"{CHART}_{scope}"

    def take_click() -> None:
        points = st.session_state[key].selection.points
        if points:
            clicked = list(by_code)[points[0]["customdata"]]
            st.query_params[REGION] = st.session_state[f"{REGION}_{scope}"] = clicked

    colours = get_colours([evaluation.model_id for evaluation in evaluations])
    st.plotly_chart(
        draw_agreement(
            list(by_code.values()),
            [evaluation.title for evaluation in evaluations],
            [colours[evaluation.model_id] for evaluation in evaluations],
            picked=by_code[picked],
        ),
        key=key,
        on_select=take_click,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Number of digits for each combination of correct models. "
        + " ".join(f"{label}." for label in labels.values()),
    )


def _encode(region: Region) -> str:
    """A region in the URL: 1 for each model that is correct, 0 for each that is wrong."""
    return "".join(str(int(is_right)) for is_right in region.right)
