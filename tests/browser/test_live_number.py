"""The engine of pages/live reads strokes as the server does: digits found, predictions, text."""

import gzip
import json
import os
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from core.digits.strokes import Stroke
from core.inference.classifier import load_classifier
from core.inference.judge import JUDGE_MODEL_IDS
from core.inference.number import find_in_strokes
from core.inference.number_prediction import NumberPrediction, predict_number
from core.models.files import DEFAULT_MODEL_IDS
from core.synthesis.glyphs import draw_sample
from core.synthesis.non_digits import draw_non_digit
from core.training.measurement import PEN_DIGITS_VARIABLE
from tests.numbers import write_number

MAX_DIFFERENCE = 1e-4
MIN_SAME_TEXTS = 0.995
SIDE = 300

Drawing = list[Stroke]


def draw_rows(random: np.random.Generator) -> list[Drawing]:
    return [write_number(text, random) for text in ["12\n34", "7\n8\n9", "40\n5"] * 4]


def draw_neighbours(random: np.random.Generator) -> list[Drawing]:
    """Two digits in any style that may touch, which one stroke may write."""

    def draw(*, is_joined: bool) -> Drawing:
        first, second = (
            draw_sample(int(random.integers(10)), canvas_size=SIDE, random=random) for _ in range(2)
        )
        left = np.concatenate(second)[:, 0].min()
        step = np.concatenate(first)[:, 0].max() - left + random.uniform(-15, 15)
        second = [stroke + np.array([step, 0]) for stroke in second]
        if not is_joined:
            return first + second
        return [*first[:-1], np.concatenate([first[-1], second[0]]), *second[1:]]

    return [draw(is_joined=bool(index % 2)) for index in range(60)]


def draw_shapes(random: np.random.Generator) -> list[Drawing]:
    """Letters, signs and scribbles, some beside a digit; dots; crosses."""

    def draw(*, held_out: bool) -> Drawing:
        return draw_non_digit(held_out=held_out, canvas_size=SIDE, random=random)

    alone = [draw(held_out=bool(index % 2)) for index in range(80)]
    beside = [
        [*draw_sample(index % 10, canvas_size=SIDE, random=random)]
        + [stroke + np.array([SIDE, 0]) for stroke in draw(held_out=False)]
        for index in range(20)
    ]
    line, dot = np.linspace((0, 0), (90, 80), 20), np.full((3, 2), 150.0)
    crosses = [[line, line * [1, -1] + [0, 80]], [line], [line, dot], [dot, dot]]
    return [*alone, *beside, *crosses]


def draw_pen_numbers(random: np.random.Generator) -> list[Drawing]:
    """Numbers of one to four digits by one writer each, of the collection that is named."""
    if PEN_DIGITS_VARIABLE not in os.environ:
        pytest.skip(f"{PEN_DIGITS_VARIABLE} names no collection")
    with gzip.open(os.environ[PEN_DIGITS_VARIABLE], "rt") as file:
        collection: list[dict[str, Any]] = json.load(file)
    by_writer = defaultdict(list)
    for one in collection:
        by_writer[one["writer"]].append([np.array(stroke, float) for stroke in one["strokes"]])

    def write(own: list[Drawing], count: int) -> Drawing:
        strokes, left = [], 0.0
        for place in random.integers(len(own), size=count):
            points = np.concatenate(own[place])
            corner, side = points.min(axis=0), max(np.ptp(points, axis=0).max(), 1)
            strokes += [(stroke - corner) * (100 / side) + (left, 0) for stroke in own[place]]
            left += 100 * np.ptp(points[:, 0]) / side + random.uniform(-3, 30)
        return strokes

    writers = list(by_writer.values())
    return [write(writers[index % len(writers)], 1 + index % 4) for index in range(200)]


def predict(drawing: Drawing, models: list[str]) -> NumberPrediction | None:
    """What the server predicts; None for too little ink."""
    try:
        found = find_in_strokes(drawing)
    except ValueError:
        return None
    return predict_number(found, [load_classifier(model_id) for model_id in models])


def compare(number: dict[str, Any], expected: NumberPrediction) -> bool:
    """Whether the text is the same; fails if digits of the same strokes are not predicted alike."""
    digits = [digit for row in number["rows"] for digit in row]
    if [digit["strokes"] for digit in digits] != [[*one.found.strokes] for one in expected.digits]:
        return False
    for digit, other in zip(digits, expected.digits, strict=True):
        frame = np.array(digit["frame"]).reshape(28, 28)
        assert np.abs(frame - other.found.frame).max() <= 1 / 255 + 1e-6
        probabilities = [one.probabilities for one in other.predictions]
        assert np.abs(np.array(digit["probabilities"]) - probabilities).max() <= MAX_DIFFERENCE
        assert abs(digit["confidence"] - other.vote.confidence) <= MAX_DIFFERENCE
    return number["text"] == expected.text


@pytest.mark.parametrize("draw", [draw_rows, draw_neighbours, draw_shapes, draw_pen_numbers])
def test_the_browser_reads_the_number_that_the_server_reads(live, random, draw):
    drawings, models = draw(random), [*DEFAULT_MODEL_IDS]
    found = live.read_numbers(drawings, models, JUDGE_MODEL_IDS)
    expected = [predict(drawing, models) for drawing in drawings]
    assert [one is None for one in found] == [one is None for one in expected]
    same = [
        compare(one, other) for one, other in zip(found, expected, strict=True) if one and other
    ]
    assert np.mean(same) >= MIN_SAME_TEXTS


def test_what_is_no_digit_is_named_and_doubted_as_on_the_server(live, random):
    drawings = draw_shapes(random)
    models = [*DEFAULT_MODEL_IDS]
    found = live.read_numbers(drawings, models, JUDGE_MODEL_IDS)
    named, doubted = set(), 0
    for number, drawing in zip(found, drawings, strict=True):
        expected = predict(drawing, models)
        if number is None or expected is None or not compare(number, expected):
            continue
        digits = [digit for row in number["rows"] for digit in row]
        for digit, other in zip(digits, expected.digits, strict=True):
            assert digit["question"] == other.question
            assert digit["notSure"] == [one.not_sure for one in other.predictions]
            assert digit["digit"] == other.vote.digit
            named.add(digit["question"])
            doubted += sum(digit["notSure"])
    assert named == {"", "No digit?", "Two digits?"}
    assert doubted


def test_without_a_detector_every_frame_counts_as_a_digit(live, random):
    drawings = draw_shapes(random)
    found = live.page.evaluate(
        """async (drawings) => {
          const models = [await live.get("lenet5")];
          const engine = live.buildEngine(models, undefined);
          return drawings.map((strokes) => live.readNumber(strokes, models, engine))
              .filter(Boolean).flatMap(({ rows }) => rows.flat())
              .filter(({ notSure, question }) => !notSure[0] && question).length;
        }""",
        [[stroke.tolist() for stroke in drawing] for drawing in drawings],
    )
    assert found == 0
