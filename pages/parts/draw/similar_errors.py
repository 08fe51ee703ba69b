"""Misread digits that look like a drawing, each a way into the error explorer."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.analysis.neighbours import find_neighbours
from core.digits.datasets import Dataset
from core.figures.digit import png_address
from core.inference.classifier import Classifier
from pages.widgets.cache import get_cards, get_evaluation
from pages.widgets.data import choose_dataset, get_dataset
from pages.widgets.gallery import Thumbnail, show_gallery
from pages.widgets.label_errors import flag_label
from pages.widgets.pairs import link_to_explorer

LOOK_ALIKES = 8


def show_look_alikes(frame: np.ndarray, classifiers: Sequence[Classifier]) -> None:
    """The digits most like the drawing that a model got wrong; a click opens the explorer there."""
    asked = {one.model_id: one for one in classifiers}
    model_id = st.segmented_control(
        "Misread by",
        list(asked),
        default=next(iter(asked)),
        required=True,
        format_func=lambda one: asked[one].title,
        key="look_alikes_of",
        bind="query-params",
    )
    dataset = get_dataset(choose_dataset())
    evaluation = get_evaluation(get_cards()[model_id], dataset)
    found = find_neighbours(
        frame, dataset, evaluation.predicted != evaluation.labels, count=LOOK_ALIKES
    )
    digit = asked[model_id].predict(frame).digit
    st.markdown(
        f"Your **{digit}** looks most like these, which {asked[model_id].title} got wrong in "
        f"{dataset.title}. Pick one to see it in the Error explorer."
    )
    show_gallery(
        [_describe(one.index, int(evaluation.predicted[one.index]), dataset) for one in found],
        picked=-1,
        on_pick=lambda index: st.session_state.update(look_alike=index),
        key="look_alikes",
    )
    picked = st.session_state.pop("look_alike", None)
    if picked is not None:
        link = link_to_explorer(
            dataset.id,
            asked[model_id].title,
            int(dataset.labels[picked]),
            int(evaluation.predicted[picked]),
        )
        st.switch_page("errors.py", query_params={**link, "image": str(picked)})


def _describe(index: int, predicted: int, dataset: Dataset) -> Thumbnail:
    label = dataset.labels[index]
    caption, description = flag_label(
        f"{label} → {predicted}",
        f"Number {index}: a {label} read as {predicted}",
        index,
        dataset,
    )
    return Thumbnail(index, png_address(dataset.images[index]), caption, description)
