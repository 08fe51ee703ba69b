"""Why a digit was read as it was: the ink that counted, and the digits that look like it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.analysis.neighbours import contrast_classes, find_neighbours
from core.analysis.occlusion import map_occlusion
from core.digits.datasets import Dataset
from core.figures.digit import png_address
from core.figures.weights import tint_ink, tint_weights
from core.inference.classifier import Classifier
from pages.widgets.pictures import Picture, show_pictures
from pages.widgets.sentences import name_digit

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
                f"Ink that made {classifier.title} read {name_digit(digit)}",
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
                    f"Number {one.index}, {name_digit(digit)}, at a distance of {one.distance:.1f}",
                    f"{one.distance:.1f}",
                )
                for one in found
            ],
            width=NEIGHBOUR_SIDE,
        )
    contrast = contrast_classes(dataset, label, rival)
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
