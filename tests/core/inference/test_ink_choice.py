"""Pictures as people make them: which ink is chosen, and what the models predict for it."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.digits.found_digits import list_digits
from core.digits.image_file import UnreadableImageError, read_image
from core.digits.ink import EmptyDrawingError
from core.inference.classifier import load_classifier
from core.inference.ink_choice import choose_ink
from core.inference.judge import load_judge
from core.inference.number import find_in_image, number_from_image
from core.synthesis.glyphs import draw_sample, list_styles
from tests.found import find_digit, find_frame
from tests.messages import assert_plain
from tests.variations import VARIATIONS, draw_coverage, draw_plain, to_image

CASES = Path(__file__).parents[2] / "cases"
# By the name of the file, whose last number is the digit. The last picture is of another kind: it
# has many pixels.
READ = [
    "01-own-pad-screenshot-4.png", "02-figure-grey-colour-map-3.png", "03-black-border-1px-3.png",
    "03c-form-box-inset-7.png", "04b-note-on-dark-table-clean-4.png",
    "05-photo-exif-rational-minus1-over-0-4.jpg", "06-exif-header-doubled-7.png",
    "07-xmp-over-1mb-7.png", "08b-10-bit-in-16-7.png", "11-two-digits-10.png",
    "12-gif-blank-first-picture-7.gif", "14-phone-avif-7.avif",
    "15-two-pens-blue-and-yellow-8.png",
]  # fmt: skip
MODELS = ["lenet5", "mlp", "committee", "logistic_regression"]


def write(
    digit: int, random: np.random.Generator, style: str | None = None
) -> Sequence[np.ndarray]:
    return draw_sample(digit, style=style or list_styles(digit)[0], canvas_size=280, random=random)


def classify(picture: Image.Image, model_id: str = "committee") -> str:
    return number_from_image(picture, load_classifier(model_id))


@pytest.mark.parametrize("model_id", MODELS)
@pytest.mark.parametrize("name", READ)
def test_every_reported_picture_is_classified_as_a_person_would(name, model_id):
    expected = Path(name).stem.rpartition("-")[2]
    assert classify(read_image((CASES / name).read_bytes()), model_id) == expected


@pytest.mark.parametrize("name", ["17-bmp-palette-size.bmp", "17b-gif-tile-outside.gif"])
def test_a_file_that_a_decoder_fails_on_is_refused_in_a_sentence(name):
    with pytest.raises(UnreadableImageError, match="incomplete or damaged") as refused:
        read_image((CASES / name).read_bytes())
    assert_plain(str(refused.value))


def test_a_picture_of_40_megapixels_is_classified():
    picture = read_image((CASES / "18-40-megapixels-rgba.png").read_bytes())
    assert max(picture.size) < 3000
    assert len(list_digits(find_in_image(picture))) == 1


@pytest.mark.parametrize("name", VARIATIONS)
def test_digits_are_found_whatever_they_are_written_on(name):
    random = np.random.default_rng(8)
    # Plain styles: this is a test of paper and pens, not of handwriting.
    right = [
        classify(VARIATIONS[name](write(digit, random), random)) == str(digit)
        for digit in range(10)
    ]
    assert sum(right) >= 9


def draw_screenshot(
    text: str, random: np.random.Generator, *, dark: bool, margin: int | None = None
) -> Image.Image:
    """The Draw page with rows of digits on its pad, or the pad with a margin around it."""
    page, ink, border = ((14, 17, 23), 240, 60) if dark else ((251, 252, 254), 30, 220)
    picture = Image.new("RGB", (1280, 800), page)
    draw = ImageDraw.Draw(picture)
    draw.text((80, 100), "Draw a digit", fill=(ink,) * 3, font_size=40)
    draw.text((560, 300), "Draw a digit or a number on the pad.", fill=(ink,) * 3, font_size=16)
    draw.rectangle((80, 297, 400, 617), fill=(0, 0, 0), outline=(border,) * 3)
    rows = text.split("\n") if text else []
    pixels = np.asarray(picture, np.float32)
    for y, row in enumerate(rows):
        height = 310 / len(rows)
        for x, digit in enumerate(row):
            left, top = 90 + 300 / len(row) * x, 304 + height * y
            box = (left, top, left + 260 / len(row), top + 0.88 * height)
            coverage = draw_coverage(write(int(digit), random), picture.size, box, 16)
            pixels = pixels + coverage[..., None] * (255 - pixels)
    screenshot = to_image(pixels)
    if margin is None:
        return screenshot
    return screenshot.crop((80 - margin, 297 - margin, 401 + margin, 618 + margin))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("margin", [None, 15, 40])
@pytest.mark.parametrize("text", ["3", "42", "12\n34", "80\n561"])
def test_digits_on_the_pad_are_read_from_a_screenshot_of_the_page(text, margin, dark, random):
    assert classify(draw_screenshot(text, random, dark=dark, margin=margin)) == text


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("margin", [None, 4, 15, 40])
def test_no_digit_is_found_in_a_screenshot_of_an_empty_pad(margin, dark, random):
    try:
        assert classify(draw_screenshot("", random, dark=dark, margin=margin)) == "?"
    except EmptyDrawingError as refused:
        assert_plain(str(refused))


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_variation_is_the_same_for_the_same_seed(name, random):
    strokes = write(4, random)
    once, again, other = (VARIATIONS[name](strokes, np.random.default_rng(k)) for k in (1, 1, 2))
    assert once.tobytes() == again.tobytes() != other.tobytes()


def draw_one(size: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
    picture = Image.new("L", size, 255)
    ImageDraw.Draw(picture).rectangle(box, fill=0)
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        draw_one((20, 120), (0, 0, 19, 119)).crop((0, 0, 20, 120)),
        draw_one((24, 120), (2, 2, 21, 117)),
        draw_one((90, 120), (40, 0, 52, 119)),
    ],
    ids=["nothing but ink", "two pixels of paper", "from edge to edge"],
)
def test_a_one_cropped_to_its_ink_is_a_one(picture):
    if np.ptp(np.asarray(picture)):
        assert classify(picture) == "1"
    else:
        with pytest.raises(EmptyDrawingError):
            classify(picture)


@pytest.mark.parametrize(
    "style",
    [(0, "dotted"), (0, "slashed"), (0, "slashed beyond its edge"), (4, "open"), (5, "plain")],
    ids=str,
)
def test_a_digit_of_several_parts_stays_one_digit(style):
    digit, name = style
    random = np.random.default_rng(3)
    texts = [
        classify(to_image(draw_plain(write(digit, random, name), random, share=(0.6, 0.8))))
        for _ in range(6)
    ]
    assert texts.count(str(digit)) >= 5


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("shade", [120, 200])
def test_a_thin_grey_border_is_no_ink(width, shade, random):
    picture = draw_plain(write(3, random), random)
    picture[:width] = picture[-width:] = picture[:, :width] = picture[:, -width:] = shade
    assert classify(to_image(picture)) == "3"


def test_a_white_card_on_grey_is_paper(random):
    card = to_image(draw_plain(write(7, random), random, 200))
    picture = Image.new("RGB", (320, 300), (128, 128, 128))
    picture.paste(card, (70, 40))
    assert classify(picture) == "7"


@pytest.mark.parametrize("seed", range(6))
def test_bare_paper_is_no_digit(seed):
    random = np.random.default_rng(seed)
    light = np.linspace(random.uniform(0.5, 0.9), 1, 400, dtype=np.float32)[:, None, None]
    grain = random.normal(0, random.uniform(1, 5), (400, 300, 3))
    try:
        assert classify(to_image(220 * light + grain)) == "?"
    except EmptyDrawingError as refused:
        assert_plain(str(refused))


def picture_of_specks(*places: tuple[int, int], mode: str = "L") -> Image.Image:
    picture = Image.new(mode, (90, 90), 255 if mode == "L" else (255, 255, 255, 0))
    for place in places:
        picture.putpixel(place, 0 if mode == "L" else (0, 0, 0, 255))
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("L", (280, 280), 255),
        Image.new("RGB", (280, 280), (12, 80, 200)),
        Image.new("RGBA", (280, 280), (0, 0, 0, 0)),
        Image.new("1", (50, 50), 1),
        Image.new("L", (1, 1), 7),
        picture_of_specks((40, 40)),
        picture_of_specks((40, 40), (50, 60)),
        picture_of_specks((40, 40), mode="RGBA"),
    ],
    ids=["white", "blue", "clear", "one bit", "1×1", "speck", "two specks", "clear speck"],
)
def test_a_blank_picture_is_an_empty_drawing(picture):
    with pytest.raises(EmptyDrawingError, match=r"Use (a darker pen|another)") as refused:
        find_in_image(picture)
    assert_plain(str(refused.value))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_pillow_mode_gives_the_same_frame(mode, random):
    picture = to_image(draw_plain(write(7, random), random)).convert("L")
    expected = find_frame(picture)
    assert np.abs(find_frame(picture.convert(mode)) - expected).mean() < 0.02


def test_jpeg_compression_does_not_move_the_digit(random):
    picture = to_image(draw_plain(write(5, random), random))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=70)
    assert np.abs(find_frame(Image.open(file)) - find_frame(picture)).mean() < 0.07


@pytest.mark.parametrize("factor", [1, 5])
def test_the_box_is_in_pixels_of_the_picture(factor):
    picture = draw_one((300, 400), (140, 90, 165, 310)).resize((300 * factor, 400 * factor))
    box = find_digit(picture).box
    assert np.abs(np.array(box) - factor * np.array([140, 90, 166, 311])).max() <= 4 * factor


def test_the_box_of_a_digit_on_a_sheet_is_in_pixels_of_the_picture():
    page = Image.new("L", (500, 400), 60)
    page.paste(draw_one((200, 240), (90, 40, 110, 200)), (220, 100))
    box = find_digit(page).box
    assert np.abs(np.array(box) - np.array([310, 140, 331, 301])).max() <= 4


def test_a_plain_drawing_is_scored_once(random):
    scored = []

    class CountingJudge:
        def log_confidences(self, frames: np.ndarray) -> np.ndarray:
            scored.append(len(frames))
            return load_judge().log_confidences(frames)

    choose_ink(to_image(draw_plain(write(7, random), random)), CountingJudge())
    assert sum(scored) < 15
