"""The training of the detector, on a few hundred digits."""

import hashlib
import json

import numpy as np
import pytest

from core.inference.detector import DETECTOR_FILE, SETTINGS_FILE
from core.inference.network import Network
from core.synthesis.styles import draw_digits, draw_non_digits
from core.training.detector import Amounts, make_examples, train_detector

SMALL = Amounts(copies=0, digits=200, neighbours=900, non_digits=1200, epochs=12)


@pytest.mark.usefixtures("small_mnist")
def test_a_trained_detector_tells_digits_from_shapes_and_says_what_it_refuses(tmp_path, random):
    settings = train_detector(tmp_path, SMALL)
    contents = (tmp_path / DETECTOR_FILE).read_bytes()
    assert settings.sha256 == hashlib.sha256(contents).hexdigest()
    assert json.loads((tmp_path / SETTINGS_FILE).read_text())["threshold"] == settings.threshold
    assert 0 < settings.threshold < 1
    assert settings.refused["validation"] <= 0.01
    network = Network(contents)
    digits = network.run(draw_digits(100, random)[0])[:, 0]
    shapes = network.run(draw_non_digits(100, random, held_out=True))[:, 0]
    assert np.median(digits) > 2 * np.median(shapes)
    assert sorted(path.name for path in tmp_path.iterdir()) == [SETTINGS_FILE, DETECTOR_FILE]


def test_examples_are_of_three_kinds_with_a_target_each(bundled_digits):
    amounts = Amounts(copies=1, digits=20, neighbours=30, non_digits=40)
    examples = make_examples(bundled_digits, amounts, np.random.default_rng(0))
    digits, several, none = examples.targets.sum(axis=0).tolist()
    # The images, a copy of them with generated digits, and the drawn ones.
    assert digits > 2 * len(bundled_digits) + 20
    assert (several, none) == (30 + 10, 40)
    assert len(examples.images) == len(examples.targets)
    assert (examples.targets.sum(axis=1) == 1).all()
    assert examples.images.dtype == np.uint8
    assert (examples.images.max(axis=(1, 2)) > 128).mean() > 0.99
