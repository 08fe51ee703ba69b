import numpy as np
import pytest

from core.analysis.metrics import estimate_share
from core.digits.found_digits import list_digits
from core.digits.frame import frame_from_strokes
from core.inference.number import find_in_image
from core.synthesis.glyphs import draw_sample, list_styles
from tests.benchmarks import bench_uploads
from tests.benchmarks.scene_parts import HEIGHT, WIDTH
from tests.benchmarks.scenes import SCENES

PICTURES = 10


def extend_by_a_pixel(frame: np.ndarray) -> np.ndarray:
    """Extend ink by one pixel, since pen widths differ and frames are moved by whole pixels."""
    padded = np.pad(frame, 1)
    shifted = [padded[y : y + 28, x : x + 28] for y in range(3) for x in range(3)]
    return np.max(shifted, axis=0)


def measure_agreement(found: np.ndarray, written: np.ndarray) -> float:
    """The share of each frame's ink that lies on or beside the other's; the smaller of the two."""
    return min(
        float(np.minimum(first, extend_by_a_pixel(second)).sum() / first.sum())
        for first, second in ((found, written), (written, found))
    )


@pytest.mark.parametrize("name", SCENES)
def test_the_ink_of_a_scene_is_the_digit_that_was_written(name):
    random = np.random.default_rng(3)
    agreements = []
    for digit, style in bench_uploads.list_digits_with_styles(PICTURES):
        strokes = draw_sample(digit, style=style, canvas_size=400, random=random)
        found = list_digits(find_in_image(SCENES[name](strokes, random)))[0].frame
        agreements.append(measure_agreement(found, frame_from_strokes(strokes)))
    # On lined and squared paper, a part of a line may be left beside a digit.
    assert np.mean(np.array(agreements) > 0.7) >= 0.9
    assert np.median(agreements) > 0.85


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_the_same_for_the_same_seed(name, random):
    strokes = draw_sample(4, canvas_size=400, random=random)
    once, again, other = (SCENES[name](strokes, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert once.mode == "RGB"
    assert once.width <= WIDTH
    assert once.height <= HEIGHT
    assert once.tobytes() == again.tobytes() != other.tobytes()


def test_every_digit_is_written_equally_often_and_in_all_its_styles():
    drawn_digits = bench_uploads.list_digits_with_styles(200)
    assert [sum(digit == drawn for drawn, _ in drawn_digits) for digit in range(10)] == [20] * 10
    assert {style for digit, style in drawn_digits if digit == 1} == set(list_styles(1))


def test_the_table_has_every_scene_and_shortfalls_are_listed():
    shares = {name: {"lenet5": estimate_share(94, 100)} for name in SCENES}
    result = bench_uploads.SceneResult(
        np.zeros(100, np.uint8), np.zeros((100, 28, 28), np.float32), 7
    )
    table = bench_uploads.write_table(dict.fromkeys(SCENES, result), shares)
    assert len(table.splitlines()) == 2 + len(SCENES)
    assert "94.0% (87.5% to 97.2%)" in table
    assert len(bench_uploads.find_shortfalls(shares)) == 4
