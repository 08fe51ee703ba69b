import io

import numpy as np
import pytest
from PIL import Image

from core.figures.sheet import draw_sheet


def test_every_digit_is_on_the_sheet_in_its_order(bundled_digits):
    images = bundled_digits.images[:23]
    sheet = np.array(Image.open(io.BytesIO(draw_sheet(images, ["4 > 9"] * 23))))
    for place in (0, 1, 20, 22):
        top, left = 6 + place // 20 * 76, 6 + place % 20 * 62
        assert np.array_equal(sheet[top : top + 56 : 2, left : left + 56 : 2], images[place])
        caption = sheet[top + 56 : top + 70, left : left + 56]
        assert caption.min() < 100
    assert (sheet[82:, 6 + 3 * 62 :] == 255).all()  # nothing after the last one


def test_a_sheet_needs_an_image_and_a_caption_for_each(bundled_digits):
    with pytest.raises(ValueError, match="at least one, got 0 for 0"):
        draw_sheet(bundled_digits.images[:0], [])
    with pytest.raises(ValueError, match="got 1 for 2"):
        draw_sheet(bundled_digits.images[:2], ["4 > 9"])
