"""What a browser sends of a lesson: read where it is sound, refused with a sentence where not."""

import numpy as np
import pytest

from core.digits.datasets import Dataset
from core.runs import lesson
from core.runs.lesson import MAX_DRAWINGS, Lesson, digest_drawings, read_lesson
from core.runs.training_data import take
from tests.core.runs.lessons import send


@pytest.fixture
def drawings(bundled_digits):
    return take(bundled_digits, slice(6))


def list_pairs(drawings: Dataset) -> list[tuple[bytes, int]]:
    labels = map(int, drawings.labels)
    return sorted(zip((one.tobytes() for one in drawings.images), labels, strict=True))


def test_the_drawings_arrive_and_their_order_does_not_matter(drawings):
    _, lesson, found = read_lesson(send(drawings))
    assert list_pairs(found) == list_pairs(drawings)
    assert (lesson.drawings, lesson.steps) == (6, 60)
    _, other, again = read_lesson(send(drawings, [3, 1, 0, 5, 4, 2, 2]))
    assert other == lesson
    assert np.array_equal(again.images, found.images)
    assert np.array_equal(again.labels, found.labels)


def test_another_drawing_another_digit_or_another_step_is_another_lesson(drawings):
    lesson = read_lesson(send(drawings))[1]
    relabelled = send(drawings)
    relabelled["drawings"][0]["digit"] = (relabelled["drawings"][0]["digit"] + 1) % 10
    for fields in (send(drawings, range(5)), relabelled, send(drawings, steps=61)):
        assert read_lesson(fields)[1] != lesson


ONE_DRAWING = [{"digit": 1, "levels": "A" * 1048}]
BAD_DRAWINGS = [
    [],
    None,
    [{"digit": 10, "levels": "A" * 1048}],
    [{"digit": -1, "levels": "A" * 1048}],
    [{"digit": True, "levels": "A" * 1048}],
    [{"digit": 1, "levels": "A" * 1044}],
    [{"digit": 1, "levels": "?" * 1048}],
    [{"digit": 1, "levels": "é" * 1048}],
    [{"digit": 1, "levels": "A" * 1046 + "=="}, {"digit": 1, "levels": "A" * 1048}],
    [{"digit": 1, "levels": "A" * 1048, "more": 1}],
    [{"digit": 1}],
]


@pytest.mark.parametrize("bad", BAD_DRAWINGS)
def test_drawings_that_are_none_are_refused(drawings, bad):
    with pytest.raises(ValueError, match="Reload the page"):
        read_lesson(send(drawings, drawings=bad))


@pytest.mark.parametrize(
    "fields",
    [
        None,
        [],
        "lesson",
        {},
        {"model": "LeNet-5"},
        {"model": "L" * 201, "data": "mnist", "steps": 1, "drawings": ONE_DRAWING},
        {"model": "LeNet-5", "data": "m" * 201, "steps": 1, "drawings": ONE_DRAWING},
    ],
)
def test_what_is_no_lesson_is_refused(fields):
    with pytest.raises(ValueError, match="Reload the page"):
        read_lesson(fields)


@pytest.mark.parametrize("steps", [0, -1, 1001])
def test_too_few_or_too_many_steps_are_refused(drawings, steps):
    with pytest.raises(ValueError, match="1 to 1,000 steps"):
        read_lesson(send(drawings, steps=steps))


@pytest.mark.parametrize("steps", [1.5, "60", None, True])
def test_steps_that_are_no_number_are_refused(drawings, steps):
    with pytest.raises(ValueError, match="Reload the page"):
        read_lesson(send(drawings, steps=steps))


def test_too_many_drawings_are_refused(bundled_digits):
    with pytest.raises(ValueError, match=r"1 to 200 drawings\. This one has 201"):
        read_lesson(send(take(bundled_digits, slice(MAX_DRAWINGS + 1))))


def test_too_many_drawings_are_not_even_decoded(drawings, monkeypatch):
    monkeypatch.setattr(lesson, "b64decode", pytest.fail)
    sent = send(drawings, [0] * (MAX_DRAWINGS + 1))
    with pytest.raises(ValueError, match=r"1 to 200 drawings\. This one has 201"):
        read_lesson(sent)


@pytest.mark.parametrize(
    "fields",
    [
        {"drawings": 0, "steps": 1, "digest": "0" * 64},
        {"drawings": 1, "steps": 1.0, "digest": "0" * 64},
        {"drawings": 1, "steps": 1, "digest": "../x"},
    ],
)
def test_a_plan_cannot_hold_another_lesson(fields):
    with pytest.raises(ValueError):  # noqa: PT011  the messages differ
        Lesson(**fields)


def test_the_digest_is_that_of_the_drawings_and_their_digits(drawings):
    found = {
        digest_drawings(drawings),
        digest_drawings(take(drawings, slice(5))),
        digest_drawings(take(drawings, np.array([1, 0, 2, 3, 4, 5]))),
    }
    assert len(found) == 3
