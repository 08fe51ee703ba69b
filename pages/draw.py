"""Draw: a digit from the pad, a file or the camera, and how each model classifies it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.digits.frame import EmptyDrawingError
from core.digits.image_file import EXTENSIONS, UnreadableImageError, read_image
from core.digits.inputs import DigitInput, ImageInput
from core.inference.classifier import Classifier
from core.server.model_cache import get_classifier
from core.server.turns import serialised
from pages.parts.draw.preprocessing import show_preprocessing_steps
from pages.parts.draw.provenance import show_details_to_cite, show_request
from pages.parts.draw.sensitivity import show_sensitivity
from pages.parts.draw.similar_errors import show_similar_errors
from pages.widgets import prediction
from pages.widgets.cache import get_cards
from pages.widgets.feedback import ask_if_correct
from pages.widgets.known_errors import show_known_errors
from pages.widgets.pad import Pad
from pages.widgets.pickers import pick_one_or_all
from pages.widgets.tour import offer_tour
from pages.widgets.wording import to_sentence

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_tab_container import TabContainer

DETAILS = STEPS, SENSITIVITY, SIMILAR_ERRORS, DETAILS_TO_CITE = (
    "Preprocessing steps",
    "Sensitivity",
    "Similar errors",
    "Details to cite",
)


def main() -> None:
    """Show the page."""
    get_cards()  # a damaged model is reported before anything is drawn
    st.title("Draw a digit")
    st.markdown("See how each model classifies your handwriting and how confident it is.")
    show_pad_and_predictions()
    offer_tour()


@st.fragment
def show_pad_and_predictions() -> None:
    """The pad and the predictions side by side; a stroke reruns only this."""
    left, right = st.columns([2, 3], gap="large")
    pad = Pad()
    problem = given = None
    tabs = left.tabs(["Draw", "Upload", "Camera"], key="source", bind="query-params")
    try:
        given = take_input(tabs, pad)
    except (EmptyDrawingError, UnreadableImageError) as error:
        problem = to_sentence(error)
    with right:
        if problem:
            st.warning(problem, icon=":material/gesture:")
        elif given is None:
            st.info(
                "Draw a digit, upload a picture or take a photograph. The models classify it "
                "immediately.",
                icon=":material/draw:",
            )
        else:
            with show_known_errors(), serialised():
                show_predictions(given)
    with tabs[0]:  # after the answer: the browser shows it sooner when less was sent before it
        pad.show_tools()


def take_input(tabs: "Sequence[TabContainer]", pad: Pad) -> DigitInput | None:
    """The input in the open tab; None while the tab is empty."""
    draw_tab, upload_tab, camera_tab = tabs
    with draw_tab:
        pad.show()
    with upload_tab:
        file = st.file_uploader("A picture of one digit", type=EXTENSIONS, key="upload")
    with camera_tab:
        photograph = (
            st.camera_input("A photograph of one digit", key="camera") if camera_tab.open else None
        )
    if draw_tab.open:
        return pad.read_input()
    chosen = file if upload_tab.open else photograph
    if chosen is None:
        return None
    picture = read_image(chosen.getvalue())
    if upload_tab.open:
        upload_tab.image(
            picture.convert("RGBA"), width=160, caption="Your picture", alt="The uploaded picture"
        )
    return ImageInput(picture, chosen.name)


def show_predictions(given: DigitInput) -> None:
    """What the chosen models predict for the input, and what can be done with it."""
    # The answer stands above the choice it depends on, so that a phone shows it below the pad.
    answer = st.container()
    feedback = st.container(horizontal=True, vertical_alignment="center", gap="small")
    cards = get_cards()  # a run may be new or deleted since the page was opened
    classifiers = [get_classifier(cards[model_id]) for model_id in pick_one_or_all(cards)]
    predictions = [classifier.predict(given.frame) for classifier in classifiers]
    with answer:
        prediction.show_answer(predictions, given.frame)
    with feedback:
        ask_if_correct(given, predictions)
    prediction.show_probabilities(predictions, key="probabilities")
    prediction.show_ranking(predictions)
    show_request(given, [classifier.model_id for classifier in classifiers])
    look_closer(given, classifiers)


def look_closer(given: DigitInput, classifiers: Sequence[Classifier]) -> None:
    """The details that the visitor picks; none is computed before that."""
    detail = st.pills("Look closer", DETAILS, key="closer", wrap=True, bind="query-params")
    if detail == STEPS:
        show_preprocessing_steps(given.list_steps(), classifiers)
    elif detail == SENSITIVITY:
        show_sensitivity(given.frame, classifiers)
    elif detail == SIMILAR_ERRORS:
        show_similar_errors(given.frame, classifiers)
    elif detail == DETAILS_TO_CITE:
        show_details_to_cite(given.frame, classifiers)


if __name__ == "__main__":
    main()
