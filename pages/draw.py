"""Draw: a digit from the pad, a file or the camera, and what every model reads in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.elements.lib.mutable_tab_container import TabContainer

from core.digits.frame import EmptyDrawingError, frame_from_image, frame_from_strokes
from core.digits.image_file import EXTENSIONS, UnreadableImageError, read_image
from core.digits.preprocessing_steps import (
    PreprocessingStep,
    list_steps_from_image,
    list_steps_from_strokes,
)
from core.digits.strokes import Stroke
from core.inference.classifier import Classifier
from core.server.model_cache import get_classifier
from core.server.turns import serialised
from pages.parts.draw.preprocessing import show_preprocessing_steps
from pages.parts.draw.provenance import show_receipt, show_request
from pages.parts.draw.sensitivity import show_changes
from pages.parts.draw.similar_errors import show_look_alikes
from pages.widgets import pad, prediction
from pages.widgets.cache import get_cards
from pages.widgets.feedback import ask_if_right
from pages.widgets.pickers import pick_one_or_all
from pages.widgets.tour import offer_tour
from pages.widgets.wording import to_sentence

QUESTIONS = STEPS, CHANGES, LOOK_ALIKES, RECEIPT = (
    "Steps to the frame",
    "What would change its mind",
    "Look-alikes",
    "Receipt",
)


@dataclass(frozen=True, eq=False)
class Input:
    """What the open tab holds: strokes, or a picture and its name."""

    frame: np.ndarray
    source: Sequence[Stroke] | str
    picture: Image.Image | None = None

    def list_steps(self) -> list[PreprocessingStep]:
        """Its preprocessing ladder."""
        if self.picture is not None:
            return list_steps_from_image(self.picture)
        return list_steps_from_strokes(self.source, side=pad.PAD_SIDE, pen_width=pad.get_pen())


def take_input(tabs: Sequence[TabContainer]) -> Input | None:
    """Whatever the open tab holds, None while it holds nothing."""
    draw_tab, upload, camera = tabs
    with draw_tab:
        strokes = pad.show_pad()
    with upload:
        file = st.file_uploader("A picture of one digit", type=EXTENSIONS, key="upload")
    with camera:
        photo = st.camera_input("A photograph of one digit", key="camera") if camera.open else None
    if draw_tab.open:
        return Input(frame_from_strokes(strokes), strokes) if strokes else None
    chosen = file if upload.open else photo
    if chosen is None:
        return None
    picture = read_image(chosen.getvalue())
    if upload.open:
        upload.image(picture.convert("RGBA"), width=160, caption="Your picture", alt="As uploaded")
    return Input(frame_from_image(picture), chosen.name, picture)


def show_reading(given: Input) -> None:
    """What the chosen models say of the input, and how another program asks them."""
    # The answer stands above the choice it depends on, so that a phone shows it below the pad.
    answer = st.container()
    question = st.container(horizontal=True, vertical_alignment="center", gap="small")
    cards = get_cards()  # a run may be new or deleted since the page was opened
    classifiers = [get_classifier(cards[model_id]) for model_id in pick_one_or_all(cards)]
    predictions = [one.predict(given.frame) for one in classifiers]
    with answer:
        prediction.show_answer(predictions, given.frame)
    with question:
        ask_if_right(given.frame, given.source, predictions)
    prediction.show_probabilities(predictions, key="probabilities")
    prediction.show_ranking(predictions)
    show_request(given.source, [one.model_id for one in predictions])
    look_closer(given, classifiers)


def look_closer(given: Input, classifiers: Sequence[Classifier]) -> None:
    """What else can be asked about the drawing; nothing is computed before it is."""
    question = st.pills("Look closer", QUESTIONS, key="closer", wrap=True, bind="query-params")
    if question == STEPS:
        show_preprocessing_steps(given.list_steps(), classifiers)
    elif question == CHANGES:
        show_changes(given.frame, classifiers)
    elif question == LOOK_ALIKES:
        show_look_alikes(given.frame, classifiers)
    elif question == RECEIPT:
        show_receipt(given.frame, classifiers)


@st.fragment
def show_desk() -> None:
    """The pad and the reading side by side; a stroke reruns only this."""
    left, right = st.columns([2, 3], gap="large")
    problem = given = None
    tabs = left.tabs(["Draw", "Upload", "Camera"], key="source", bind="query-params")
    try:
        given = take_input(tabs)
    except (EmptyDrawingError, UnreadableImageError) as error:
        problem = to_sentence(error)
    with right:
        if problem:
            st.warning(problem, icon=":material/gesture:")
        elif given is None:
            st.info("Draw a digit, and every model reads it as you go.", icon=":material/draw:")
        else:
            with serialised():
                show_reading(given)
    with tabs[0]:  # after the answer, which waits for all that was sent before it
        pad.show_tools()


get_cards()  # a damaged model is said before anything is drawn
st.title("Draw a digit")
st.markdown("See how each model reads your handwriting, and how sure it is.")
show_desk()
offer_tour()
