"""Draw: a digit from the pad, a file or the camera, and what every model reads in it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

from core.digits.frame import EmptyDrawingError, frame_from_image, frame_from_strokes
from core.digits.image_file import EXTENSIONS, UnreadableImageError, read_image
from core.digits.strokes import Stroke
from pages.widgets import canvas, reading
from pages.widgets.keep import ask_if_right
from pages.widgets.loaders import get_cards, get_classifier
from pages.widgets.pickers import pick_one_or_all
from pages.widgets.request import show_request
from pages.widgets.sentences import say


def take_frame(tabs: Sequence[TabContainer]) -> tuple[np.ndarray | None, Sequence[Stroke] | str]:
    """The frame of whatever the open tab holds, None while it holds nothing, and its source."""
    pad, upload, camera = tabs
    with pad:
        strokes = canvas.show_pad()
    with upload:
        file = st.file_uploader("A picture of one digit", type=EXTENSIONS, key="upload")
    with camera:
        photo = st.camera_input("A photograph of one digit", key="camera") if camera.open else None
    if pad.open:
        return frame_from_strokes(strokes) if strokes else None, strokes
    chosen = file if upload.open else photo
    if chosen is None:
        return None, ""
    picture = read_image(chosen.getvalue())
    if upload.open:
        upload.image(picture.convert("RGBA"), width=160, caption="Your picture")
    return frame_from_image(picture), chosen.name


def show_reading(frame: np.ndarray, source: Sequence[Stroke] | str) -> None:
    """What the chosen models say of the frame, and how another program asks them."""
    # The answer stands above the choice it depends on, so that a phone shows it below the pad.
    answer = st.container(horizontal=True, vertical_alignment="center", gap="medium")
    question = st.container(horizontal=True, vertical_alignment="center", gap="small")
    predictions = [get_classifier(model_id).predict(frame) for model_id in pick_one_or_all(cards)]
    with answer:
        reading.show_answer(predictions, frame)
    with question:
        ask_if_right(frame, source, predictions)
    reading.show_probabilities(predictions, key="probabilities")
    reading.show_ranking(predictions)
    show_request(source, [one.model_id for one in predictions])


@st.fragment
def show_desk() -> None:
    """The pad and the reading side by side; a stroke reruns only this."""
    left, right = st.columns([2, 3], gap="large")
    problem = frame = source = None
    tabs = left.tabs(["Draw", "Upload", "Camera"], key="source", on_change="rerun")
    try:
        frame, source = take_frame(tabs)
    except (EmptyDrawingError, UnreadableImageError) as error:
        problem = say(error)
    with right:
        if problem:
            st.warning(problem, icon=":material/gesture:")
        elif frame is None:
            st.info("Draw a digit, and every model reads it as you go.", icon=":material/draw:")
        else:
            show_reading(frame, source)
    with tabs[0]:  # after the answer, which waits for all that was sent before it
        canvas.show_tools()


cards = get_cards()
st.title("Draw a digit")
st.markdown("See how each model reads your handwriting, and how sure it is.")
show_desk()
