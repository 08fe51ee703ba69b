"""Provenance: what identifies a prediction."""

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.digits.frame import FRAME_VERSION, Frame, digest_frame
from core.inference.prediction import Prediction

# Pixels. Higher than that, the text scrolls.
DETAILS_HEIGHT = 320


def show_details_to_cite(frame: Frame, predictions: Sequence[Prediction]) -> None:
    """The hashes of frame and models with their predictions, by which a prediction is verified."""
    frame_part = {"frame_sha256": digest_frame(frame), "frame_version": FRAME_VERSION}
    # One line per model, which indentation by the library would turn into ten.
    lines = ",\n  ".join(json.dumps(_describe(prediction)) for prediction in predictions)
    text = f'{json.dumps(frame_part)[:-1]},\n "predictions": [\n  {lines}\n ]}}'
    st.markdown("**Details to cite**")
    st.code(text, language="json", wrap_lines=True, height=DETAILS_HEIGHT)
    st.caption(
        "These values identify the frame, the models and their predictions, so that other people "
        "can check them. `frame_sha256` is the SHA-256 of the frame's 784 bytes. The API returns "
        "the same value for the same drawing."
    )


def _describe(prediction: Prediction) -> dict[str, Any]:
    return {
        "model": prediction.model_id,
        "model_sha256": prediction.model_sha256,
        "digit": prediction.digit,
        "probabilities": [round(float(share), 8) for share in prediction.probabilities],
    }
