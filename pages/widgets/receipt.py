"""The receipt of a reading, to copy."""

import json
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.digits.frame import FRAME_VERSION, digest_frame
from core.inference.classifier import Classifier


def show_receipt(frame: np.ndarray, classifiers: Sequence[Classifier]) -> None:
    """What was read, by what, with which result: enough to prove it or to find it again."""
    frame_part = {"frame_sha256": digest_frame(frame), "frame_version": FRAME_VERSION}
    predictions = []
    for classifier in classifiers:
        said = classifier.predict(frame)
        predictions.append(
            {
                "model": classifier.model_id,
                "model_sha256": classifier.digest,
                "digit": said.digit,
                "probabilities": [round(float(one), 8) for one in said.probabilities],
            }
        )
    # A line each, which indentation by the library would make ten of.
    lines = ",\n  ".join(json.dumps(one) for one in predictions)
    text = f'{json.dumps(frame_part)[:-1]},\n "predictions": [\n  {lines}\n ]}}'
    st.code(text, language="json", wrap_lines=True, height=320)
    st.caption("The hash is of the frame's 784 bytes; the API answers with the same.")
