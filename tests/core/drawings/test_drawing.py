import re
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from core.drawings.drawing import StoredPrediction, identify
from tests.core.drawings.conftest import make_drawing, predict


def test_a_new_drawing_has_an_id_of_its_own_and_the_time_in_utc():
    first, second = make_drawing(), make_drawing()
    assert first.id != second.id
    assert abs(datetime.now(UTC) - first.created_at) < timedelta(minutes=1)


def test_what_was_drawn_has_one_id_and_anything_else_another():
    drawing = make_drawing()
    image, strokes = drawing.image, drawing.strokes
    assert identify(image, strokes) == identify(image.copy(), tuple(map(np.copy, strokes)))
    joined = (np.concatenate(strokes),)
    others = [(255 - image, strokes), (image, None), (image, strokes[:1]), (image, joined)]
    assert len({identify(image, strokes), *(identify(*other) for other in others)}) == 5
    assert make_drawing(id=identify(image, strokes))


def test_a_picture_has_no_strokes():
    assert make_drawing(strokes=None).strokes is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"owner": ""}, "expected an owner"),
        ({"owner": "anna\0"}, "expected an owner"),
        ({"owner": "a" * 65}, "expected an owner"),
        ({"id": "7"}, "expected a UUID"),
        ({"id": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"}, "expected a UUID in lower case"),
        ({"label": 10}, "expected a label from 0 to 9, got 10"),
        ({"label": -1}, "expected a label"),
        ({"label": True}, "expected a label"),
        ({"label": "7"}, "expected a label"),
        ({"strokes": ()}, "expected at least one stroke"),
        ({"strokes": (np.zeros((0, 2)),)}, "expected stroke 0"),
        ({"strokes": (np.zeros((3, 2)), np.zeros((3, 3)))}, "expected stroke 1"),
        ({"strokes": (np.array([[0, np.nan]]),)}, "finite"),
        ({"strokes": (np.array([[np.inf, 0]]),)}, "finite"),
        ({"strokes": (np.array([[1, 2]]),)}, "float64"),
        ({"image": np.zeros((28, 27), np.uint8)}, "shape (28, 28)"),
        ({"image": np.zeros((28, 28), np.float32)}, "uint8"),
        ({"predictions": {"../lenet5": predict(7)}}, "expected a model id"),
        ({"created_at": datetime(2026, 1, 1)}, "in UTC"),  # noqa: DTZ001
        ({"created_at": datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))}, "in UTC"),
        ({"created_at": datetime(1, 1, 1, tzinfo=UTC)}, "millennium"),
        ({"frame_version": 0}, "expected a frame version"),
        ({"frame_version": 2**15}, "expected a frame version"),
    ],
)
def test_a_malformed_drawing_is_refused(changes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make_drawing(**changes)


@pytest.mark.parametrize(
    ("probabilities", "sha256"),
    [
        ((0.1,) * 9, "a" * 64),
        ((0.2,) * 10, "a" * 64),
        ((1.5, -0.5, *(0.0,) * 8), "a" * 64),
        ((float("nan"), *(0.0,) * 9), "a" * 64),
        ((0.1,) * 10, "a" * 63),
        ((0.1,) * 10, "A" * 64),
    ],
)
def test_a_malformed_prediction_is_refused(probabilities, sha256):
    with pytest.raises(ValueError, match="expected"):
        StoredPrediction(probabilities, sha256)


def test_a_prediction_names_its_most_probable_digit():
    assert predict(4).digit == 4
