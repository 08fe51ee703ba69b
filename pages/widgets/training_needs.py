"""What a training needs and does not find here, in words, with a way to get it."""

import streamlit as st

from core.models.card import MNIST
from core.runs.jobs import can_train, explain_no_training
from core.runs.training_data import MY_DRAWINGS, TooFewDrawingsError, split_drawings
from pages.widgets.data import NoDrawingsError, get_dataset, has_mnist
from pages.widgets.empty_states import offer_download
from pages.widgets.wording import to_sentence


def check_training_needs(training_data: str, *, without_mnist: str) -> bool:
    """Whether a model can be trained on a data set here; otherwise, say what is missing.

    Args:
        training_data: its id.
        without_mnist: a sentence for where MNIST is not on this machine.
    """
    if not can_train():
        st.info(explain_no_training(), icon=":material/download:")
        return False
    if training_data == MNIST and not has_mnist():
        offer_download(without_mnist, alternative=False)
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
