"""The stages of a network in Chromium: their values, the sum of each cell, what it depends on."""

import re
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.inference.activations import read_activations
from core.inference.classifier import load_classifier
from core.models.files import LITERT_FILE, list_model_ids, load_card, read_file
from tests.browser.live_modules import LiveModules

MAX_DIFFERENCE = 1e-4
CELLS = 200  # of each stage
STEP, MAX_SLOPE_DIFFERENCE = 1e-3, 1e-2
SINGLE = [one for one in list_model_ids() if "members" not in load_card(one).recipe]
TRACE = """async ({ name, frame }) => {
  const { tensors, ...network } = await live.get(name);
  const stages = live.listStages(network);
  const values = live.traceFrame(stages, tensors, new Float32Array(frame));
  return stages.map(({ title, shape, layer }, i) =>
    ({ title, shape, kind: layer?.kind, values: [...values[i]] }));
}"""
SUM = """async ({ name, frame, shares }) => {
  const network = await live.get(name);
  const stages = live.listStages(network);
  const values = live.traceFrame(stages, network.tensors, new Float32Array(frame));
  return stages.map(({ layer, source }, place) => shares.map((share) => {
    const cell = Math.floor(share * values[place].length);
    const sum = live.sumCell(layer, network.tensors, values[source], cell);
    const added = sum?.terms.reduce((total, { product }) => total + product, sum.bias);
    return sum ? [values[place][cell], sum.result, sum.total, added] : layer?.kind ?? "frame";
  }));
}"""
# What is written of cells of each stage: the kind of its layer, and a formula for each cell.
WRITE = """async ({ name, frame, shares }) => {
  const network = await live.get(name);
  const stages = live.listStages(network);
  const values = live.traceFrame(stages, network.tensors, new Float32Array(frame));
  return stages.slice(1).map(({ layer, source }, place) => [layer.kind, shares.map((share) => {
    const cell = Math.floor(share * values[place + 1].length);
    const sum = live.sumCell(layer, network.tensors, values[source], cell);
    return live.writeFormula(layer, sum, cell);
  })]);
}"""
ADDITION = re.compile(r"Sum (\S+) \+ bias (\(−[\d.]+\)|[\d.]+) = (\S+)")
# Whether a cell changes where the frame is noise outside of its field, and where it is inside.
DEPEND = """async ({ name, frame, shares }) => {
  const network = await live.get(name);
  const stages = live.listStages(network);
  const trace = (pixels) => live.traceFrame(stages, network.tensors, Float32Array.from(pixels));
  const values = trace(frame);
  const isComputed = ({ layer }) => layer && layer.kind !== "templates";
  return stages.map((stage, place) => isComputed(stage) ? shares.map((share) => {
    const cell = Math.floor(share * values[place].length);
    const [field] = live.findFields(stages, place, cell);
    const isInside = (i) => Math.floor(i / 28) >= field.top && Math.floor(i / 28) < field.bottom
      && i % 28 >= field.left && i % 28 < field.right;
    const outside = trace(frame.map((ink, i) => isInside(i) ? ink : 1 - ink))[place];
    const inside = trace(frame.map((ink, i) => isInside(i) ? 1 - ink : ink))[place];
    return [outside[cell] === values[place][cell], inside[cell] === values[place][cell]];
  }) : []);
}"""

# What each pixel adds to a logit to first order, and its value times the slope below and above it.
SHARE = """async ({ name, frame, digit, step }) => {
  const { tensors, ...network } = await live.get(name);
  const stages = live.listStages(network);
  const values = live.traceFrame(stages, tensors, new Float32Array(frame));
  const { place, shares } = live.shareLogit(stages, tensors, values, digit);
  const predict = (pixel, ink) => {
    const changed = [...values];
    changed[place] = values[place].with(pixel, ink);
    stages.forEach(({ layer, source }, at) => {
      const isLater = at > place && source >= 0;
      if (isLater) changed[at] = live.runStage(layer, tensors, changed[source]);
    });
    return changed.at(-2)[digit];
  };
  const pixels = [...values[place].keys()].filter((i) => values[place][i] > 0.05);
  return pixels.map((i) => {
    const ink = values[place][i];
    const here = predict(i, ink);
    const slopes = [here - predict(i, ink - step), predict(i, ink + step) - here];
    return [shares[i], ...slopes.map((slope) => (ink * slope) / step)];
  });
}"""

# Networks of layers that no built-in model has.
BUILD = """({ scales }) => {
  const random = (length) => Float32Array.from({ length }, (_, i) => 2 * Math.sin(i * i + length));
  const shape = scales ? [28, 28, 1] : [7, 7, 16];
  const first = scales
    ? { kind: "scale", input: [28, 28, 1], output: shape, activation: "logistic",
        weights: "one", bias: "two" }
    : { kind: "convolution", input: [28, 28, 1], output: shape, activation: "relu",
        weights: "one", bias: "two", kernel: [4, 4], padding: [0, 0], stride: 4 };
  const layers = [first, { kind: "dense", input: [784], output: [10], activation: "softmax",
    weights: "three", bias: "four" }];
  const tensors = { one: random(scales ? 1 : 256), two: random(scales ? 1 : 16),
    three: random(7840), four: random(10) };
  const network = { layers, tensors, members: [], key: "", constants: {} };
  live.runNetwork(network, new Float32Array(784));
  live.networks[scales ? "scales" : "strides"] = network;
  return live.listStages(network).map(({ title }) => title);
}"""


@pytest.fixture(scope="module")
def frame(bundled_digits) -> npt.NDArray[np.float32]:
    """A digit, ``(28, 28)``."""
    return bundled_digits.frames[7]


def trace(live: LiveModules, name: str, frame: npt.NDArray[np.float32]) -> list[dict[str, Any]]:
    return live.page.evaluate(TRACE, {"name": name, "frame": frame.ravel().tolist()})


@pytest.mark.parametrize("model_id", SINGLE)
def test_every_stage_has_the_values_that_the_server_computes_for_its_layer(live, frame, model_id):
    stages = trace(live, model_id, frame)
    expected = read_activations(read_file(model_id, LITERT_FILE), frame)
    compared = [
        stage
        for stage in stages
        if stage["kind"] not in ("normalise", "templates", "products")
        and stage["title"] not in ("Frame", "Logits")
    ]
    layers = [one for one in expected if one.kind != "input"]
    assert len(compared) == len(layers)
    for stage, layer in zip(compared, layers, strict=True):
        difference = np.abs(np.ravel(layer.values) - stage["values"]).max()
        assert difference <= MAX_DIFFERENCE * max(1, np.abs(layer.values).max()), stage["title"]
    probabilities = load_classifier(model_id).probabilities(frame[None])[0]
    assert np.abs(probabilities - stages[-1]["values"]).max() <= MAX_DIFFERENCE


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("scales", ["Frame", "Norm", "Weights", "Products", "Logits", "Output"]),
        ("strides", ["Frame", "Conv", "Logits", "Output"]),  # its 784 units are no pixels
    ],
)
def test_the_stages_of_other_networks_are_explained_too(live, frame, name, stages):
    assert live.page.evaluate(BUILD, {"scales": name == "scales"}) == stages
    expect_sums(live, name, frame)
    expect_slopes(live, name, frame)


@pytest.mark.parametrize("model_id", SINGLE)
def test_the_terms_of_a_cell_add_up_to_its_value(live, frame, model_id):
    expect_sums(live, model_id, frame)


def expect_sums(live: LiveModules, name: str, frame: npt.NDArray[np.float32]) -> None:
    """The terms of random cells add up to what is shown, which is the value of the cell."""
    random = np.random.default_rng(4)
    arguments = {"name": name, "frame": frame.ravel().tolist()}
    found = live.page.evaluate(SUM, arguments | {"shares": random.random(CELLS).tolist()})
    for stage in found:
        if stage[0] in ("frame", "normalise", "templates"):  # no sums
            continue
        value, result, total, added = np.array(stage).T
        assert np.abs(result - value).max() <= MAX_DIFFERENCE
        assert added == pytest.approx(total, abs=1e-9)


def test_the_numbers_of_a_formula_add_up_as_they_are_written(live, frame):
    shares = np.random.default_rng(6).random(CELLS).tolist()
    arguments = {"name": "lenet5", "frame": frame.ravel().tolist(), "shares": shares}
    found = live.page.evaluate(WRITE, arguments)
    sums = [ADDITION.match(text) for kind, texts in found for text in texts if kind == "dense"]
    assert len(sums) > CELLS
    added = [
        [Decimal(number.strip("()").replace("−", "-")) for number in one.groups()] for one in sums
    ]
    assert all(total == terms + bias for terms, bias, total in added)
    assert any(bias < 0 for _, bias, _ in added)
    kind, texts = found[-1]
    assert kind == "softmax"
    assert all(
        re.search(r"of this digit is .* a probability of [01]\.\d+\.$", one) for one in texts
    )


@pytest.mark.parametrize("model_id", ["lenet5", "regularised_cnn", "deep_cnn"])
def test_a_cell_depends_on_its_receptive_field_alone(live, frame, model_id):
    shares = np.random.default_rng(5).random(8).tolist()
    arguments = {"name": model_id, "frame": frame.ravel().tolist(), "shares": shares}
    for stage in live.page.evaluate(DEPEND, arguments)[1:]:
        unchanged_outside, unchanged_inside = np.array(stage).T
        assert unchanged_outside.all()
        assert not unchanged_inside.all()  # some stay 0


@pytest.mark.parametrize("model_id", SINGLE)
def test_what_ink_adds_to_a_logit_is_the_slope_between_two_points(live, frame, model_id):
    expect_slopes(live, model_id, frame)


def expect_slopes(live: LiveModules, name: str, frame: npt.NDArray[np.float32]) -> None:
    """What ink adds to a logit is its slope, where the network is straight."""
    arguments = {"name": name, "frame": frame.ravel().tolist(), "digit": 7, "step": STEP}
    found, below, above = np.array(live.page.evaluate(SHARE, arguments)).T
    # ReLU and a maximum have a bend, where no slope is the right one.
    is_straight = np.abs(below - above) <= MAX_SLOPE_DIFFERENCE
    assert is_straight.mean() > 0.75
    expected = (below + above)[is_straight] / 2
    assert np.abs(expected).max() > 10 * MAX_SLOPE_DIFFERENCE
    assert np.abs(found[is_straight] - expected).max() <= MAX_SLOPE_DIFFERENCE
