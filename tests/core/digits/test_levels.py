import numpy as np
import pytest
from PIL import Image

from core.digits.levels import convert_to_8_bits

SHARES = np.linspace(0, 1, 12).reshape(3, 4)
EXPECTED = np.round(255 * SHARES)


@pytest.mark.parametrize(
    "values",
    [
        SHARES.astype(np.float32),
        (2 * SHARES - 1).astype(np.float32),
        (255 * SHARES).astype(np.float32),
        (4000 * SHARES - 300).astype(np.float32),
        np.round(1023 * SHARES).astype(np.uint16),
        np.round(4095 * SHARES).astype(np.uint16),
        np.round(65535 * SHARES).astype(np.uint16),
        np.round(65535 * SHARES).astype(np.int32),
    ],
    ids=["0…1", "-1…1", "0…255", "other", "10 bits", "12 bits", "16 bits", "32 bits"],
)
def test_unusual_levels_become_8_bits(values):
    converted = convert_to_8_bits(Image.fromarray(values))
    assert converted.mode == "L"
    assert np.abs(np.asarray(converted) - EXPECTED).max() <= 1


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_mask_of_0_and_1_becomes_black_and_white(mode):
    mask = Image.fromarray((SHARES > 0.5).astype(np.uint8)).convert(mode)
    assert convert_to_8_bits(mask).convert("L").getextrema() == (0, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK"])
def test_usual_pictures_are_returned_as_they_are(mode):
    picture = Image.new("L", (4, 3), 9).convert(mode)
    assert convert_to_8_bits(picture) is picture


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(value):
    with pytest.raises(ValueError, match="finite"):
        convert_to_8_bits(Image.fromarray(np.full((3, 3), value, np.float32)))
