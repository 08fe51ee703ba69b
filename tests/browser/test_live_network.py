"""The networks of pages/live predict in Chromium what LiteRT predicts on the server."""

import numpy as np
import pytest

from core.inference.classifier import load_classifier
from core.inference.detector import load_detector
from core.models.files import list_model_ids
from core.server.browser_modules import load_modules
from core.synthesis.styles import draw_non_digits
from tests.browser.live_modules import FOLDER

MAX_DIFFERENCE = 1e-4
REMEMBER = """async ({ name, frames }) => {
  const network = await live.get(name);
  const memory = new live.OutputMemory(2);
  const inputs = frames.map((frame) => new Float32Array(frame));
  const first = memory.run(network, inputs.slice(0, 2)).map((own) => [...own]);
  const forgetful = { ...network, layers: null };  // it cannot run again
  const copies = frames.slice(0, 2).map((frame) => new Float32Array(frame));
  const second = memory.run(forgetful, copies).map((own) => [...own]);
  memory.run(network, inputs.slice(1));  // a third frame takes the place of the first one
  let isForgotten = false;
  const copy = new Float32Array(frames[0]);
  try { memory.run(forgetful, [copy]); } catch { isForgotten = true; }
  return { first, second, isForgotten };
}"""


@pytest.fixture(scope="module")
def frames(bundled_digits):
    """Digits, non-digits, noise, one level of grey, paper."""
    random = np.random.default_rng(3)
    return np.concatenate(
        [
            bundled_digits.frames[::20],
            draw_non_digits(40, random, held_out=True),
            random.random((10, 28, 28), np.float32),
            np.full((1, 28, 28), 0.5, np.float32),
            np.zeros((1, 28, 28), np.float32),
        ]
    )


@pytest.mark.parametrize("model_id", list_model_ids())
def test_a_built_in_model_predicts_in_the_browser_what_it_predicts_on_the_server(
    live, frames, model_id
):
    expected = load_classifier(model_id).probabilities(frames)
    found = live.run_network(model_id, frames)
    assert np.abs(found - expected).max() <= MAX_DIFFERENCE
    two_best = np.sort(expected)[:, -2:]
    is_clear = np.diff(two_best)[:, 0] > 1e-3
    assert (found.argmax(axis=1) == expected.argmax(axis=1))[is_clear].all()


def test_the_detector_detects_in_the_browser_what_it_detects_on_the_server(live, frames):
    expected = load_detector().probabilities(frames)
    assert np.abs(live.run_network("detector", frames) - expected).max() <= MAX_DIFFERENCE


@pytest.mark.parametrize("model_id", ["lenet5", "logistic_regression"])
def test_frames_do_not_depend_on_the_others_of_a_batch(live, frames, model_id):
    single = [live.run_network(model_id, frame[None])[0] for frame in frames[:5]]
    assert np.array_equal(live.run_network(model_id, frames[:5]), single)


@pytest.mark.parametrize("model_id", ["lenet5", "committee"])
def test_a_frame_that_was_predicted_lately_is_not_predicted_again(live, frames, model_id):
    inputs = frames[:3].reshape(3, -1).tolist()
    found = live.page.evaluate(REMEMBER, {"name": model_id, "frames": inputs})
    expected = load_classifier(model_id).probabilities(frames[:2])
    assert np.abs(np.array(found["first"]) - expected).max() <= MAX_DIFFERENCE
    assert found["second"] == found["first"]
    assert found["isForgotten"] == (model_id == "lenet5")  # a mean keeps its members' outputs


def test_a_page_of_the_dashboard_imports_the_modules_and_loads_a_network(server, browser, frames):
    page = browser.new_page()
    page.goto(f"{server.address}/api/health")  # a document with our headers and no scripts
    found = page.evaluate(
        """async ({ modules, frames }) => {
          const { readNetwork, runNetwork } = await import(`/${modules}network.js`);
          const file = await (await fetch("/api/models/lenet5/browser")).arrayBuffer();
          return [...runNetwork(readNetwork(file), new Float32Array(frames))];
        }""",
        {"modules": load_modules(FOLDER).path, "frames": frames[0].ravel().tolist()},
    )
    page.close()
    expected = load_classifier("lenet5").probabilities(frames[:1])
    assert np.abs(np.array(found) - expected).max() <= MAX_DIFFERENCE
