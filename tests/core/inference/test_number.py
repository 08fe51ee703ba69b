import numpy as np
import pytest
from PIL import Image

from core.digits.found_digits import list_digits
from core.digits.ink import EmptyDrawingError
from core.inference.classifier import load_classifier
from core.inference.number import find_in_strokes, number_from_image, number_from_strokes
from core.synthesis.glyphs import draw_glyph, draw_sample
from core.synthesis.non_digits import IN_TRAINING
from tests.numbers import draw_ink, write_number

NUMBERS = ["42", "10", "73", "47", "2026", "12\n34", "7\n305", "8", "1111", "90\n8\n64"]
# Styles of several strokes, or with strokes inside others: still one digit.
ONE_DIGIT = [
    (0, "slashed"),
    (0, "dotted"),
    (1, "flagged"),
    (1, "like a roof"),
    (4, "open"),
    (4, "like an L"),
    (5, "plain"),
    (5, "separate top stroke"),
    (7, "crossed"),
    (7, "hooked"),
    (8, "two rings"),
]


@pytest.fixture(scope="module")
def lenet():
    return load_classifier("lenet5")


def picture_of(strokes, *, pen: float = 12) -> Image.Image:
    """Dark on white."""
    return Image.fromarray((255 * (1 - draw_ink(strokes, pen=pen))).astype(np.uint8))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_read_from_strokes(number, lenet, random):
    assert number_from_strokes(write_number(number, random), lenet) == number


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_read_from_a_picture(number, lenet, random):
    assert number_from_image(picture_of(write_number(number, random)), lenet) == number


@pytest.mark.parametrize("scale", [1 / 400, 1 / 30, 10, 1000])
def test_the_unit_of_strokes_does_not_matter(scale, lenet, random):
    strokes = [stroke * scale for stroke in write_number("42", random)]
    assert number_from_strokes(strokes, lenet) == "42"


def test_the_order_and_the_direction_of_strokes_do_not_matter(lenet, random):
    strokes = write_number("475", random)
    for _ in range(5):
        shuffled = [strokes[index][::-1] for index in random.permutation(len(strokes))]
        assert number_from_strokes(shuffled, lenet) == "475"


@pytest.mark.parametrize("slope", [-0.3, -0.15, 0.15, 0.3])
def test_slanted_lines_of_writing_are_rows(slope, lenet, random):
    strokes = write_number("2026\n735", random, slope=slope)
    assert number_from_strokes(strokes, lenet) == "2026\n735"


@pytest.mark.parametrize(("digit", "style"), ONE_DIGIT)
def test_one_digit_stays_one(digit, style, lenet, random):
    for _ in range(5):
        strokes = draw_sample(digit, style=style, canvas_size=300, random=random)
        assert number_from_strokes(strokes, lenet) == str(digit)


@pytest.mark.parametrize(
    "strokes",
    [
        [[(0, 0), (100, 100)], [(100, 0), (0, 100)]],
        [
            [(33, 0), (33, 100)],
            [(66, 0), (66, 100)],
            [(0, 33), (100, 33)],
            [(0, 66), (100, 66)],
        ],
        [[(20, 20), (20, 120)], [(90, 20), (90, 120)], [(20, 70), (90, 70)]],
        [[(20, 20), (20, 120)], [(85, 20), (22, 70)], [(22, 70), (90, 120)]],
        [[(20, 20), (20, 120)], [(20, 20), (80, 120)], [(80, 120), (80, 20)]],
        [[(20, 120), (20, 20), (80, 120), (80, 20)]],
        [[(20, 120), (30, 20), (60, 90), (90, 20), (100, 120)]],
    ],
    ids=["cross", "hash", "H", "K", "N", "N in one stroke", "M in one stroke"],
)
def test_letters_and_signs_are_not_divided_into_digits(strokes, lenet):
    assert number_from_strokes(strokes, lenet) == "?"


@pytest.mark.parametrize("letter", ["M", "N", "H", "K"])
def test_a_letter_in_a_picture_is_not_divided_into_digits(letter, lenet, random):
    texts = []
    for variant in IN_TRAINING[letter]:
        strokes = draw_glyph(variant, canvas_size=300, random=random)
        texts.append(number_from_image(picture_of(strokes), lenet))
    assert set("".join(texts)) == {"?"}
    assert [len(text) for text in texts].count(1) >= len(texts) - 1


def test_taps_are_no_number(lenet):
    taps = [[(x, y), (x + 2, y + 1)] for x, y in [(40, 40), (200, 60), (90, 180)]]
    with pytest.raises(EmptyDrawingError):
        number_from_strokes(taps, lenet)


@pytest.mark.parametrize("digit", range(10))
def test_a_dot_beside_a_digit_changes_nothing(digit, random):
    strokes = write_number(str(digit), random)
    points = np.concatenate(strokes)
    dot = points.max(axis=0) + np.array([25, -random.uniform(0, 100)])
    alone, dotted = find_in_strokes(strokes), find_in_strokes([*strokes, [dot, dot + 2]])
    assert np.array_equal(list_digits(dotted)[0].frame, list_digits(alone)[0].frame)
    assert len(list_digits(dotted)) == 1


@pytest.mark.parametrize("digit", [0, 8])
def test_digits_written_without_lifting_the_pen_are_divided(digit, lenet, random):
    (first,) = write_number(str(digit), random)
    line = np.concatenate([first, first + np.array([np.ptp(first[:, 0]) + 30, 0])])
    assert number_from_strokes([line], lenet) == f"{digit}{digit}"


def test_touching_digits_of_a_picture_are_divided(lenet, random):
    for number in ("38", "20", "63"):
        picture = picture_of(write_number(number, random, gap=0.1), pen=14)
        assert number_from_image(picture, lenet) == number


def test_every_stroke_of_a_number_is_part_of_one_digit(random):
    strokes = write_number("47\n50", random)
    found = [digit.strokes for digit in list_digits(find_in_strokes(strokes))]
    assert sorted(index for indices in found for index in indices) == [*range(len(strokes))]


def test_ten_strokes_of_scribble_are_seldom_sure_digits(lenet, random):
    texts = []
    for _ in range(20):
        lines = [random.uniform(40, 280, (2, 2)) for _ in range(10)]
        texts.append(number_from_strokes([np.linspace(*ends, 12) for ends in lines], lenet))
    assert max(map(len, texts)) <= 4
    assert sum("?" in text for text in texts) >= 12
