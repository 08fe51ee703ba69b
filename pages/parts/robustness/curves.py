"""Accuracy by severity under one corruption, one line for each model."""

from collections.abc import Sequence

import streamlit as st

from core.figures.robustness import SeverityCurve, describe_severity_curves, draw_severity_curves
from core.models.card import ModelCard
from core.models.files import is_run
from core.synthesis.corruptions import CORRUPTIONS, Corruption
from pages.parts.robustness.measurements import (
    SAMPLE_SIZE,
    find_measured,
    measure_curve,
    offer_measurement,
    show_unmeasured,
)
from pages.widgets.cache import get_colours
from pages.widgets.charts import ZOOM
from pages.widgets.data import MY_DRAWINGS, get_dataset
from pages.widgets.pickers import WIDTH


def pick_corruption() -> Corruption:
    """Let the visitor choose a corruption."""
    corruption_id = st.selectbox(
        "Corruption",
        list(CORRUPTIONS),
        format_func=lambda corruption_id: CORRUPTIONS[corruption_id].title,
        key="corruption",
        bind="query-params",
        width=WIDTH,
    )
    return CORRUPTIONS[corruption_id]


def show_curves(dataset_id: str, corruption: Corruption, cards: Sequence[ModelCard]) -> None:
    """Show accuracy against severity.

    Raises:
        NoDrawingsError: the data set is the visitor's drawings, and there are none.
    """
    if dataset_id == MY_DRAWINGS:
        curves, digits = _measure_drawings(corruption, cards)
    else:
        curves, digits = _collect_curves(dataset_id, corruption, cards)
    if not curves:
        return
    st.plotly_chart(
        draw_severity_curves(curves, get_colours([curve.model_id for curve in curves]), corruption),
        key="severities",
        config=ZOOM,
        alt=f"Accuracy on {digits} under {corruption.title.lower()}, severities 0 to 5. "
        + describe_severity_curves(curves),
    )
    st.caption(_describe_measurement(digits, corruption))


def _measure_drawings(
    corruption: Corruption, cards: Sequence[ModelCard]
) -> tuple[list[SeverityCurve], str]:
    """Curves on the visitor's drawings, measured now, and how many drawings there are in words."""
    drawings = get_dataset(MY_DRAWINGS)
    curves = [measure_curve(card, drawings, corruption) for card in cards]
    return curves, f"{len(drawings):,} digits"


def _collect_curves(
    dataset_id: str, corruption: Corruption, cards: Sequence[ModelCard]
) -> tuple[list[SeverityCurve], str]:
    """Stored curves of built-in models, measured ones of runs, and the numbers of digits."""
    counts = find_measured(dataset_id, cards)
    measured = {
        model_id: estimates
        for model_id in counts
        if (estimates := counts[model_id].estimate(corruption.id))
    }
    missing = [card for card in cards if card.id not in measured]
    show_unmeasured([card for card in missing if not is_run(card.id)])
    sampled = offer_measurement(
        [card for card in missing if is_run(card.id)], dataset_id, corruption
    )
    stored = [
        SeverityCurve(card.id, card.title, measured[card.id])
        for card in cards
        if card.id in measured
    ]
    digits = [f"{counts[model_id].total:,} digits" for model_id in measured][:1]
    if sampled:
        digits.append(f"{SAMPLE_SIZE:,} {'for runs' if digits else 'digits'}")
    return [*stored, *sampled], ", ".join(digits)


def _describe_measurement(digits: str, corruption: Corruption) -> str:
    source = (
        "The severities are those of MNIST-C (Mu and Gilmer, 2019)."
        if corruption.from_mnist_c
        else "The severities were chosen for this project."
    )
    return (
        f"Measured on {digits}; bands are 95% intervals. {source} The frame is corrupted after "
        "preprocessing, which would undo a shift or a change of size."
    )
