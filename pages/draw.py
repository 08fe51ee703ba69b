"""Draw: digits from the pad, a file or the camera, and how each model classifies them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.digits.found_digits import list_digits
from core.digits.frame import EmptyDrawingError
from core.digits.image_file import UnreadableImageError
from core.drawings.drawing import Drawing
from core.inference.classifier import Classifier
from core.inference.inputs import ImageInput, NumberInput
from core.inference.number_prediction import DigitPrediction, NumberPrediction, predict_number
from core.server.model_cache import get_classifier
from core.server.turns import serialised
from pages.parts.draw.announcement import announce
from pages.parts.draw.answer import describe_answer, show_answer
from pages.parts.draw.camera import PHOTOGRAPH, take_photograph
from pages.parts.draw.choices import hide_choices, restore_choices
from pages.parts.draw.feedback import ask_if_correct, save_drawings
from pages.parts.draw.number_text import show_text_and_table
from pages.parts.draw.picked_digit import pick_digit
from pages.parts.draw.picture import read_picture, show_thumbnail
from pages.parts.draw.preprocessing import show_preprocessing_steps
from pages.parts.draw.provenance import show_details_to_cite
from pages.parts.draw.request import show_request
from pages.parts.draw.sensitivity import show_sensitivity
from pages.parts.draw.similar_errors import show_similar_errors
from pages.parts.draw.upload import UPLOAD, report_refusal, upload_picture
from pages.widgets import prediction
from pages.widgets.cache import get_cards
from pages.widgets.known_errors import show_known_errors
from pages.widgets.pad import Pad
from pages.widgets.pickers import pick_one_or_all
from pages.widgets.tour import offer_tour
from pages.widgets.wording import to_sentence

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
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
    st.title("Draw digits")
    st.markdown("See how each model classifies the digits you write and how confident it is.")
    show_pad_and_predictions()
    offer_tour()


@st.fragment
def show_pad_and_predictions() -> None:
    """The pad and the predictions side by side; a stroke reruns only this."""
    left, right = st.columns([2, 3], gap="large")
    pad = Pad()
    number = None
    tabs = left.tabs(["Draw", "Upload", "Camera"], key="source", bind="query-params")
    with right.container(key="answers"), show_known_errors():
        try:
            given = take_input(tabs, pad)
        except (EmptyDrawingError, UnreadableImageError) as error:
            hide_choices()
            st.warning(to_sentence(error), icon=":material/gesture:")
        else:
            number = show_predictions_or_invitation(given)
    with tabs[0]:  # after the answer: the browser shows it sooner when less was sent before it
        pad.show_tools()
    announce(describe_answer(number) if number else "")


def show_predictions_or_invitation(given: NumberInput | None) -> NumberPrediction | None:
    """What the models predict; while there is no input, what the visitor can do."""
    if given is None:
        hide_choices()
        st.info(
            "Draw a digit or a number, upload a picture or take a photograph. The models "
            "classify it immediately.",
            icon=":material/draw:",
        )
        return None
    restore_choices()
    # The answer stands above the choice it depends on, so that a phone shows it below the pad.
    answer = st.container()
    feedback = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with serialised():
        number, confirmed = show_predictions(given, answer, feedback)
    with feedback:  # no other visitor waits for the database
        save_drawings(confirmed)
    return number


def take_input(tabs: "Sequence[TabContainer]", pad: Pad) -> NumberInput | None:
    """The input in the open tab; None while the tab is empty."""
    draw_tab, upload_tab, camera_tab = tabs
    with draw_tab:
        pad.show()
    with upload_tab:
        file = upload_picture(is_open=bool(upload_tab.open))
    with camera_tab:
        photograph = take_photograph() if camera_tab.open else None
    if draw_tab.open:
        return pad.read_input()
    source, chosen = (UPLOAD, file) if upload_tab.open else (PHOTOGRAPH, photograph)
    if chosen is None:
        report_refusal(source)
    given = read_picture(source, chosen)
    if given is not None and len(list_digits(given.rows)) == 1:
        with upload_tab if upload_tab.open else camera_tab:
            show_thumbnail(given)
    return given


def show_predictions(
    given: NumberInput, answer: "DeltaGenerator", feedback: "DeltaGenerator"
) -> tuple[NumberPrediction, list[Drawing]]:
    """What the chosen models predict for the input, and what can be done with it.

    Returns:
        The prediction, and what the visitor has just asked to be saved.
    """
    digits = st.container()
    cards = get_cards()  # a run may be new or deleted since the page was opened
    classifiers = [get_classifier(cards[model_id]) for model_id in pick_one_or_all(cards)]
    number = predict_number(given.rows, classifiers)
    with answer:
        show_answer(number)
    with feedback:
        confirmed = ask_if_correct(given, number)
    with digits:
        if isinstance(given, ImageInput) and len(number.digits) > 1:
            show_text_and_table(number)
        picked = pick_digit(given, number)
    prediction.show_probabilities(picked.predictions, key="probabilities")
    prediction.show_ranking(picked.predictions)
    show_request(given, [classifier.model_id for classifier in classifiers])
    look_closer(given, picked, classifiers)
    return number, confirmed


def look_closer(
    given: NumberInput, picked: DigitPrediction, classifiers: Sequence[Classifier]
) -> None:
    """The details that the visitor picks; none is computed before that."""
    detail = st.pills("Look closer", DETAILS, key="closer", wrap=True, bind="query-params")
    frame = picked.found.frame
    if detail == STEPS:
        show_preprocessing_steps(given.list_steps(picked.found), classifiers)
    elif detail == SENSITIVITY:
        show_sensitivity(frame, classifiers)
    elif detail == SIMILAR_ERRORS:
        show_similar_errors(frame, classifiers)
    elif detail == DETAILS_TO_CITE:
        show_details_to_cite(frame, picked.predictions)


if __name__ == "__main__":
    main()
