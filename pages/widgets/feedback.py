"""Feedback: whether a prediction was correct. An answer saves the drawing with its label."""

from collections.abc import Collection, Sequence

import numpy as np
import streamlit as st

from core.digits.frame import Frame, bytes_from_frames
from core.digits.inputs import DigitInput, StrokeInput
from core.drawings.drawing import (
    Drawing,
    StorageUnavailableError,
    StoredPrediction,
    TooManyDrawingsError,
    UnknownDrawingError,
    identify,
)
from core.inference.classifier import Classifier
from core.inference.prediction import Prediction
from core.inference.vote import combine_predictions
from core.models.files import is_run
from core.server.model_cache import get_classifier
from pages.widgets.cache import get_cards
from pages.widgets.data import get_store
from pages.widgets.visitor import get_owner
from pages.widgets.wording import to_sentence, with_article


def ask_if_correct(given: DigitInput, predictions: Sequence[Prediction]) -> None:
    """Ask whether the predicted digit is the one that was drawn; both answers save the drawing."""
    digit = combine_predictions(predictions).digit
    st.markdown("Is this correct?", help="Your answer saves the drawing.", width="content")
    # The digit is in the key: a click meant for an earlier prediction has no effect.
    confirmed = st.button(
        f"Yes, {with_article(digit)}", icon=":material/check:", key=f"yes_{digit}"
    )
    other = st.menu_button(
        "No, it is",
        [label for label in range(10) if label != digit],
        format_func=with_article,
        icon=":material/close:",
        key="no",
    )
    st.page_link("drawings.py", label="My drawings", icon=":material/collections:")
    label = digit if confirmed else other
    if label is not None:
        run_ids = {prediction.model_id for prediction in predictions if is_run(prediction.model_id)}
        _save(make_drawing(given, label, run_ids=run_ids))


def make_drawing(given: DigitInput, label: int, *, run_ids: Collection[str] = ()) -> Drawing:
    """The visitor's drawing of a digit, with the predictions of all built-in models.

    Args:
        given: what was drawn.
        label: the digit it is, 0…9.
        run_ids: runs whose predictions are stored as well.
    """
    strokes = None
    if isinstance(given, StrokeInput):
        strokes = tuple(map(np.asarray, given.strokes))
    image = bytes_from_frames(given.frame)
    return Drawing(
        owner=get_owner(),
        id=identify(image, strokes),
        label=label,
        strokes=strokes,
        image=image,
        predictions=_predict(given.frame, run_ids),
    )


def _save(drawing: Drawing) -> None:
    """Save the drawing, or correct its label where it is saved already; report the label."""
    try:
        if not get_store().save(drawing):
            get_store().relabel(drawing.owner, drawing.id, drawing.label)
    except (StorageUnavailableError, TooManyDrawingsError, UnknownDrawingError) as error:
        st.error(to_sentence(error), icon=":material/database_off:")
    else:
        st.toast(f"Saved as {with_article(drawing.label)}.", icon=":material/collections:")


def _predict(frame: Frame, run_ids: Collection[str]) -> dict[str, StoredPrediction]:
    """The predictions of every built-in model, and of these runs, by model id."""
    return {
        model_id: _store_prediction(get_classifier(card), frame)
        for model_id, card in get_cards().items()
        if not is_run(model_id) or model_id in run_ids
    }


def _store_prediction(classifier: Classifier, frame: Frame) -> StoredPrediction:
    # Rounding in float32 may leave a probability a little outside 0…1.
    probabilities = np.clip(classifier.predict(frame).probabilities, 0, 1)
    return StoredPrediction(tuple(probabilities.tolist()), classifier.digest)
