"""The question whether a digit was read right: its answer keeps the drawing with its label."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.digits.strokes import Stroke
from core.drawings.drawing import (
    Drawing,
    StorageUnavailableError,
    StoredPrediction,
    TooManyDrawingsError,
    UnknownDrawingError,
    identify,
)
from core.inference.prediction import Prediction, majority_vote
from core.models.files import is_run
from core.server.model_cache import get_classifier
from pages.widgets.cache import get_cards
from pages.widgets.data import get_store
from pages.widgets.visitor import get_owner
from pages.widgets.wording import to_sentence, with_article


def ask_if_right(
    frame: np.ndarray, source: Sequence[Stroke] | str, predictions: Sequence[Prediction]
) -> None:
    """Offer to keep what was drawn.

    Args:
        frame: what the models saw.
        source: the strokes that were read, or the name of the file.
        predictions: what the chosen ones of them said.
    """
    digit = majority_vote(predictions).digit
    st.markdown("Was that right?", width="content")
    # The digit is in the key: a click that meets another reading than it was meant for is void.
    agreed = st.button(f"Yes, {with_article(digit)}", icon=":material/check:", key=f"yes_{digit}")
    other = st.menu_button(
        "No, it was",
        [one for one in range(10) if one != digit],
        format_func=with_article,
        icon=":material/close:",
        key="no",
    )
    st.page_link("drawings.py", label="My drawings", icon=":material/collections:")
    if agreed or other is not None:
        label = digit if agreed else other
        _keep(make_drawing(frame, source, label, asked=[one.model_id for one in predictions]))


def make_drawing(
    frame: np.ndarray,
    source: Sequence[Stroke] | str,
    label: int,
    *,
    asked: Sequence[str] = (),
) -> Drawing:
    """The visitor's drawing of a digit, with what every model says of it, and runs if asked."""
    strokes = None if isinstance(source, str) else tuple(map(np.asarray, source))
    image = np.round(frame * 255).astype(np.uint8)
    return Drawing(
        owner=get_owner(),
        id=identify(image, strokes),
        label=label,
        strokes=strokes,
        image=image,
        readings=_ask_models(frame, asked),
    )


def _keep(drawing: Drawing) -> None:
    """Save the drawing, or correct its label where it is kept already; say which it is now."""
    try:
        if not get_store().save(drawing):
            get_store().relabel(drawing.owner, drawing.id, drawing.label)
    except (StorageUnavailableError, TooManyDrawingsError, UnknownDrawingError) as error:
        st.error(to_sentence(error), icon=":material/database_off:")
    else:
        st.toast(f"Kept as {with_article(drawing.label)}.", icon=":material/collections:")


def _ask_models(frame: np.ndarray, asked: Sequence[str]) -> dict[str, StoredPrediction]:
    """What every built-in model says of the frame, asked or not, and every run that was asked."""
    cards = get_cards()
    ids = [one for one in cards if not is_run(one) or one in asked]
    classifiers = [get_classifier(cards[one]) for one in ids]
    return {
        one.model_id: StoredPrediction(
            tuple(np.clip(one.predict(frame).probabilities, 0, 1).tolist()), one.digest
        )
        for one in classifiers
    }
