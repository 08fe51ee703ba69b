"""Provenance: what identifies a prediction, and the command that repeats it through the API."""

import json
import shlex
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

import numpy as np
import streamlit as st

from core.digits.frame import FRAME_VERSION, digest_frame
from core.digits.strokes import Stroke
from core.inference.classifier import Classifier
from core.models.files import is_run
from core.server.visitors import COOKIE


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


# Higher than that, the command scrolls.
HEIGHT = 220


def show_request(sent: Sequence[Stroke] | str, model_ids: Sequence[str]) -> None:
    """Offer the command that gives the numbers of this page.

    Args:
        sent: the strokes that were read, or the name of the file.
        model_ids: the models that were asked.
    """
    with st.popover("As a request", icon=":material/terminal:", key="request"):
        st.markdown("The same reading [through the API](/api/docs):")
        st.code(
            write_command(sent, model_ids, page_url=st.context.url or ""),
            language="bash",
            wrap_lines=True,
            height=HEIGHT,
        )
        if any(map(is_run, model_ids)):
            st.caption(
                "Your runs are yours alone: whoever sends your browser's cookie "
                f"`{COOKIE}` along may ask them."
            )


def write_command(sent: Sequence[Stroke] | str, model_ids: Sequence[str], *, page_url: str) -> str:
    """The curl command for strokes or a file, to the server that serves the page."""
    page = urlsplit(page_url)
    query = urlencode([("model", model_id) for model_id in model_ids])
    route = "predict" if isinstance(sent, str) else "predict/strokes"
    address = shlex.quote(f"{page.scheme}://{page.netloc}/api/{route}?{query}")
    if isinstance(sent, str):
        name = sent.replace("\\", "\\\\").replace('"', '\\"')  # as curl reads quoted names
        field = f'files=@"{name}"'
        return f"curl {address} -F {shlex.quote(field)}"
    body = json.dumps({"strokes": [np.asarray(stroke).tolist() for stroke in sent]})
    return f"curl {address} --json {shlex.quote(body)}"
