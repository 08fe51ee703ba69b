"""Saving: a digit that was drawn becomes one of the visitor's drawings, with all predictions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from core.digits.frame import Frame, bytes_from_frames
from core.digits.strokes import Stroke
from core.drawings.drawing import Drawing, StoredPrediction, identify
from core.inference.prediction import Prediction
from core.models.files import is_run
from core.server.model_cache import get_classifier
from pages.widgets.cache import get_cards
from pages.widgets.visitor import get_owner


@dataclass(frozen=True, eq=False)
class LabelledDigit:
    """A digit to save.

    Attributes:
        frame: ``(28, 28)`` float32 in 0 paper … 1 ink.
        strokes: one ``(n, 2)`` float64 array a stroke, in pad pixels; None for a picture.
        label: the digit that it is, 0…9.
    """

    frame: Frame
    strokes: Sequence[Stroke] | None
    label: int


def make_drawings(
    digits: Sequence[LabelledDigit], *, run_ids: Collection[str] = ()
) -> list[Drawing]:
    """The visitor's drawings of digits, with the predictions of all built-in models.

    Args:
        digits: what was drawn, at least one.
        run_ids: runs whose predictions are stored as well.
    """
    predictions = _predict([digit.frame for digit in digits], run_ids)
    return [_make_drawing(digit, found) for digit, found in zip(digits, predictions, strict=True)]


def _make_drawing(digit: LabelledDigit, predictions: Sequence[Prediction]) -> Drawing:
    image = bytes_from_frames(digit.frame)
    strokes = None if digit.strokes is None else tuple(map(np.asarray, digit.strokes))
    return Drawing(
        owner=get_owner(),
        id=identify(image, strokes),
        label=digit.label,
        strokes=strokes,
        image=image,
        predictions={one.model_id: _store_prediction(one) for one in predictions},
    )


def _predict(frames: Sequence[Frame], run_ids: Collection[str]) -> list[tuple[Prediction, ...]]:
    """For each frame, the predictions of every built-in model and of these runs."""
    by_model = [
        get_classifier(card).predict_all(frames)
        for model_id, card in get_cards().items()
        if not is_run(model_id) or model_id in run_ids
    ]
    return list(zip(*by_model, strict=True))


def _store_prediction(prediction: Prediction) -> StoredPrediction:
    # Rounding in float32 may leave a probability a little outside 0…1.
    probabilities = np.clip(prediction.probabilities, 0, 1)
    return StoredPrediction(tuple(probabilities.tolist()), prediction.model_sha256)
