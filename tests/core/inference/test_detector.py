"""The detector: what it tells apart, and what happens where its files are missing or damaged."""

import logging
import shutil

import numpy as np
import pytest

from core.inference import detector
from core.inference.detector import DETECTOR_FILE, SETTINGS_FILE, FrameKind, load_detector
from core.models.files import ARTIFACTS_DIRECTORY
from core.synthesis.styles import draw_digits, draw_non_digits
from core.synthesis.wrong_segments import join_neighbours


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The detector's files in a directory of their own."""
    for name in (DETECTOR_FILE, SETTINGS_FILE):
        shutil.copy(ARTIFACTS_DIRECTORY / name, tmp_path)
    monkeypatch.setattr(detector, "ARTIFACTS_DIRECTORY", tmp_path)
    return tmp_path


def test_hardly_any_digit_is_taken_for_none(bundled_digits):
    detected = load_detector().detect(bundled_digits.frames)
    assert np.mean([one.is_digit for one in detected]) > 0.99


def test_shapes_that_it_was_not_trained_on_are_no_digit(random):
    detected = load_detector().detect(draw_non_digits(500, random, held_out=True))
    assert np.mean([one.is_digit for one in detected]) < 0.2
    assert np.mean([one.may_be_several for one in detected]) < 0.25


def test_several_digits_are_told_from_one_and_from_none(bundled_digits, random):
    several = join_neighbours(bundled_digits.frames, 300, random)
    detected = load_detector().detect(several)
    assert np.mean([one.is_digit for one in detected]) < 0.2
    assert np.mean([one.may_be_several for one in detected]) > 0.9


def test_dividing_a_shape_costs_more_than_dividing_several_digits(bundled_digits, random):
    weigh = load_detector().weigh_division
    shapes = weigh(draw_non_digits(100, random, held_out=True))
    several = weigh(join_neighbours(bundled_digits.frames, 100, random))
    assert min(shapes.min(), several.min()) >= 0
    assert np.median(shapes) > 2 > np.median(several) + 1


def test_the_probabilities_are_those_of_the_kinds(random):
    frames, _ = draw_digits(20, random)
    probabilities = load_detector().probabilities(frames)
    assert probabilities.shape == (20, len(FrameKind))
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_no_frames_are_nothing():
    assert load_detector().detect(np.zeros((0, 28, 28), np.float32)) == []


@pytest.mark.parametrize("name", [DETECTOR_FILE, SETTINGS_FILE])
@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_without_sound_files_everything_is_a_digit_and_the_log_says_why(
    copied, caplog, random, name, damage
):
    if damage == "missing":
        (copied / name).unlink()
    else:
        contents = (copied / name).read_bytes()
        (copied / name).write_bytes(contents[: len(contents) // 2])
    shapes = draw_non_digits(20, random, held_out=True)
    with caplog.at_level(logging.ERROR):
        found = load_detector()
    assert all(one.is_digit for one in found.detect(shapes))
    assert not found.weigh_division(shapes).any()
    assert name in caplog.text


@pytest.mark.usefixtures("copied")
def test_the_detector_is_loaded_once_and_again_when_it_is_replaced(copied):
    first = load_detector()
    assert load_detector() is first
    shutil.copy(ARTIFACTS_DIRECTORY / DETECTOR_FILE, copied / "new")
    (copied / "new").replace(copied / DETECTOR_FILE)
    assert load_detector() is not first
