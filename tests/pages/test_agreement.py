"""What the browser predicted is compared with what the server predicts."""

import numpy as np
import pytest

from core.api.metrics import browser_differences
from core.inference.classifier import load_classifier
from core.inference.number import find_in_strokes
from core.inference.number_prediction import NumberPrediction, predict_number
from pages.parts.draw.agreement import MAX_DIFFERENCE, Confirmed, report_difference
from tests.pages.test_number import FOUR, TWO

Probabilities = list[list[list[float]]]


@pytest.fixture(scope="module")
def number() -> NumberPrediction:
    models = [load_classifier(model_id) for model_id in ("lenet5", "mlp")]
    return predict_number(find_in_strokes([*FOUR, *TWO]), models)


def count_differences(number: NumberPrediction, text: str, change: float, *, models: int) -> float:
    """How many differences are reported if the browser's probabilities are off by ``change``."""
    probabilities: Probabilities = [
        [(one.probabilities + change).tolist() for one in digit.predictions[:models]]
        for digit in number.digits
    ]
    before = read_count()
    report_difference(Confirmed("42", text, probabilities), number)
    return read_count() - before


def read_count() -> float:
    (metric,) = browser_differences.collect()
    return next(one.value for one in metric.samples if one.name.endswith("_total"))


@pytest.mark.parametrize(
    ("text", "change", "models", "count"),
    [
        ("42", 0.0, 2, 0),
        ("42", 0.9 * MAX_DIFFERENCE, 2, 0),
        ("42", 1.1 * MAX_DIFFERENCE, 2, 1),
        ("47", 0.0, 2, 1),
        ("42", np.float32(0.1), 1, 0),
        ("47", 0.0, 1, 1),
    ],
    ids=["same", "nearly", "probabilities", "text", "a model on its way", "text, one model"],
)
def test_another_number_and_other_probabilities_are_counted_and_logged(
    number, caplog, text, change, models, count
):
    assert count_differences(number, text, change, models=models) == count
    assert ("The browser predicted" in caplog.text) == bool(count)
