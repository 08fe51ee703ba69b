"""Numbers: finds the digits in strokes or in a picture, and writes them as text."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.digits.frame import frame_from_image, frame_from_strokes
from core.digits.segmentation import DigitRows, FoundDigit
from core.inference.classifier import Classifier
from core.inference.number_prediction import predict_number


def find_in_strokes(strokes: Sequence[npt.ArrayLike]) -> DigitRows:
    """Find the digits in pen strokes.

    Args:
        strokes: one ``(n, 2)`` array a stroke, of x (rightwards) and y (downwards) in any unit.

    Raises:
        ValueError: a stroke is not an ``(n, 2)`` array of finite numbers.
        EmptyDrawingError: there is too little ink to be a digit.
    """
    frame = frame_from_strokes(strokes)
    points = np.concatenate([np.asarray(stroke, np.float64) for stroke in strokes])
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return ((FoundDigit((left, top, right, bottom), frame, tuple(range(len(strokes)))),),)


def find_in_image(image: Image.Image) -> DigitRows:
    """Find the digits in a picture.

    Args:
        image: as ``core.digits.image_file.read_image`` gives it.

    Raises:
        EmptyDrawingError: there is no ink, or too little of it to be a digit.
    """
    return ((FoundDigit((0, 0, image.width, image.height), frame_from_image(image)),),)


def number_from_strokes(strokes: Sequence[npt.ArrayLike], classifier: Classifier) -> str:
    """Classify the digits in strokes: rows apart by a newline, "?" for what is no digit.

    Raises:
        ValueError, EmptyDrawingError: as ``find_in_strokes``.
    """
    return predict_number(find_in_strokes(strokes), [classifier]).text


def number_from_image(image: Image.Image, classifier: Classifier) -> str:
    """Classify the digits in a picture: rows apart by a newline, "?" for what is no digit.

    Raises:
        EmptyDrawingError: as ``find_in_image``.
    """
    return predict_number(find_in_image(image), [classifier]).text
