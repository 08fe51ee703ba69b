"""The training data of a plan: how many digits of each kind, and some of them after changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.digits.datasets import CLASSES, MnistUnavailableError
from core.digits.frame import bytes_from_frames, frames_from_bytes
from core.figures.digit import png_address
from core.models.card import MNIST
from core.runs.learned_drawings import drop_learned
from core.runs.plan import TrainingPlan
from core.runs.training_data import (
    BUNDLED_DIGITS,
    HELD_OUT_SHARE,
    MIN_OF_EACH,
    MY_DRAWINGS,
    Split,
    TooFewDrawingsError,
    split_bundled_digits,
    split_drawings,
    split_mnist,
)
from core.synthesis.augmentation import augment
from pages.widgets.cache import get_cards
from pages.widgets.data import NoDrawingsError, get_dataset, get_store
from pages.widgets.images import Picture, show_pictures
from pages.widgets.visitor import get_owner

# Digits of each kind that are kept to be shown, and rows of them.
EXAMPLES, ROWS, PICTURE_SIDE = 12, 3, 44


@dataclass(frozen=True, eq=False)
class Summary:
    """What a page shows of training data.

    Attributes:
        labels: ``(N,)`` of the training images, in the order in which a share is taken.
        examples: for each digit, ``(K, 28, 28)`` uint8, the first of the training images.
        validation: number of images in the validation set.
        test: the same of the test set.
        test_title: its title.
        sha256: of the arrays of the whole set, by name.
    """

    labels: npt.NDArray[np.uint8]
    examples: dict[int, npt.NDArray[np.uint8]]
    validation: int
    test: int
    test_title: str
    sha256: Mapping[str, str]


def show_training_data(plan: TrainingPlan) -> None:
    """Digits of each kind as the network sees them in training; nothing where there are none."""
    try:
        summary = find_summary(plan)
    except (MnistUnavailableError, NoDrawingsError, TooFewDrawingsError):
        return  # the page says so where it offers the training
    labels = summary.labels[: plan.images] if plan.training_data == MNIST else summary.labels
    added = f" and {plan.drawing_weight} × your drawings" if plan.drawing_weight else ""
    st.markdown(
        f"**{len(labels):,} training images{added}**, {summary.validation:,} others for validation "
        f"and {summary.test:,} for the test ({summary.test_title}).{_name_missing(summary)}"
    )
    _show_examples(plan, summary, np.bincount(labels, minlength=CLASSES))


def _show_examples(plan: TrainingPlan, summary: Summary, counts: npt.NDArray[np.integer]) -> None:
    """Rows with a digit of each kind, the numbers of training images below the last one."""
    seed = st.session_state.get("changes_seed", 0)
    random = np.random.default_rng(seed)
    digits = np.array(list(summary.examples), np.uint8)
    for row in range(ROWS):
        chosen = [found[(seed * ROWS + row) % len(found)] for found in summary.examples.values()]
        frames = frames_from_bytes(np.array(chosen))
        if plan.recipe.applied_amounts:
            frames = augment(frames, digits, plan.recipe.applied_amounts, random)
        show_pictures(
            [
                Picture(
                    png_address(bytes_from_frames(frame)),
                    f"{digit}, as used in training, example {row + 1}",
                    f"{counts[digit]:,}" if row == ROWS - 1 else "",
                )
                for frame, digit in zip(frames, digits, strict=True)
            ],
            width=PICTURE_SIDE,
        )
    st.button(
        "Show other examples",
        icon=":material/casino:",
        key="again",
        on_click=lambda: st.session_state.update(changes_seed=seed + 1),
    )


def _name_missing(summary: Summary) -> str:
    """The digits that were drawn too few times; empty where there are none."""
    missing = [str(digit) for digit in range(CLASSES) if digit not in summary.examples]
    if not missing:
        return ""
    return f" Left out, because fewer than {MIN_OF_EACH} different drawings: {', '.join(missing)}."


def count_images(plan: TrainingPlan, summary: Summary) -> int:
    """The number of training images of a plan, with the drawings that are added to them."""
    images = plan.images if plan.training_data == MNIST else len(summary.labels)
    if not plan.drawing_weight:
        return images
    drawings = get_store().count(get_owner())
    held_out = round(HELD_OUT_SHARE * drawings)  # about
    return images + plan.drawing_weight * (drawings - held_out)


def find_summary(plan: TrainingPlan) -> Summary:
    """What a page shows of the training data of a plan.

    Raises:
        MnistUnavailableError, NoDrawingsError, TooFewDrawingsError: there is none.
    """
    if plan.training_data == MY_DRAWINGS:  # one visitor's alone, and different after every change
        return _summarise(split_own_drawings(plan))
    return _load_summary(plan.training_data)


def split_own_drawings(plan: TrainingPlan) -> Split:
    """The visitor's drawings as a plan splits them: no test on what its models have learned.

    Raises:
        NoDrawingsError, TooFewDrawingsError: there are too few.
    """
    split, cards = split_drawings(get_dataset(MY_DRAWINGS)), get_cards()
    used = [cards[model_id] for model_id in plan.used_models if model_id in cards]
    return replace(split, test=drop_learned(split.test, used))


@st.cache_resource(show_spinner="Loading the digits …")
def _load_summary(training_data: str) -> Summary:
    return _summarise(split_bundled_digits() if training_data == BUNDLED_DIGITS else split_mnist())


def _summarise(split: Split) -> Summary:
    training = split.training
    return Summary(
        labels=training.labels,
        examples={
            int(digit): training.images[np.flatnonzero(training.labels == digit)[:EXAMPLES]]
            for digit in np.unique(training.labels)
        },
        validation=len(split.validation),
        test=len(split.test),
        test_title=split.test.title,
        sha256=split.sha256,
    )
