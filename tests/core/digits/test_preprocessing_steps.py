import numpy as np
import pytest

from core.digits.frame import EmptyDrawingError, frame_from_ink, frame_from_strokes
from core.digits.preprocessing_steps import list_steps_from_ink, list_steps_from_strokes
from core.inference.classifier import load_classifier

# A seven in the upper left corner of a pad of 320 pixels, 50 pixels tall.
SMALL_SEVEN = [np.array([(20.0, 20), (52, 20), (34, 70)])]


def list_steps(strokes=SMALL_SEVEN):
    steps = list_steps_from_strokes(strokes, side=320, pen_width=8)
    return {step.title: step.frame for step in steps}


def test_the_last_steps_are_the_frame_and_its_negative():
    steps = list_steps()
    assert list(steps) == [
        "Plain resize", "Cropped", "Scaled", "Centred", "Fixed pen width", "Inverted",
    ]  # fmt: skip
    frame = frame_from_strokes(SMALL_SEVEN)
    assert np.array_equal(steps["Fixed pen width"], frame)
    assert np.array_equal(steps["Inverted"], 1 - frame)
    for step_frame in steps.values():
        assert step_frame.shape == (28, 28)
        assert 0 <= step_frame.min() <= step_frame.max() <= 1


def test_each_step_does_what_its_explanation_says():
    steps = list_steps()
    rows, columns = np.nonzero(steps["Plain resize"] > 0.1)
    assert (rows.max(), columns.max()) < (8, 8)  # still small, still in the corner
    rows, columns = np.nonzero(steps["Cropped"] > 0.1)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 27, 0, 27)
    rows, columns = np.nonzero(steps["Scaled"] > 0.02)
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) < 19  # its aspect ratio is kept
    assert abs((rows.min() + rows.max()) / 2 - 13.5) <= 0.5
    mass = steps["Centred"] / steps["Centred"].sum()
    assert mass.sum(axis=1) @ np.arange(0.5, 28) == pytest.approx(14, abs=0.5)
    assert mass.sum(axis=0) @ np.arange(0.5, 28) == pytest.approx(14, abs=0.5)


def test_a_small_digit_in_a_corner_is_recognised_only_after_it_is_centred():
    steps = list_steps()
    for model_id in ("logistic_regression", "mlp", "regularised_cnn"):
        classifier = load_classifier(model_id)
        digits = {title: classifier.predict(frame).digit for title, frame in steps.items()}
        assert digits["Plain resize"] != 7
        assert digits["Centred"] == digits["Fixed pen width"] == 7


@pytest.mark.parametrize(("pen", "last"), [(14, "Centred"), (2, "Widened strokes")])
def test_the_steps_of_ink_end_with_its_frame(pen, last):
    ink = np.zeros((120, 200), np.float32)
    ink[20:100, 30 : 30 + pen] = 1
    steps = list_steps_from_ink(ink)
    assert [step.title for step in steps][-2:] == [last, "Inverted"]
    assert np.array_equal(steps[-2].frame, frame_from_ink(ink))


def test_an_empty_drawing_has_no_steps():
    with pytest.raises(EmptyDrawingError):
        list_steps([])
    with pytest.raises(EmptyDrawingError):
        list_steps_from_ink(np.pad(np.ones((2, 3), np.float32), 9))
