"""Error explorer: the digits behind the numbers, pair by pair, the surest mistakes first."""

import streamlit as st

from core.analysis.evaluation import Evaluation, report_from_evaluation
from core.analysis.misreadings import Misreading, list_misreadings
from core.digits.datasets import Dataset, MnistUnavailableError
from pages.widgets.digits import find_picked, show_picked, show_thumbnails
from pages.widgets.invitation import invite_to_draw
from pages.widgets.loaders import (
    BUNDLED_DIGITS,
    MNIST_TEST,
    NoDrawingsError,
    get_cards,
    get_classifier,
    get_dataset,
    get_evaluation,
    has_mnist,
)
from pages.widgets.mnist import offer_download
from pages.widgets.pairs import pick_pair, pick_way
from pages.widgets.pickers import choose_defaults, pick_dataset, pick_model
from pages.widgets.sentences import say


def pick_errors(evaluation: Evaluation, scope: str) -> list[Misreading]:
    """The misreadings of the chosen pair, direction and confidence."""
    confusion = report_from_evaluation(evaluation).confusion
    pair = pick_pair(confusion, scope=scope)
    with st.container(horizontal=True, gap="large"):
        pairs = pick_way(confusion, pair, scope=scope)
        low, high = st.slider(
            "Confidence in the wrong answer, in per cent",
            value=(0, 100),
            key="confidence",
            bind="query-params",
            width=320,
        )
    return list_misreadings(evaluation, pairs=pairs, confidence=(low / 100, high / 100))


def show_errors(found: list[Misreading], dataset: Dataset, title: str) -> None:
    """The gallery and the picked digit side by side."""
    if not found:
        st.info(f"{title} made no such error here.", icon=":material/check:")
        return
    count = f"{len(found)} image{'s' if len(found) > 1 else ''}"
    st.markdown(f"**{count}** misread by {title}, the surest mistake first.")
    by_index = {one.index: one for one in found}
    picked = find_picked([*by_index])
    frame = dataset.frame(picked)
    readers = dict.fromkeys([*choose_defaults(cards), model_id])
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_thumbnails([*by_index], picked, dataset, lambda index: describe(by_index[index]))
    with right:
        show_picked(picked, dataset, [get_classifier(one).predict(frame) for one in readers])


def describe(one: Misreading) -> tuple[str, str]:
    """A misreading's caption in the gallery, and the same as a sentence."""
    sentence = f"Number {one.index}: a {one.true} read as {one.predicted} with {one.confidence:.1%}"
    return f"{one.true} → {one.predicted}", sentence


cards = get_cards()
st.title("Error explorer")
st.markdown("Look at the very images a model got wrong, and at what the others make of them.")
with st.container(horizontal=True, vertical_alignment="bottom"):
    dataset_id = pick_dataset(key="dataset", default=MNIST_TEST if has_mnist() else BUNDLED_DIGITS)
    model_id = pick_model(cards)
try:
    dataset = get_dataset(dataset_id)
    evaluation = get_evaluation(model_id, dataset)
    found = pick_errors(evaluation, scope=f"{dataset_id}_{model_id}")
    show_errors(found, dataset, cards[model_id].title)
except MnistUnavailableError as error:
    offer_download(say(error))
except NoDrawingsError:
    invite_to_draw()
