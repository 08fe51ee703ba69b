"""The training data: a choice of it, and what a training does not find here, in words."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from core.models.card import MNIST
from core.runs.jobs import can_train, explain_no_training
from core.runs.training_data import (
    BUNDLED_DIGITS,
    MY_DRAWINGS,
    TITLES,
    TooFewDrawingsError,
    split_drawings,
)
from pages.widgets.data import NoDrawingsError, get_dataset, has_mnist
from pages.widgets.empty_states import offer_download
from pages.widgets.wording import to_sentence


def pick_training_data(
    options: Sequence[str], *, width: int | Literal["stretch"] = "stretch"
) -> str:
    """Let the visitor choose training data; by default MNIST where it is on this machine."""
    return st.selectbox(
        "Training data",
        options,
        index=options.index(MNIST if has_mnist() else BUNDLED_DIGITS),
        format_func=TITLES.__getitem__,
        help="It is split into training images, a validation set, which chooses the best epoch, "
        "and a test set.",
        key="data",
        bind="query-params",
        width=width,
    )


def check_training_needs(training_data: str) -> bool:
    """Whether a model can be trained on a data set here; otherwise, say what is missing."""
    if not can_train():
        st.info(explain_no_training(), icon=":material/download:")
        return False
    if training_data == MNIST and not has_mnist():
        offer_download(
            "MNIST is not on this machine. Download it, or choose other training data.",
            alternative=False,
        )
        return False
    return training_data != MY_DRAWINGS or _check_drawings()


def _check_drawings() -> bool:
    try:
        split_drawings(get_dataset(MY_DRAWINGS))
    except (NoDrawingsError, TooFewDrawingsError) as error:
        st.info(to_sentence(error), icon=":material/draw:")
        st.page_link("collect.py", label="Collect digits", icon=":material/arrow_forward:")
        return False
    return True
