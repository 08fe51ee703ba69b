"""Misread digits: thumbnails to pick from, and the picked one in large."""

from collections.abc import Sequence

import streamlit as st

from core.analysis.misreadings import Misreading
from core.digits.datasets import Dataset
from core.figures.digit import picture_from_frame, png_address
from core.inference.prediction import Prediction
from pages.widgets import reading
from pages.widgets.gallery import Thumbnail, pick_page, show_gallery


def find_picked(found: Sequence[Misreading]) -> Misreading:
    """The misreading the URL names, or the first."""
    named = st.query_params.get("image")
    return next((one for one in found if str(one.index) == named), found[0])


def show_thumbnails(found: Sequence[Misreading], picked: Misreading, dataset: Dataset) -> None:
    """A page of thumbnails; the one that is picked goes into the URL."""
    show_gallery(
        [
            Thumbnail(
                index=one.index,
                picture=png_address(dataset.images[one.index]),
                caption=f"{one.true} → {one.predicted}",
                description=f"Number {one.index}: a {one.true} read as {one.predicted} "
                f"with {one.confidence:.1%}",
            )
            for one in found[pick_page(len(found))]
        ],
        picked=picked.index,
        on_pick=lambda index: st.query_params.update({"image": str(index)}),
        key="gallery",
    )


def show_picked(picked: Misreading, dataset: Dataset, predictions: Sequence[Prediction]) -> None:
    """One digit, large, with every model's probabilities."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(
            picture_from_frame(dataset.images[picked.index], side=168),
            alt=f"A {picked.true} read as {picked.predicted}",
        )
        with st.container(width=220):
            st.markdown(f"**Number {picked.index}** of {dataset.title}, a **{picked.true}**.")
            st.markdown(reading.describe_agreement(predictions))
    reading.show_probabilities(predictions, key="detail")
    reading.show_ranking(predictions)
