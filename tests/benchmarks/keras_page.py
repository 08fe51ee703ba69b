"""The alternative to the Draw page: the same pad, and LeNet-5 in Keras.

It loads the model before it shows anything, as many student projects do. The frame is computed as
on the Draw page.
"""

import keras
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from core.digits.frame import frame_from_strokes
from core.digits.strokes import strokes_from_canvas
from core.models.files import ARTIFACTS_DIRECTORY, KERAS_FILE
from core.training import architectures  # noqa: F401  registers our own layer with Keras


@st.cache_resource
def load_model() -> keras.Model:
    """LeNet-5, loaded once for all sessions."""
    return keras.saving.load_model(ARTIFACTS_DIRECTORY / "lenet5" / KERAS_FILE, compile=False)


model = load_model()
drawing = st_canvas(
    key="pad",
    width=320,
    height=320,
    stroke_width=20,
    stroke_color="#FFFFFF",
    background_color="#000000",
).json_data
if strokes := strokes_from_canvas(drawing):
    probabilities = model.predict(frame_from_strokes(strokes)[None], verbose=0)[0]
    # The benchmark waits for another text after each stroke, also where the model does not care.
    text = f"{len(strokes)}: {probabilities.argmax()} {probabilities.tolist()}"
    st.html(f'<div data-testid="answer">{text}</div>')
