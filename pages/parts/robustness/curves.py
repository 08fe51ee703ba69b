"""Accuracy under one corruption: curves, and a digit at every severity."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.analysis.robustness import take_sample
from core.digits.datasets import Dataset, MnistUnavailableError
from core.figures.digit import png_address
from core.figures.robustness import SeverityCurve, draw_severity_curves
from core.models.card import ModelCard
from core.models.files import is_run
from core.server.model_cache import get_classifier
from core.synthesis.corruptions import CORRUPTIONS, SEVERITIES, Corruption, corrupt
from pages.parts.robustness.overview import find_measured, show_unmeasured
from pages.widgets.cache import estimate_corrupted, get_colours
from pages.widgets.data import MY_DRAWINGS, get_dataset
from pages.widgets.empty_states import offer_download
from pages.widgets.images import Picture, show_pictures
from pages.widgets.wording import to_sentence, with_article

PICTURE_SIDE, LARGE_SIDE = 52, 112  # six of them abreast on a phone
# Read at every move of the slider, within a second by all models there are.
SAMPLE_SIZE = 1000


def pick_corruption() -> Corruption:
    """One corruption."""
    corruption_id = st.selectbox(
        "Corruption",
        list(CORRUPTIONS),
        format_func=lambda one: CORRUPTIONS[one].title,
        key="corruption",
        bind="query-params",
        width=190,
    )
    return CORRUPTIONS[corruption_id]


def show_curves(dataset_id: str, corruption: Corruption, cards: Sequence[ModelCard]) -> None:
    """Accuracy against severity: stored, or measured now on the visitor's drawings, or for runs.

    Raises:
        NoDrawingsError: it is the visitor's drawings, and there are none.
    """
    if dataset_id == MY_DRAWINGS:
        drawings = get_dataset(dataset_id)
        digits = f"{len(drawings):,} digits"
        curves = [_measure(one, drawings, corruption) for one in cards]
    else:
        measured = find_measured(dataset_id, cards)
        digits = next((f"{one.total:,} digits" for one in measured.values()), "")
        curves = [
            SeverityCurve(one.id, one.title, measured[one.id].estimate(corruption.id))
            for one in cards
            if one.id in measured
        ]
        missing = [one for one in cards if one.id not in measured]
        show_unmeasured([one for one in missing if not is_run(one.id)])
        sampled = offer_measurement(
            [one for one in missing if is_run(one.id)], dataset_id, corruption
        )
        if sampled:
            digits = f"{digits}, {SAMPLE_SIZE:,} for runs" if digits else f"{SAMPLE_SIZE:,} digits"
        curves += sampled
    st.plotly_chart(
        draw_severity_curves(curves, get_colours([one.model_id for one in curves]), corruption),
        key="severities",
        config={"displayModeBar": False},
        alt=f"Accuracy on {digits or 'no digits'} under {corruption.title.lower()}, "
        "severities 0 to 5. "
        + " ".join(
            f"{curve.title}: {', '.join(f'{one.value:.1%}' for one in curve.estimates)}."
            for curve in curves
        ),
    )
    source = (
        "Severities as in MNIST-C (Mu and Gilmer, 2019)"
        if corruption.from_mnist_c
        else "Severities of our own"
    )
    st.caption(
        f"{digits or 'No digits'}; bands are 95 % intervals. {source}. What is changed is the "
        "frame that models read: drawn or uploaded digits are centred and scaled before."
    )


def show_digit(
    dataset: Dataset, corruption: Corruption, cards: Sequence[ModelCard]
) -> tuple[int, np.ndarray]:
    """A digit at every severity, and how the models read it; returns its label and frame."""
    labels = [int(one) for one in np.unique(dataset.labels)]
    label = st.pills(
        "Digit",
        labels,
        default=labels[len(labels) // 2],
        required=True,
        wrap=True,
        key="digit",
        bind="query-params",
    )
    frame = dataset.frame(int(np.flatnonzero(dataset.labels == label)[0]))
    frames = [frame, *(corrupt_one(frame, corruption, one) for one in corruption.amounts)]
    captions = ["0", *map(str, SEVERITIES)]
    show_pictures(
        [
            Picture(
                _address(one),
                f"{with_article(label)} at severity {severity}".capitalize(),
                severity,
            )
            for one, severity in zip(frames, captions, strict=True)
        ],
        width=PICTURE_SIDE,
    )
    readings = [[get_classifier(card).predict(one).digit for one in frames] for card in cards]
    st.table(
        [
            {"Reads at severity": card.title} | dict(zip(captions, read, strict=True))
            for card, read in zip(cards, readings, strict=True)
        ],
        hide_index=True,
        border="horizontal",
        width="content",
        alt=f"What each model reads in {with_article(label)} at the severities 0 to 5",
    )
    return label, frame


def show_another_amount(
    digit: tuple[int, np.ndarray],
    dataset: Dataset,
    corruption: Corruption,
    cards: Sequence[ModelCard],
) -> None:
    """A slider for any amount, the digit under it, and the accuracy on a sample."""
    ends = sorted((corruption.mildest, corruption.amounts[-1]))
    amount = st.slider(
        f"{corruption.title}" + (f", {corruption.unit}" if corruption.unit else ""),
        float(ends[0]),
        float(ends[1]),
        float(corruption.amounts[2]),
        step=float(corruption.step),
        format="%g",
        key=f"amount_{corruption.id}",
        bind="query-params",
    )
    sample = take_sample(dataset, SAMPLE_SIZE)
    label, frame = digit
    description = f"{with_article(label)} under {corruption.title.lower()} {amount:g}".capitalize()
    with st.container(horizontal=True):
        show_pictures(
            [Picture(_address(corrupt_one(frame, corruption, amount)), description)],
            width=LARGE_SIDE,
        )
        st.table(
            [
                {"Model": card.title} | _format_estimate(card, sample, corruption, amount)
                for card in cards
            ],
            hide_index=True,
            border="horizontal",
            width="content",
            alt=f"Accuracy of each model under {corruption.title.lower()} {amount:g}",
        )
    st.caption(f"Accuracy on {len(sample):,} digits from all over the data set.")


def offer_measurement(
    runs: Sequence[ModelCard], dataset_id: str, corruption: Corruption
) -> list[SeverityCurve]:
    """Name the runs that nothing is stored of, and measure them on a sample if that is wished."""
    if not runs:
        return []
    names = ", ".join(card.title for card in runs)
    st.info(f"Nothing is stored of {names}.", icon=":material/info:")
    if not st.toggle(f"Measure on {SAMPLE_SIZE:,} digits", key="measure", bind="query-params"):
        return []
    try:
        sample = take_sample(get_dataset(dataset_id), SAMPLE_SIZE)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error), key="measure_download")
        return []
    return [_measure(one, sample, corruption) for one in runs]


def corrupt_one(frame: np.ndarray, corruption: Corruption, amount: float) -> np.ndarray:
    """One corrupted ``(28, 28)`` frame."""
    return corrupt(frame[None], corruption, amount)[0]


def _measure(card: ModelCard, dataset: Dataset, corruption: Corruption) -> SeverityCurve:
    amounts = (None, *corruption.amounts)
    estimates = [estimate_corrupted(card, dataset, corruption.id, one) for one in amounts]
    return SeverityCurve(card.id, card.title, estimates)


def _format_estimate(
    card: ModelCard, dataset: Dataset, corruption: Corruption, amount: float
) -> dict[str, str]:
    estimate = estimate_corrupted(card, dataset, corruption.id, amount)
    return {
        "Accuracy": f"{estimate.value:.1%}",
        "95 % interval": f"{estimate.low:.1%} to {estimate.high:.1%}",
    }


def _address(frame: np.ndarray) -> str:
    return png_address(np.round(frame * 255).astype(np.uint8))
