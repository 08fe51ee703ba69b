"""Pictures of digits: frames as images that a page can show."""

import base64
import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.digits.frame import bytes_from_frames


def picture_from_frame(frame: npt.NDArray[Any], *, side: int) -> Image.Image:
    """An enlarged frame whose single pixels are visible.

    Args:
        frame: ``(28, 28)``, float in 0…1 or uint8.
        side: width and height of the picture, in pixels.

    Returns:
        A grey picture, white ink on black.
    """
    pixels = frame if frame.dtype == np.uint8 else bytes_from_frames(frame)
    return Image.fromarray(pixels).resize((side, side), Image.Resampling.NEAREST)


def png_address(picture: npt.NDArray[np.uint8]) -> str:
    """A picture, grey ``(H, W)`` or colour ``(H, W, 3)``, as a ``data:`` URL of a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return encode_address(buffer.getvalue(), "image/png")


def encode_address(contents: bytes, media_type: str) -> str:
    """A file as a ``data:`` URL."""
    return f"data:{media_type};base64,{base64.b64encode(contents).decode('ascii')}"
