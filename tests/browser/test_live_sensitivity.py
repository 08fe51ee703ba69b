"""Perturbed frames and what models predict for them are in Chromium what they are in Python."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest

from core.analysis.sensitivity import PERTURBATIONS, perturb
from core.digits.frame import frame_from_strokes
from core.inference.classifier import load_classifier
from core.inference.vote import combine_predictions
from core.models.files import DEFAULT_MODEL_IDS
from core.synthesis.glyphs import draw_sample, list_styles

MAX_DIFFERENCE = 1e-4  # of two probabilities
LEVEL = 1 / 255
PERTURB = """cases => cases.map(([frame, amounts]) =>
    [...live.perturb(new Float32Array(frame), amounts)])"""
PREDICT = """async ({ cases, models }) => {
  const networks = await Promise.all(models.map(live.get));
  return cases.map(([frame, amounts]) => {
    const found = live.predictPerturbed(new Float32Array(frame), amounts, networks);
    return [found.digit, found.probabilities.map((own) => [...own])];
  });
}"""
Case = tuple[npt.NDArray[np.float32], Mapping[str, float]]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """A style of every digit, under each perturbation at its ends, and under all at once."""
    random = np.random.default_rng(5)
    frames = [
        frame_from_strokes(
            draw_sample(digit, style=list_styles(digit)[-1], canvas_size=320, random=random)
        )
        for digit in range(10)
    ]
    ends = [
        {change.id: amount}
        for change in PERTURBATIONS
        for amount in (change.minimum, change.neutral, change.maximum)
    ]
    return [
        (frame, amounts)
        for frame in frames
        for amounts in (*ends, *(draw_amounts(random) for _ in range(5)))
    ]


def draw_amounts(random: np.random.Generator) -> dict[str, float]:
    return {change.id: random.uniform(change.minimum, change.maximum) for change in PERTURBATIONS}


def pass_on(cases: list[Case]) -> list[list[object]]:
    return [[frame.ravel().tolist(), amounts] for frame, amounts in cases]


def test_no_pixel_of_a_perturbed_frame_differs_by_a_grey_level(live, cases):
    changed = live.page.evaluate(PERTURB, pass_on(cases))
    assert len(changed) == len(cases) > 150
    for (frame, amounts), pixels in zip(cases, changed, strict=True):
        expected = perturb(frame, **amounts)
        assert np.abs(np.reshape(pixels, (28, 28)) - expected).max() < LEVEL, amounts


def test_predictions_for_perturbed_frames_are_those_of_the_server(live, cases):
    arguments = {"cases": pass_on(cases), "models": DEFAULT_MODEL_IDS}
    shown = live.page.evaluate(PREDICT, arguments)
    classifiers = [load_classifier(model_id) for model_id in DEFAULT_MODEL_IDS]
    for (frame, amounts), (digit, probabilities) in zip(cases, shown, strict=True):
        predictions = [one.predict(perturb(frame, **amounts)) for one in classifiers]
        expected = np.array([prediction.probabilities for prediction in predictions])
        assert np.abs(expected - probabilities).max() < MAX_DIFFERENCE, amounts
        assert digit == combine_predictions(predictions).digit


@pytest.mark.parametrize("change", PERTURBATIONS, ids=lambda change: change.id)
def test_the_amounts_of_a_curve_are_equidistant_and_have_the_neutral_one(live, change):
    shown = live.page.evaluate(
        "change => live.listAmounts(change)", {"minimum": change.minimum, "maximum": change.maximum}
    )
    assert shown == pytest.approx(np.linspace(change.minimum, change.maximum, len(shown)))
    assert min(abs(amount - change.neutral) for amount in shown) < 1e-12


@pytest.mark.parametrize(
    ("digits", "flips"),
    [
        ([7, 7, 7, 7, 7], []),
        ([4, 7, 7, 1, 1], [{"amount": -1.5, "digit": 4}, {"amount": 0.5, "digit": 1}]),
        ([7, 7, 7, 1, 7], [{"amount": 0.5, "digit": 1}, {"amount": 1.5, "digit": 7}]),
    ],
)
def test_flips_lie_where_the_prediction_changes_and_name_the_digit_beyond(live, digits, flips):
    amounts = [-2, -1, 0, 1, 2]
    shown = live.page.evaluate("one => live.listFlips(...one, 0)", [amounts, digits])
    assert shown == flips


@pytest.mark.parametrize(
    ("flips", "sentence"),
    [
        ([[], []], "No model changes its prediction."),
        (
            [[{"amount": -2.3456, "digit": 1}], [{"amount": 3, "digit": 9}]],
            "MLP predicts 1 beyond -2.35. CNN predicts 9 beyond 3.",
        ),
    ],
)
def test_a_curve_is_described_by_its_flips(live, flips, sentence):
    described = live.page.evaluate(
        "one => live.describeCurve({ title: 'Shift', unit: 'pixels' }, 7, ['MLP', 'CNN'], one)",
        flips,
    )
    assert described == f"Probability of 7 against shift in pixels. {sentence}"
