"""Examples: one digit at every severity, and at any amount of the corruption."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.analysis.robustness import take_sample
from core.digits.datasets import Dataset, MnistUnavailableError
from core.digits.frame import Frame, bytes_from_frames
from core.figures.digit import png_address
from core.figures.robustness import find_scale
from core.models.card import ModelCard
from core.server.model_cache import get_classifier
from core.synthesis.corruptions import SEVERITIES, Corruption, corrupt
from pages.parts.robustness.measurements import SAMPLE_SIZE
from pages.widgets.cache import estimate_corrupted
from pages.widgets.data import BUNDLED_DIGITS, MNIST_TEST, get_dataset, has_mnist
from pages.widgets.empty_states import explain_bundled_digits, offer_download
from pages.widgets.images import Picture, show_pictures
from pages.widgets.wording import escape_markdown, format_interval, to_sentence, with_article

PICTURE_SIDE, LARGE_SIDE = 52, 112  # pixels; six small ones fit side by side on a phone
SEVERITY_LABELS = ["0", *map(str, SEVERITIES)]


def show_examples(dataset_id: str, corruption: Corruption, cards: Sequence[ModelCard]) -> None:
    """Show one digit under the corruption and, if wanted, the accuracy under another amount.

    Raises:
        NoDrawingsError: the data set is the visitor's drawings, and there are none.
    """
    is_available = dataset_id != MNIST_TEST or has_mnist()
    example = dataset_id if is_available else BUNDLED_DIGITS
    label, frame = pick_digit(get_dataset(example))
    explain_bundled_digits(example)
    show_severities(label, frame, corruption, cards)
    if not st.toggle("Try another amount", key="live", bind="query-params"):
        return
    try:
        dataset = get_dataset(dataset_id)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
    else:
        show_another_amount(label, frame, take_sample(dataset, SAMPLE_SIZE), corruption, cards)


def pick_digit(dataset: Dataset) -> tuple[int, Frame]:
    """Let the visitor choose a class; returns it, and the frame of its first digit."""
    labels = [int(label) for label in np.unique(dataset.labels)]
    label = st.pills(
        "Digit",
        labels,
        default=labels[len(labels) // 2],
        required=True,
        wrap=True,
        key="digit",
        bind="query-params",
    )
    return label, dataset.frame(int(np.flatnonzero(dataset.labels == label)[0]))


def show_severities(
    label: int, frame: Frame, corruption: Corruption, cards: Sequence[ModelCard]
) -> None:
    """Show a digit at the severities 0 to 5, and what each model predicts there."""
    frames = [frame, *(_corrupt_frame(frame, corruption, amount) for amount in corruption.amounts)]
    name = with_article(label)
    show_pictures(
        [
            Picture(_address(corrupted), f"{name} at severity {severity}".capitalize(), severity)
            for corrupted, severity in zip(frames, SEVERITY_LABELS, strict=True)
        ],
        width=PICTURE_SIDE,
    )
    st.table(
        [
            {"Prediction at severity": escape_markdown(card.title)} | _predict_each(card, frames)
            for card in cards
        ],
        hide_index=True,
        border="horizontal",
        width="content",
        alt=f"What each model predicts for {name} at the severities 0 to 5",
    )


def show_another_amount(
    label: int, frame: Frame, sample: Dataset, corruption: Corruption, cards: Sequence[ModelCard]
) -> None:
    """Offer a slider for the amount; show the digit and the accuracy on a sample under it."""
    amount = _pick_amount(corruption)
    scale, unit = find_scale(corruption)
    under = f"under {corruption.title.lower()} {scale * amount:.3g} {unit}".strip()
    with st.container(horizontal=True):
        address = _address(_corrupt_frame(frame, corruption, amount))
        description = f"{with_article(label)} {under}".capitalize()
        show_pictures([Picture(address, description)], width=LARGE_SIDE)
        st.table(
            [
                {"Model": escape_markdown(card.title)}
                | _format_estimate(card, sample, corruption, amount)
                for card in cards
            ],
            hide_index=True,
            border="horizontal",
            width="content",
            alt=f"Accuracy of each model {under}",
        )
    st.caption(f"Measured on {len(sample):,} digits, taken at equal distances in the data set.")


def _pick_amount(corruption: Corruption) -> float:
    """A slider of amounts; angles are whole degrees."""
    scale, unit = find_scale(corruption)
    ends = sorted((corruption.mildest, corruption.amounts[-1]))
    amounts = (*ends, corruption.amounts[2], corruption.step)
    lowest, highest, middle, step = (
        float(amount if scale == 1 else round(scale * amount)) for amount in amounts
    )
    shown = st.slider(
        ", ".join(filter(None, (corruption.title, unit))),
        lowest,
        highest,
        middle,
        step=step,
        format="%g",
        key=f"amount_{corruption.id}",
        bind="query-params",
    )
    return shown / scale


def _predict_each(card: ModelCard, frames: Sequence[Frame]) -> dict[str, int]:
    """The predicted digit at each severity, by the severity's label."""
    classifier = get_classifier(card)
    predicted = [classifier.predict(frame).digit for frame in frames]
    return dict(zip(SEVERITY_LABELS, predicted, strict=True))


def _corrupt_frame(frame: Frame, corruption: Corruption, amount: float) -> Frame:
    """Corrupt one ``(28, 28)`` frame."""
    return corrupt(frame[None], corruption, amount)[0]


def _format_estimate(
    card: ModelCard, dataset: Dataset, corruption: Corruption, amount: float
) -> dict[str, str]:
    estimate = estimate_corrupted(card, dataset, corruption.id, amount)
    return {
        "Accuracy": f"{estimate.value:.1%}",
        "95% interval": format_interval(estimate, decimals=1),
    }


def _address(frame: Frame) -> str:
    return png_address(bytes_from_frames(frame))
