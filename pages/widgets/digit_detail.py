"""Digits of a data set: thumbnails to choose from, and the picked digit with explanations."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from core.analysis.neighbours import find_neighbours, subtract_class_means
from core.analysis.occlusion import PATCH_SIZE, map_occlusion
from core.digits.datasets import Dataset
from core.digits.frame import Frame
from core.figures.digit import picture_from_frame, png_address
from core.figures.weights import tint_ink, tint_weights
from core.inference.classifier import Classifier
from core.inference.prediction import Prediction
from core.inference.vote import combine_predictions
from pages.widgets import prediction
from pages.widgets.attributions import show_attributions
from pages.widgets.gallery import Thumbnail, pick_page, show_gallery
from pages.widgets.images import Picture, show_pictures
from pages.widgets.label_errors import FLAG, describe_known_error
from pages.widgets.probabilities import show_probabilities
from pages.widgets.wording import escape_markdown, with_article

DETAILS = ["Predictions", "Important ink", "Attributions", "Similar digits"]
# Pixels on the screen.
DIGIT_SIDE, MAP_SIDE, NEIGHBOUR_SIDE = 168, 96, 60


def find_picked_digit(indices: Sequence[int] | np.ndarray) -> int:
    """The index in the URL if it is among the given ones, otherwise the first of these."""
    linked = st.query_params.get("image")
    return next((int(index) for index in indices if str(index) == linked), int(indices[0]))


def show_digit_thumbnails(
    indices: Sequence[int] | np.ndarray,
    picked: int,
    dataset: Dataset,
    describe: Callable[[int], tuple[str, str]],
    *,
    key: str = "gallery",
) -> None:
    """Show a page of thumbnails; the URL keeps the one that is picked.

    Args:
        indices: places of the digits in the data set, in the order of the gallery.
        picked: the index of the framed digit.
        dataset: the data set.
        describe: returns the caption of a digit, and a sentence for screen readers.
        key: of the gallery in the session.
    """
    thumbnails = []
    gallery = st.container()  # above the choice of the page that it shows
    for index in map(int, indices[pick_page(len(indices))]):
        caption, description = describe(index)
        picture = png_address(dataset.images[index])
        thumbnails.append(Thumbnail(index, picture, caption, description))
    with gallery:
        show_gallery(
            thumbnails,
            picked=picked,
            on_pick=lambda index: st.query_params.update({"image": str(index)}),
            key=key,
        )


def show_picked_digit(
    index: int,
    dataset: Dataset,
    classifiers: Sequence[Classifier],
    others: Sequence[Classifier],
    *,
    rival: int,
) -> None:
    """Show one digit in large, with predictions, what they depend on, and similar digits.

    Args:
        index: its place in the data set.
        dataset: the data set.
        classifiers: the models whose predictions are drawn and compared.
        others: models that are only listed beside them.
        rival: the digit that it may be confused with.
    """
    frame = dataset.frame(index)
    predictions = [classifier.predict(frame) for classifier in classifiers]
    _show_digit(index, dataset, predictions)
    tabs = st.tabs(DETAILS, key="detail", on_change="rerun", bind="query-params")
    answers, ink, attributions, look_alikes = tabs
    if answers.open:
        with answers:
            show_probabilities(predictions, [classifier.predict(frame) for classifier in others])
            if others:
                st.caption("The chart and the text above it are about the models with a colour.")
    if ink.open:
        with ink:
            _show_occlusion_maps(frame, [*classifiers, *others])
    if attributions.open:
        with attributions:
            show_attributions(
                frame,
                int(dataset.labels[index]),
                [*classifiers, *others],
                scope=f"{dataset.id}_{index}",
            )
    if look_alikes.open:
        with look_alikes:
            _show_neighbours(index, dataset, rival)
            _show_contrast(dataset, int(dataset.labels[index]), rival)


def _show_digit(index: int, dataset: Dataset, predictions: Sequence[Prediction]) -> None:
    label = int(dataset.labels[index])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(
            picture_from_frame(dataset.images[index], side=DIGIT_SIDE),
            alt=f"Number {index} of {dataset.title}, labelled {label}",
        )
        with st.container(width=220):
            st.markdown(f"**Number {index}** of {dataset.title}, labelled **{label}**.")
            known_error = describe_known_error(index, dataset)
            if known_error:
                st.markdown(f"{FLAG} {known_error}.")
            vote = combine_predictions(predictions)
            st.markdown(escape_markdown(prediction.describe_agreement(vote, predictions)))


def _show_occlusion_maps(frame: Frame, classifiers: Sequence[Classifier]) -> None:
    """Show which ink each model's prediction depends on."""
    dark = st.context.theme.type == "dark"
    pictures = []
    for classifier in classifiers:
        digit = classifier.predict(frame).digit
        occlusion = map_occlusion(classifier, frame, digit)
        address = png_address(tint_ink(frame, occlusion, dark=dark))
        description = f"Ink that {classifier.title} uses to predict {with_article(digit)}"
        pictures.append(Picture(address, description, f"{classifier.title}: {digit}"))
    show_pictures(pictures, width=MAP_SIDE)
    st.caption(
        f"Patches of {PATCH_SIZE}×{PATCH_SIZE} pixels were erased one by one. Blue: the predicted "
        "digit became less probable, so this ink supports it. Orange: it became more probable, so "
        "this ink contradicts it."
    )


def _show_neighbours(index: int, dataset: Dataset, rival: int) -> None:
    """Show the nearest digits of the label's class and of the rival's class."""
    frame, label = dataset.frame(index), int(dataset.labels[index])
    others = np.arange(len(dataset)) != index
    for digit in (label, rival):
        found = find_neighbours(frame, dataset, others & (dataset.labels == digit))
        st.markdown(f"The most similar **{digit}s** in {dataset.title}")
        if not found:
            st.caption(f"This data set has no other {digit}.")
            continue
        pictures = [
            Picture(
                png_address(dataset.images[neighbour.index]),
                f"Number {neighbour.index}, {with_article(digit)}, at a distance of "
                f"{neighbour.distance:.1f}",
                f"{neighbour.distance:.1f}",
            )
            for neighbour in found
        ]
        show_pictures(pictures, width=NEIGHBOUR_SIDE)
    st.caption("The number below a digit is its Euclidean distance to the picked one (0 to 28).")


def _show_contrast(dataset: Dataset, label: int, rival: int) -> None:
    """Show where the mean digits of two classes differ."""
    contrast = subtract_class_means(dataset, label, rival)
    limit = max(float(np.abs(contrast).max()), 1e-6)
    picture = tint_weights(contrast, limit=limit, dark=st.context.theme.type == "dark")
    st.markdown(f"Where **{label}s** and **{rival}s** in {dataset.title} differ")
    show_pictures(
        [Picture(png_address(picture), f"Mean {label} minus mean {rival}")], width=MAP_SIDE
    )
    st.caption(
        f"Blue: {label}s have more ink here on average. Orange: {rival}s have more ink here."
    )
