"""The digits that are found in pictures."""

from PIL import Image

from core.digits.found_digits import FoundDigit, list_digits
from core.digits.frame import Frame
from core.inference.number import find_in_image


def find_digit(picture: Image.Image) -> FoundDigit:
    """The only digit in a picture; raises ValueError where there are several."""
    (digit,) = list_digits(find_in_image(picture))
    return digit


def find_frame(picture: Image.Image) -> Frame:
    """The frame of the only digit in a picture."""
    return find_digit(picture).frame
