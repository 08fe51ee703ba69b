"""A thousand drawings: the browser finds the digits of the server, and predicts the same.

The models are the built-in ones and networks of layers of one's own.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pytest

from core.digits.found_digits import list_digits
from core.inference.classifier import Classifier, load_classifier
from core.inference.judge import JUDGE_MODEL_IDS
from core.inference.number import find_in_strokes
from core.models.files import list_model_ids
from core.runs.jobs import can_train, explain_no_training
from tests.browser.live_modules import LiveModules
from tests.browser.many_drawings import draw_many
from tests.servers import ROOT

MAX_DIFFERENCE = 1e-4
MIN_MARGIN = 1e-3
Probabilities = npt.NDArray[np.floating]

OWN = [
    "Flatten",
    "BatchNormalization_Flatten_Dense.10",
    "Conv2D.6.3_Conv2D.6.3_BatchNormalization_BatchNormalization_Flatten",
    "MaxPooling2D_Conv2D.5.7_BatchNormalization_Flatten_Dense.7_Dropout.50_BatchNormalization",
    "Conv2D.8.3_BatchNormalization_MaxPooling2D_BatchNormalization_Conv2D.12.5_AveragePooling2D"
    "_BatchNormalization_Dropout.25_Flatten_BatchNormalization_Dense.20_BatchNormalization",
    "Conv2D.4.1_MaxPooling2D_MaxPooling2D_AveragePooling2D_BatchNormalization_Conv2D.3.2_Flatten",
]
# In a process of its own, which gives the memory of TensorFlow back. No weight has the value that
# it starts with.
BUILD = """
import sys
from pathlib import Path
import numpy as np
from core.runs.layers import read_layers
from core.training.architectures import build_from_layers
from core.training.conversion import convert
import keras

keras.utils.set_random_seed(1)
random = np.random.default_rng(1)
for index, text in enumerate(sys.argv[2:]):
    network = build_from_layers(read_layers(text))
    network.set_weights([
        random.uniform(0.1, 2, values.shape) if "variance" in variable.path
        else values + random.normal(0, 0.1, values.shape)
        for variable, values in zip(network.weights, network.get_weights(), strict=True)
    ])
    Path(sys.argv[1], f"{index}.tflite").write_bytes(convert(network))
"""


@pytest.fixture(scope="module")
def own() -> dict[str, bytes]:
    """The LiteRT file of each network of layers of one's own."""
    if not can_train():
        pytest.skip(explain_no_training())
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-c", BUILD, folder, *OWN]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return {text: Path(folder, f"{i}.tflite").read_bytes() for i, text in enumerate(OWN)}


@pytest.fixture(scope="module")
def live(browser, own) -> Iterator[LiveModules]:
    modules = LiveModules(browser)
    modules.add_built_in(list_model_ids())
    for text, model in own.items():
        modules.add_network(text, model, {"not_sure_below": 0, "vote_weight": 1})
    yield modules
    modules.close()


def test_the_browser_reads_a_thousand_drawings_as_the_server_does(live, own):
    drawings = draw_many()
    classifiers = [load_classifier(model_id) for model_id in list_model_ids()]
    classifiers += [Classifier(text, text, model) for text, model in own.items()]
    names = [one.model_id for one in classifiers]
    read = live.read_numbers(drawings, names, JUDGE_MODEL_IDS)
    digits = [[digit for row in number["rows"] for digit in row] for number in read]
    expected = [list_digits(find_in_strokes(drawing)) for drawing in drawings]
    assert len(drawings) == 1000
    assert [[one["strokes"] for one in own] for own in digits] == [
        [[*one.strokes] for one in own] for own in expected
    ]
    frames = np.array([one.frame for own in expected for one in own])
    found = np.array([one["frame"] for own in digits for one in own]).reshape(frames.shape)
    assert np.array_equal(found, frames)
    outputs = np.array([one["probabilities"] for own in digits for one in own])
    for place, classifier in enumerate(classifiers):
        expect_same(outputs[:, place], classifier.probabilities(frames), classifier.title)


def expect_same(found: Probabilities, expected: Probabilities, title: str) -> None:
    """The probabilities are the same, and so is the digit where it does not depend on rounding."""
    assert np.abs(found - expected).max() <= MAX_DIFFERENCE, title
    second, first = np.sort(expected)[:, -2:].T
    is_clear = first - second > MIN_MARGIN
    assert (found.argmax(axis=1) == expected.argmax(axis=1))[is_clear].all(), title
    assert is_clear.mean() > 0.9, title
    assert np.ptp(expected, axis=0).max() > 0.01, title  # they depend on the frame
