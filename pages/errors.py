"""Error explorer: the digits behind the numbers, pair by pair, the surest mistakes first."""

import streamlit as st

from core.analysis.misreadings import Misreading, list_misreadings
from core.digits.datasets import Dataset, MnistUnavailableError, find_mnist
from core.figures.digit import picture_from_frame, png_address
from pages.widgets import reading
from pages.widgets.gallery import Thumbnail, show_gallery
from pages.widgets.loaders import (
    BUNDLED_DIGITS,
    MNIST_TEST,
    get_cards,
    get_classifier,
    get_dataset,
    get_evaluation,
    get_report,
)
from pages.widgets.mnist import offer_download
from pages.widgets.pairs import pick_pair, pick_way
from pages.widgets.pickers import pick_dataset, pick_model

PAGE_SIZE = 60


def choose_image(found: list[Misreading]) -> Misreading:
    """The misreading the URL names, or the first."""
    named = st.query_params.get("image")
    return next((one for one in found if str(one.index) == named), found[0])


def remember_image(index: int) -> None:
    """Put the picked image into the URL."""
    st.query_params["image"] = str(index)


def show_thumbnails(found: list[Misreading], picked: Misreading, dataset: Dataset) -> None:
    """The misread digits, a page of thumbnails at a time."""
    pages = -(-len(found) // PAGE_SIZE)
    page = 1
    if pages > 1:
        page = st.number_input(f"Page of {pages}", 1, pages, key="page", width=140)
    show_gallery(
        [
            Thumbnail(
                index=one.index,
                picture=png_address(dataset.images[one.index]),
                caption=f"{one.true} → {one.predicted}",
                description=f"Number {one.index}: a {one.true} read as {one.predicted} "
                f"with {one.confidence:.1%}",
            )
            for one in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        ],
        picked=picked.index,
        on_pick=remember_image,
        key="gallery",
    )


def show_detail(picked: Misreading, dataset: Dataset) -> None:
    """One digit, large, with every model's probabilities."""
    frame = dataset.frame(picked.index)
    predictions = [get_classifier(one).predict(frame) for one in cards]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(
            picture_from_frame(frame, side=168), alt=f"A {picked.true} read as {picked.predicted}"
        )
        with st.container(width=220):
            st.markdown(f"**Number {picked.index}** of {dataset.title}, a **{picked.true}**.")
            st.markdown(reading.describe_agreement(predictions))
    reading.show_probabilities(predictions, key="detail")
    reading.show_ranking(predictions)


def explore(dataset: Dataset, model_id: str) -> None:
    """The pair, the gallery and the picked digit."""
    confusion = get_report(model_id, dataset.id).confusion
    scope = f"{dataset.id}_{model_id}"
    pair = pick_pair(confusion, scope=scope)
    with st.container(horizontal=True, gap="large"):
        ways = pick_way(confusion, pair, scope=scope)
        low, high = st.slider(
            "Confidence in the wrong answer, in per cent",
            0,
            100,
            (0, 100),
            key="confidence",
            bind="query-params",
            width=320,
        )
    found = list_misreadings(
        get_evaluation(model_id, dataset.id), pairs=ways, confidence=(low / 100, high / 100)
    )
    if not found:
        st.info(f"{cards[model_id].title} made no such error here.", icon=":material/check:")
        return
    count = f"{len(found)} image{'s' if len(found) > 1 else ''}"
    st.markdown(f"**{count}** misread by {cards[model_id].title}, the surest mistake first.")
    picked = choose_image(found)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_thumbnails(found, picked, dataset)
    with right:
        show_detail(picked, dataset)


cards = get_cards()
st.title("Error explorer")
st.markdown("Look at the very images a model got wrong, and at what the others make of them.")
with st.container(horizontal=True, vertical_alignment="bottom"):
    dataset_id = pick_dataset(key="dataset", default=MNIST_TEST if find_mnist() else BUNDLED_DIGITS)
    model_id = pick_model(cards)
try:
    explore(get_dataset(dataset_id), model_id)
except MnistUnavailableError as error:
    offer_download(str(error))
