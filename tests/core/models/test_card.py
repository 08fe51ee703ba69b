"""Cards: what they say agrees with the files beside them; damaged ones are refused."""

import numpy as np
import pytest

from core.analysis.calibration import expected_calibration_error
from core.digits.frame import FRAME_VERSION
from core.inference.classifier import load_classifier
from core.models.card import Estimate, ModelCard
from core.models.files import (
    DamagedArtifactError,
    list_model_ids,
    load_card,
    load_history,
    load_test_probabilities,
    load_validation_confusions,
)

MODEL_IDS = list_model_ids()
VALIDATION_SIZE = 5000


def test_all_models_are_there():
    assert set(MODEL_IDS) >= {
        "lenet5", "logistic_regression", "mlp", "cnn", "sigmoid_mlp", "regularised_lenet5",
        "regularised_cnn", "numpy_dense", "committee", "deep_cnn",
    }  # fmt: skip


def test_every_card_survives_a_round_trip_and_has_frames_of_this_version():
    for model_id in MODEL_IDS:
        card = load_card(model_id)
        assert ModelCard.from_json(card.to_json()) == card
        assert card.frame_version == FRAME_VERSION


def test_no_model_falls_behind_what_was_published_for_its_kind():
    for model_id in MODEL_IDS:
        card = load_card(model_id)
        if card.published.test_accuracy is not None:
            assert card.metrics["test_accuracy"].value >= card.published.test_accuracy


@pytest.mark.parametrize("model_id", MODEL_IDS)
class TestEveryModel:
    def test_its_history_kept_the_epoch_of_least_validation_loss(self, model_id):
        card, history = load_card(model_id), load_history(model_id)
        if card.best_epoch == 0:
            assert history.epochs == 0
            assert card.recipe["members"]
        else:
            assert np.argmin(history.validation_loss) + 1 == card.best_epoch

    def test_its_validation_confusions_agree_with_its_history(self, model_id):
        confusions, history = load_validation_confusions(model_id), load_history(model_id)
        assert confusions.shape == (history.epochs, 10, 10)
        assert (confusions.sum(axis=(1, 2)) == VALIDATION_SIZE).all()
        accuracy = np.trace(confusions, axis1=1, axis2=2) / VALIDATION_SIZE
        assert accuracy == pytest.approx(history.validation_accuracy, abs=1e-6)

    def test_its_test_figures_follow_from_its_confusion_and_probabilities(self, model_id):
        card, probabilities = load_card(model_id), load_test_probabilities(model_id)
        confusion = np.array(card.test_confusion)
        assert probabilities.shape == (10_000, 10)
        assert np.allclose(probabilities.sum(axis=1), 1, atol=5e-3)
        assert confusion.sum() == 10_000
        assert np.trace(confusion) / 10_000 == card.metrics["test_accuracy"].value
        predicted = np.bincount(probabilities.argmax(axis=1), minlength=10)
        assert np.array_equal(confusion.sum(axis=0), predicted)

    def test_its_stored_probabilities_are_those_it_predicts(self, model_id, mnist_test):
        fresh = load_classifier(model_id).probabilities(mnist_test.frames)
        assert np.abs(fresh - load_test_probabilities(model_id)).max() < 1e-3
        accuracy = (fresh.argmax(axis=1) == mnist_test.labels).mean()
        # A probability that is rounded to 16 bits may tie with another.
        assert accuracy == pytest.approx(
            load_card(model_id).metrics["test_accuracy"].value, abs=2e-4
        )

    def test_its_card_has_the_effect_of_its_calibration(self, model_id, mnist_test):
        card, probabilities = load_card(model_id), load_test_probabilities(model_id)
        calibration = card.calibration
        error = expected_calibration_error(mnist_test.labels, probabilities)
        assert error == pytest.approx(calibration.error_after["mnist_test"], abs=1e-6)
        # Logistic regression has no temperature: its output keeps a share for "no digit".
        assert error <= (0.015 if calibration.temperature == 1 else 0.01)
        not_sure = (probabilities.max(axis=1) < calibration.not_sure_below).mean()
        assert not_sure == pytest.approx(calibration.not_sure["mnist_test"], abs=1e-6)
        assert calibration.not_sure["validation"] <= 0.005
        assert not_sure <= 0.005

    def test_its_accuracy_by_digit_adds_up_to_its_accuracy(self, model_id):
        card = load_card(model_id)
        confusion = np.array(card.test_confusion)
        by_digit = np.diag(confusion) / confusion.sum(axis=1)
        assert by_digit == pytest.approx(np.array(card.accuracy_by_digit["mnist_test"]), abs=1e-4)
        assert {"pen_strokes", "pen_pictures"} <= set(card.accuracy_by_digit)

    def test_its_accuracy_on_pictures_of_pen_strokes_is_close_to_that_on_strokes(self, model_id):
        metrics = load_card(model_id).metrics
        strokes, pictures = (
            metrics[f"pen_{source}_accuracy"].value for source in ("strokes", "pictures")
        )
        assert strokes >= 0.9
        assert strokes - pictures <= 0.005

    def test_it_is_the_seed_with_the_lowest_validation_loss(self, model_id):
        card = load_card(model_id)
        chosen = min(card.seed_runs, key=lambda run: run.validation_loss)
        assert card.recipe["seed"] == chosen.seed
        assert card.metrics["test_accuracy"].value == chosen.test_accuracy

    def test_its_accuracy_on_the_bundled_digits_can_be_reproduced(self, model_id, bundled_digits):
        fresh = load_classifier(model_id).probabilities(bundled_digits.frames)
        accuracy = (fresh.argmax(axis=1) == bundled_digits.labels).mean()
        assert accuracy == load_card(model_id).metrics["bundled_digits_accuracy"].value


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"title"', '"name"'),
        lambda text: text.replace('"parameter_count": 7850', '"parameter_count": 7851'),
        lambda text: text.replace("{", '{"learned_drawings": [["a"]], ', 1),
        lambda text: "[]",  # noqa: ARG005
    ],
)
def test_a_damaged_card_is_refused(shelf, damage):
    path = shelf / "logistic_regression" / "card.json"
    path.write_text(damage(path.read_text("utf-8")), "utf-8")
    with pytest.raises(DamagedArtifactError, match="damaged"):
        load_card("logistic_regression", shelf)


def test_the_card_of_another_model_is_refused(shelf):
    (shelf / "logistic_regression").rename(shelf / "mlp")
    with pytest.raises(
        DamagedArtifactError, match="mlp belongs to another model, logistic_regression"
    ):
        load_card("mlp", shelf)


@pytest.mark.parametrize("bounds", [(0.5, 0.6, 0.7), (0.5, 0.4, 1.1), (0.5, 0.2, 0.4)])
def test_an_estimate_outside_its_interval_is_refused(bounds):
    with pytest.raises(ValueError, match="expected 0 ≤ low"):
        Estimate(*bounds)
