"""The last layer of a network learns in Chromium what an independent computation says."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.analysis.agreement import mcnemar_p_value
from core.analysis.metrics import estimate_share
from core.digits.datasets import Dataset
from core.inference.browser_network import read_layers
from core.models.files import LITERT_FILE, read_file
from core.training.last_layer import Examples, LastLayer, learn
from tests.browser.live_modules import LiveModules

MODELS = ("lenet5", "logistic_regression")
STEPS = 5
TEACH = """async ({ name, rehearsal, taught, steps }) => {
  const network = await live.get(name);
  const prepare = ({ frames, labels }) =>
    ({ activations: live.computeActivations(network, Float32Array.from(frames)), labels });
  const [known, own] = [prepare(rehearsal), prepare(taught)];
  const lesson = new live.Lesson(network, known);
  lesson.learn(own, steps - 1);
  lesson.learn(own, 1);
  const { weights, bias } = lesson.network.layers.at(-1);
  const { tensors } = lesson.network;
  const all = new Float32Array([...taught.frames]);
  return {
    known: [...known.activations], own: [...own.activations],
    weights: [...tensors[weights]], bias: [...tensors[bias]],
    whole: [...live.runNetwork(lesson.network, all)],
    parts: [...live.classify(lesson.network, own.activations)],
  };
}"""
CAN_LEARN = "async (names) => Promise.all(names.map(async (n) => live.canLearn(await live.get(n))))"

Values = npt.NDArray[np.float64]


def describe(digits: Dataset, chosen: slice, labels: Values | None = None) -> dict[str, Any]:
    labels = digits.labels[chosen] if labels is None else labels
    return {"frames": digits.frames[chosen].ravel().tolist(), "labels": labels.tolist()}


def predict(weights: Values, bias: Values, inputs: Values, *, rejects: bool) -> Values:
    logits = inputs @ weights + bias
    if not rejects:
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)
    shares = predict(
        np.eye(11), np.zeros(11), np.column_stack([logits, np.zeros(len(logits))]), rejects=False
    )
    return shares[:, :10] + shares[:, 10:] / 10


def descend(
    start: tuple[Values, Values], parts: list[tuple[Values, Values, float]], *, rejects: bool
) -> tuple[Values, Values]:
    """The same steps as ``last_layer.js`` takes, with the derivatives by finite differences."""
    mean = parts[0][0].mean(axis=0)
    weights, bias = start[0], start[1] + mean @ start[0]
    parts = [(inputs - mean, labels, share) for inputs, labels, share in parts]
    scale = sum(share * ((inputs**2).sum(axis=1) + 1).mean() for inputs, _, share in parts)
    first, speed = np.vstack([weights, bias]), np.zeros((len(weights) + 1, 10))
    found = first.copy()
    for _ in range(STEPS):
        slope = np.zeros_like(found)
        for inputs, labels, share in parts:
            logits = inputs @ found[:-1] + found[-1]
            errors = np.zeros_like(logits)
            for digit in range(10):
                step = np.zeros_like(logits)
                step[:, digit] = 1e-5
                above, below = (
                    predict(np.eye(10), np.zeros(10), logits + sign * step, rejects=rejects)
                    for sign in (1, -1)
                )
                rows = np.arange(len(labels))
                ratio = np.log(above[rows, labels]) - np.log(below[rows, labels])
                errors[:, digit] = -ratio / 2e-5 * share / len(labels)
            slope += np.vstack([inputs.T @ errors, errors.sum(axis=0)])
        speed = 0.9 * speed - 1.5 * (slope / scale + 0.005 * (found - first))
        found = found + speed
    return found[:-1], found[-1] - mean @ found[:-1]


@pytest.mark.parametrize("name", MODELS)
def test_the_steps_are_those_of_an_independent_computation(live, bundled_digits, name):
    wrong = (bundled_digits.labels[100:106].astype(int) + 1) % 10
    known, taught = (
        describe(bundled_digits, slice(100)),
        describe(bundled_digits, slice(100, 106), wrong),
    )
    found = live.page.evaluate(
        TEACH, {"name": name, "rehearsal": known, "taught": taught, "steps": STEPS}
    )
    last = read_layers(read_file(name, LITERT_FILE))[-1]
    start = (last.weights.astype(float), last.bias.astype(float))
    inputs = [np.array(found[part]).reshape(-1, len(last.weights)) for part in ("known", "own")]
    labels = [np.array(part["labels"]) for part in (known, taught)]
    rejects = last.activation == "softmax_with_rejection"
    weights, bias = descend(
        start, [(inputs[0], labels[0], 1), (inputs[1], labels[1], 0.5)], rejects=rejects
    )
    moved = np.abs(weights - start[0]).max()
    assert moved > 1e-3
    np.testing.assert_allclose(
        np.array(found["weights"]).reshape(weights.shape), weights, atol=1e-3 * moved
    )
    np.testing.assert_allclose(found["bias"], bias, atol=1e-2 * moved)
    expected = predict(weights, bias, inputs[1], rejects=rejects).ravel()
    np.testing.assert_allclose(found["whole"], expected, atol=1e-3)
    np.testing.assert_allclose(found["parts"], found["whole"], atol=1e-6)


@pytest.mark.parametrize("name", ["lenet5", "logistic_regression", "deep_cnn"])
def test_the_trainer_takes_the_same_steps(live, bundled_digits, name):
    known = describe(bundled_digits, slice(100))
    wrong = (bundled_digits.labels[100:106].astype(int) + 1) % 10
    taught = describe(bundled_digits, slice(100, 106), wrong)
    found = live.page.evaluate(
        TEACH, {"name": name, "rehearsal": known, "taught": taught, "steps": 60}
    )
    last = read_layers(read_file(name, LITERT_FILE))[-1]
    examples = [
        Examples(np.array(found[part]).reshape(-1, len(last.weights)), np.array(digits["labels"]))
        for part, digits in (("known", known), ("own", taught))
    ]
    rejects = last.activation == "softmax_with_rejection"
    start = LastLayer(last.weights.astype(float), last.bias.astype(float), rejects)
    steps = learn(start, *examples)
    layer = [next(steps) for _ in range(60)][-1]
    np.testing.assert_allclose(found["weights"], layer.weights.ravel(), atol=1e-5)
    np.testing.assert_allclose(found["bias"], layer.bias, atol=1e-5)
    whole = np.array(found["whole"]).reshape(-1, 10)
    np.testing.assert_allclose(whole, layer.classify(examples[1].activations), atol=1e-5)


def test_without_a_dense_layer_at_its_end_a_network_cannot_learn(live):
    names = [*MODELS, "committee"]
    assert live.page.evaluate(CAN_LEARN, names) == [True, True, False]


@pytest.mark.parametrize("counts", [(0, 5), (3, 7), (996, 1000), (359, 359)])
def test_the_interval_of_a_share_is_that_of_the_server(live, counts):
    found = live.page.evaluate("(counts) => live.estimateShare(...counts)", counts)
    expected = estimate_share(*counts)
    assert found == pytest.approx(
        {"value": expected.value, "low": expected.low, "high": expected.high}, abs=1e-12
    )


@pytest.mark.parametrize("counts", [(0, 0), (5, 0), (1, 9), (40, 12), (0, 1000), (3, 3)])
def test_the_p_value_of_two_predictions_is_that_of_the_server(live, counts):
    found = live.page.evaluate("(counts) => live.testPairs(...counts)", counts)
    assert found == pytest.approx(mcnemar_p_value(*counts), abs=1e-12)


def judge(live: LiveModules, steps: int, wrong: int, lost: int, won: int) -> str:
    """The verdict on a lesson of 5 drawings and 100 held-out digits."""
    drawings = [index >= wrong for index in range(5)]
    changed = [[True, False]] * lost + [[False, True]] * won
    held_out = changed + [[True, True]] * (100 - len(changed))
    return live.page.evaluate(
        "(given) => live.describeVerdict(...given)", ["LeNet-5", steps, drawings, held_out]
    )


def test_the_verdict_names_what_chance_does_not_explain_and_what_to_do(live):
    assert judge(live, 60, 0, 5, 0) == ""  # p = 0.0625
    assert judge(live, 60, 0, 0, 9) == ""
    forgets = judge(live, 60, 0, 6, 0)
    assert "LeNet-5 forgets: 6 held-out digits are newly misclassified and 0 newly" in forgets
    assert "p-value 0.031" in forgets
    assert "take single steps" in forgets
    assert judge(live, 59, 2, 0, 0) == ""  # more steps may help
    unable = judge(live, 60, 2, 0, 0)
    assert "misclassifies 2 of 5 drawings" in unable
    assert "choose another model" in unable
    assert "below 0.001" in judge(live, 60, 2, 30, 1)
