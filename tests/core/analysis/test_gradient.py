import numpy as np
import pytest

from core.analysis.gradient import map_gradient
from core.analysis.metrics import compute_log_odds
from core.digits.frame import frame_from_strokes
from core.inference.classifier import load_classifier
from core.models.files import list_model_ids

SEVEN = frame_from_strokes([np.array([(80.0, 70), (240, 70), (140, 270)])])


class LinearModel:
    """A model whose log-odds of a 3 are a weighted sum of the pixels."""

    weights = np.random.default_rng(3).normal(size=(28, 28)).astype(np.float32)

    def probabilities(self, frames: np.ndarray) -> np.ndarray:
        own = 1 / (1 + np.exp(-(frames * self.weights).sum(axis=(1, 2), dtype=np.float64)))
        probabilities = np.repeat((1 - own)[:, None] / 9, 10, axis=1)
        probabilities[:, 3] = own
        return probabilities


def test_in_a_linear_model_each_pixel_adds_its_weight_times_its_ink():
    found = map_gradient(LinearModel(), SEVEN, 3)
    assert np.allclose(found, SEVEN * LinearModel.weights, atol=1e-4)


@pytest.mark.parametrize("model_id", list_model_ids())
def test_the_pixels_of_every_model_add_up_to_the_effect_of_all_ink_together(model_id):
    """By the chain rule, the sum is the derivative where all ink is made darker at once."""
    classifier = load_classifier(model_id)
    digit = classifier.predict(SEVEN).digit
    pale = SEVEN * np.float32(0.9)  # leaves room for darker ink
    found = map_gradient(classifier, pale, digit)
    assert not found[SEVEN == 0].any()
    scales = np.array([0.98, 1.02], np.float32)
    less, more = compute_log_odds(classifier.probabilities(scales[:, None, None] * pale), digit)
    assert found.sum() == pytest.approx((more - less) / 0.04, rel=0.2, abs=0.5)
