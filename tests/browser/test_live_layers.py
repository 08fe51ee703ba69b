"""Networks of layers of one's own predict in Chromium what LiteRT predicts on the server."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.inference.classifier import Classifier
from core.runs.jobs import can_train, explain_no_training
from tests.browser.live_modules import LiveModules
from tests.servers import ROOT

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
def folder(tmp_path_factory) -> Path:
    """A folder with the LiteRT file of each network, by its place in the list."""
    if not can_train():
        pytest.skip(explain_no_training())
    place = tmp_path_factory.mktemp("own")
    command = [sys.executable, "-c", BUILD, str(place), *OWN]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture(scope="module")
def live(browser) -> Iterator[LiveModules]:
    modules = LiveModules(browser)
    yield modules
    modules.close()


@pytest.mark.parametrize("text", OWN)
def test_layers_of_ones_own_predict_in_the_browser_what_they_predict_on_the_server(
    live, folder, bundled_digits, text
):
    model = (folder / f"{OWN.index(text)}.tflite").read_bytes()
    frames = bundled_digits.frames[::90]
    live.add_network(text, model, {})
    expected = Classifier("it", "It", model).probabilities(frames)
    assert np.abs(live.run_network(text, frames) - expected).max() < 1e-4
    assert np.ptp(expected, axis=0).max() > 0.01  # they depend on the frame
