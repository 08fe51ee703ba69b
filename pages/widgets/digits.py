"""Digits of a data set: thumbnails to pick from, and the picked one in large."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from core.digits.datasets import Dataset
from core.figures.digit import picture_from_frame, png_address
from core.inference.classifier import Classifier
from pages.widgets import reading
from pages.widgets.explanation import show_ink_that_counted, show_look_alikes
from pages.widgets.gallery import Thumbnail, pick_page, show_gallery
from pages.widgets.label_errors import FLAG, describe_known_error

DETAILS = ["Answers", "Ink that counted", "Look-alikes"]


def find_picked(indices: Sequence[int] | np.ndarray) -> int:
    """The index the URL names where it is among them, or the first."""
    named = st.query_params.get("image")
    return next((int(one) for one in indices if str(one) == named), int(indices[0]))


def show_thumbnails(
    indices: Sequence[int] | np.ndarray,
    picked: int,
    dataset: Dataset,
    describe: Callable[[int], tuple[str, str]],
) -> None:
    """A page of thumbnails; the one that is picked goes into the URL.

    Args:
        indices: places of the digits in the data set, in the order of the gallery.
        picked: the one that is framed.
        dataset: where they are.
        describe: gives the caption of a digit, and the sentence that is read out for it.
    """
    thumbnails = []
    for index in map(int, indices[pick_page(len(indices))]):
        caption, description = describe(index)
        picture = png_address(dataset.images[index])
        thumbnails.append(Thumbnail(index, picture, caption, description))
    show_gallery(
        thumbnails,
        picked=picked,
        on_pick=lambda index: st.query_params.update({"image": str(index)}),
        key="gallery",
    )


def show_picked(
    index: int,
    dataset: Dataset,
    classifiers: Sequence[Classifier],
    others: Sequence[Classifier],
    *,
    rival: int,
) -> None:
    """One digit, large: what the models say of it, why, and what looks like it.

    Args:
        index: its place in the data set.
        dataset: where it is.
        classifiers: whose answers are charted and compared.
        others: who is listed beside them.
        rival: the other digit in question, beside its label.
    """
    label, frame = int(dataset.labels[index]), dataset.frame(index)
    predictions = [one.predict(frame) for one in classifiers]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(
            picture_from_frame(dataset.images[index], side=168),
            alt=f"A {label}, number {index} of {dataset.title}",
        )
        with st.container(width=220):
            st.markdown(f"**Number {index}** of {dataset.title}, a **{label}**.")
            known = describe_known_error(index, dataset)
            if known:
                st.markdown(f"{FLAG} {known}.")
            st.markdown(reading.describe_agreement(predictions))
    answers, ink, alike = st.tabs(DETAILS, key="detail", on_change="rerun", bind="query-params")
    if answers.open:
        with answers:
            reading.show_probabilities(predictions, key="probabilities")
            reading.show_ranking([*predictions, *(one.predict(frame) for one in others)])
    if ink.open:
        with ink:
            show_ink_that_counted(frame, [*classifiers, *others])
    if alike.open:
        with alike:
            show_look_alikes(index, dataset, rival)
