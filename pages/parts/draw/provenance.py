"""Provenance: what identifies a prediction, and the command that repeats it through the API."""

import json
import shlex
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from core.digits.frame import FRAME_VERSION, Frame, digest_frame
from core.inference.inputs import ImageInput, NumberInput
from core.inference.prediction import Prediction
from core.models.files import is_run
from core.server.visitors import COOKIE
from pages.widgets.api_address import find_api

# Pixels. Higher than that, the text scrolls.
DETAILS_HEIGHT, COMMAND_HEIGHT = 320, 220


def show_details_to_cite(frame: Frame, predictions: Sequence[Prediction]) -> None:
    """The hashes of frame and models with their predictions, by which a prediction is verified."""
    frame_part = {"frame_sha256": digest_frame(frame), "frame_version": FRAME_VERSION}
    # One line per model, which indentation by the library would turn into ten.
    lines = ",\n  ".join(json.dumps(_describe(prediction)) for prediction in predictions)
    text = f'{json.dumps(frame_part)[:-1]},\n "predictions": [\n  {lines}\n ]}}'
    st.code(text, language="json", wrap_lines=True, height=DETAILS_HEIGHT)
    st.caption(
        "These values identify the frame, the models and their predictions, so that other people "
        "can check them. `frame_sha256` is the SHA-256 of the frame's 784 bytes. The API returns "
        "the same value for the same drawing."
    )


def show_request(given: NumberInput, model_ids: Sequence[str]) -> None:
    """Offer the command by which the API returns the predictions of this page."""
    with st.popover("API request", icon=":material/terminal:", key="request"):
        api = find_api()
        st.markdown(f"This command gets the same predictions from the [API]({api}/docs):")
        st.code(
            write_command(given, model_ids, api=api),
            language="bash",
            wrap_lines=True,
            height=COMMAND_HEIGHT,
        )
        if any(map(is_run, model_ids)):
            st.caption(
                "Only you can use the models you trained: add your browser's cookie "
                f"`{COOKIE}` to the request."
            )


def write_command(given: NumberInput, model_ids: Sequence[str], *, api: str) -> str:
    """The curl command that sends an input to the API at this address."""
    query = urlencode([("model", model_id) for model_id in model_ids])
    if isinstance(given, ImageInput):
        name = given.name.replace("\\", "\\\\").replace('"', '\\"')  # curl's quoting of names
        field = f'files=@"{name}"'
        return f"curl {shlex.quote(f'{api}/predict?{query}')} -F {shlex.quote(field)}"
    body = json.dumps({"strokes": [np.asarray(stroke).tolist() for stroke in given.strokes]})
    return f"curl {shlex.quote(f'{api}/predict/strokes?{query}')} --json {shlex.quote(body)}"


def _describe(prediction: Prediction) -> dict[str, Any]:
    return {
        "model": prediction.model_id,
        "model_sha256": prediction.model_sha256,
        "digit": prediction.digit,
        "probabilities": [round(float(share), 8) for share in prediction.probabilities],
    }
