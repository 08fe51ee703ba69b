"""Digits of a data set: thumbnails to pick from, and the picked digit with explanations."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from core.analysis.neighbours import find_neighbours, subtract_class_means
from core.analysis.occlusion import map_occlusion
from core.digits.datasets import Dataset
from core.figures.digit import picture_from_frame, png_address
from core.figures.weights import tint_ink, tint_weights
from core.inference.classifier import Classifier
from pages.widgets import prediction
from pages.widgets.gallery import Thumbnail, pick_page, show_gallery
from pages.widgets.images import Picture, show_pictures
from pages.widgets.label_errors import FLAG, describe_known_error
from pages.widgets.wording import with_article

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
            st.markdown(prediction.describe_agreement(predictions))
    answers, ink, alike = st.tabs(DETAILS, key="detail", on_change="rerun", bind="query-params")
    if answers.open:
        with answers:
            prediction.show_probabilities(predictions, key="probabilities")
            prediction.show_ranking([*predictions, *(one.predict(frame) for one in others)])
    if ink.open:
        with ink:
            show_ink_that_counted(frame, [*classifiers, *others])
    if alike.open:
        with alike:
            show_look_alikes(index, dataset, rival)


MAP_SIDE, NEIGHBOUR_SIDE = 96, 60


def show_ink_that_counted(frame: np.ndarray, classifiers: Sequence[Classifier]) -> None:
    """Each model's occlusion map for the digit it read."""
    dark = st.context.theme.type == "dark"
    pictures = []
    for classifier in classifiers:
        digit = classifier.predict(frame).digit
        occlusion = map_occlusion(classifier, frame, digit)
        pictures.append(
            Picture(
                png_address(tint_ink(frame, occlusion, dark=dark)),
                f"Ink that made {classifier.title} read {with_article(digit)}",
                f"{classifier.title}: {digit}",
            )
        )
    show_pictures(pictures, width=MAP_SIDE)
    st.caption(
        "Blue ink spoke for the digit that the model read, orange ink against it: each patch of "
        "5×5 pixels was covered with paper to see how far the model's belief fell."
    )


def show_look_alikes(index: int, dataset: Dataset, rival: int) -> None:
    """The nearest digits of its own class and of the rival's, and where those classes differ."""
    label = int(dataset.labels[index])
    frame = dataset.frame(index)
    others = np.arange(len(dataset)) != index
    for digit in (label, rival):
        found = find_neighbours(frame, dataset, others & (dataset.labels == digit))
        st.markdown(f"Most like it among the **{digit}s** of {dataset.title}")
        if not found:
            st.caption(f"There is no other {digit} there.")
            continue
        show_pictures(
            [
                Picture(
                    png_address(dataset.images[one.index]),
                    f"Number {one.index}, {with_article(digit)}, at a distance of "
                    f"{one.distance:.1f}",
                    f"{one.distance:.1f}",
                )
                for one in found
            ],
            width=NEIGHBOUR_SIDE,
        )
    contrast = subtract_class_means(dataset, label, rival)
    limit = max(float(np.abs(contrast).max()), 1e-6)
    picture = tint_weights(contrast, limit=limit, dark=st.context.theme.type == "dark")
    st.markdown(f"Where **{label}s** and **{rival}s** of {dataset.title} differ")
    show_pictures(
        [Picture(png_address(picture), f"Mean {label} less mean {rival}")], width=MAP_SIDE
    )
    st.caption(
        f"Blue: {label}s have more ink there on average; orange: {rival}s do. Below each digit is "
        "its distance, of 28 at most."
    )
