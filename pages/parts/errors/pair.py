"""Why a pair: how often models confuse two digits, and what the confused ones have in common."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.analysis.evaluation import Evaluation
from core.analysis.label_errors import list_known_errors
from core.analysis.measures import Measures
from core.analysis.pairs import Side, divide_pair, pool_confusions
from core.analysis.thirds import measure_thirds
from core.digits.datasets import Dataset
from core.models.card import ModelCard
from pages.parts.errors.borderline import show_borderline
from pages.parts.errors.means import show_means
from pages.parts.errors.reasons import show_reasons, show_separation
from pages.widgets.cache import get_built_in_cards, get_evaluation, get_measures
from pages.widgets.data import MY_DRAWINGS, get_dataset
from pages.widgets.pairs import pick_pair, read_pair
from pages.widgets.pickers import ALL_BUILT_IN, order_models
from pages.widgets.test_sets import warn_of_training_digits

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

POOL_WIDTH = 210  # in pixels; the title fits


def pick_pool(cards: Mapping[str, ModelCard]) -> list[str]:
    """Let the visitor choose all built-in models, pooled, or one model; their ids."""
    picked = st.selectbox(
        "Models",
        [ALL_BUILT_IN, *order_models(cards)],
        format_func=lambda name: cards[name].title if name in cards else name,
        key="pool",
        bind="query-params",
        width=POOL_WIDTH,
    )
    return [*get_built_in_cards()] if picked == ALL_BUILT_IN else [picked]


def show_pair(
    cards: Mapping[str, ModelCard],
    model_ids: Sequence[str],
    dataset: Dataset,
    choices: "DeltaGenerator",
) -> None:
    """Show what is known about one pair of digits.

    Args:
        cards: all models.
        model_ids: the models whose errors are pooled.
        dataset: the data set.
        choices: the row for what is chosen.
    """
    chosen = [cards[model_id] for model_id in model_ids]
    warn_of_training_digits(chosen, dataset.id)
    evaluations = [get_evaluation(card, dataset) for card in chosen]
    with choices:
        scope = f"why_{dataset.id}_{len(chosen)}_{model_ids[0]}"
        pair = pick_pair(pool_confusions(evaluations), scope=scope, with_all=False)
    known_errors = list_known_errors(dataset.id)
    sides = divide_pair(evaluations, read_pair(pair), excluded=known_errors)
    absent = [digit for digit in read_pair(pair) if digit not in dataset.labels]
    if len(absent) == len(sides):
        st.info(
            f"There is no {absent[0]} and no {absent[1]} in {dataset.title}. Choose another pair "
            "or data set.",
            icon=":material/search_off:",
        )
        return
    measures = measure(dataset)
    show_reasons(sides, measures, [evaluation.title for evaluation in evaluations])
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_means(sides, dataset)
    with right:
        show_counts(sides, evaluations)
    if not absent:
        show_separation(sides, measures)
    show_borderline(sides, evaluations, dataset, cards)


def show_counts(sides: tuple[Side, Side], evaluations: Sequence[Evaluation]) -> None:
    """Show how often each model confuses the pair, in both directions, and the sums."""
    columns = [f"{side.label} → {side.other}" for side in sides]
    rows = [
        {"Model": evaluation.title, **dict(zip(columns, counts, strict=True))}
        for evaluation, counts in zip(
            evaluations, zip(*(side.errors for side in sides), strict=True), strict=True
        )
    ]
    if len(rows) > 1:
        sums = [sum(side.errors) for side in sides]
        rows.append({"Model": "Sum", **dict(zip(columns, sums, strict=True))})
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        key="pair_counts",
        alt="Errors of each model: "
        + " ".join(", ".join(f"{name} {value}" for name, value in row.items()) for row in rows),
    )
    if len(evaluations) > 1:
        confused = " and ".join(
            f"{len(side.confused):,} ({name})".replace(" ", "\N{NO-BREAK SPACE}")
            for name, side in zip(columns, sides, strict=True)
        )
        st.caption(
            "A digit counts once for each model that confuses it. Different digits: "
            f"{confused}, without labels that are known to be wrong."
        )


def measure(dataset: Dataset) -> Measures:
    """The measures of a data set, of whole digits and of their thirds."""
    own = dataset.id == MY_DRAWINGS
    thirds = measure_thirds(dataset.images) if own else _measure_thirds(dataset.id)
    return {**get_measures(dataset), **thirds}


@st.cache_resource(show_spinner=False)
def _measure_thirds(dataset_id: str) -> Measures:
    return measure_thirds(get_dataset(dataset_id).images)
