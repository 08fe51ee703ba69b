"""Numbers: finds the digits in strokes or in a picture, and writes them as text."""

from collections.abc import Sequence

import numpy.typing as npt
from PIL import Image

from core.digits.found_digits import DigitRows, scale_boxes
from core.digits.image_file import find_reduction, open_image
from core.digits.stroke_segmentation import segment_strokes
from core.inference.classifier import Classifier
from core.inference.ink_choice import choose_ink
from core.inference.judge import choose_digits, load_judge
from core.inference.number_prediction import predict_number


def find_in_strokes(strokes: Sequence[npt.ArrayLike]) -> DigitRows:
    """Find the digits in pen strokes.

    Args:
        strokes: one ``(n, 2)`` array a stroke, of x (rightwards) and y (downwards) in any unit.

    Raises:
        ValueError: a stroke is not an ``(n, 2)`` array of finite numbers.
        EmptyDrawingError: there is too little ink to be a digit.
    """
    return choose_digits(segment_strokes(strokes), load_judge()).digit_rows


def find_in_image(image: Image.Image) -> DigitRows:
    """Find the digits in a picture.

    Args:
        image: as ``core.digits.image_file.open_image`` gives it.

    Raises:
        EmptyDrawingError: there is no ink, or too little of it to be a digit.
    """
    return choose_ink(image, load_judge()).digit_rows


def find_in_file(contents: bytes) -> DigitRows:
    """Find the digits in an image file, with boxes in pixels of the upright picture.

    Args:
        contents: of the file, which need not be a picture.

    Raises:
        UnreadableImageError: the file cannot be decoded.
        EmptyDrawingError: as ``find_in_image``.
    """
    with open_image(contents) as image:
        return scale_boxes(find_in_image(image), find_reduction(image))


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
