import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from core.analysis.calibration import (
    BINS,
    apply_temperature,
    bin_by_confidence,
    expected_calibration_error,
    find_not_sure_threshold,
    fit_temperature,
    mean_loss,
    share_not_sure,
)
from core.models.files import list_model_ids, load_card, load_test_probabilities


def predict(labels, confidence):
    """Probabilities that predict each label with the given confidence."""
    probabilities = np.repeat((1 - np.asarray(confidence)[:, None]) / 9, 10, axis=1)
    probabilities[np.arange(len(labels)), labels] = confidence
    return probabilities.astype(np.float32)


def test_nine_in_ten_right_at_ninety_per_cent_is_calibrated():
    predicted = np.zeros(1000, np.uint8)
    truth = (np.arange(1000) % 10 == 0).astype(np.uint8)  # one in ten is a 1
    assert expected_calibration_error(
        truth, predict(predicted, np.full(1000, 0.9))
    ) == pytest.approx(0, abs=1e-6)
    assert expected_calibration_error(
        truth, predict(predicted, np.full(1000, 0.97))
    ) == pytest.approx(0.07, abs=1e-6)


def test_gaps_in_opposite_directions_do_not_cancel_out():
    predicted = np.zeros(200, np.uint8)
    truth = np.repeat([0, 0, 0, 1], 50).astype(np.uint8)
    confidence = np.repeat([0.55, 0.55, 0.95, 0.95], 50)  # right 100 % and 50 % of the time
    assert expected_calibration_error(truth, predict(predicted, confidence)) == pytest.approx(
        0.45, abs=1e-6
    )


def test_the_temperature_that_made_a_model_overconfident_is_found(random):
    logits = random.normal(0, 2, (20_000, 10))
    original = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([random.choice(10, p=row) for row in original], np.uint8)
    overconfident = apply_temperature(original, 1 / 3)
    assert fit_temperature(labels, overconfident) == pytest.approx(3, rel=0.03)
    calibrated = apply_temperature(overconfident, fit_temperature(labels, overconfident))
    assert expected_calibration_error(labels, overconfident) > 0.2
    assert expected_calibration_error(labels, calibrated) < 0.02


def test_a_few_digits_that_are_all_correct_leave_the_temperature_near_1():
    labels = np.array([3, 5, 8], np.uint8)
    probabilities = predict(labels, np.full(3, 0.9))
    assert fit_temperature(labels, probabilities) < 0.1
    assert 0.7 < fit_temperature(labels, probabilities, regularise=True) < 1


def test_enough_digits_outweigh_the_expected_temperature(random):
    logits = random.normal(0, 2, (900, 10))
    original = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([random.choice(10, p=row) for row in original], np.uint8)
    overconfident = apply_temperature(original, 1 / 3)
    assert fit_temperature(labels, overconfident, regularise=True) == pytest.approx(3, rel=0.1)


def test_a_temperature_divides_the_logits_and_keeps_the_order(random):
    probabilities = random.dirichlet(np.ones(10), 50)
    scaled = apply_temperature(probabilities, 2)
    assert np.allclose(scaled.sum(axis=1), 1)
    assert np.array_equal(scaled.argsort(axis=1), probabilities.argsort(axis=1))
    ratios = np.log(probabilities[:, 0] / probabilities[:, 1])
    assert np.allclose(np.log(scaled[:, 0] / scaled[:, 1]), ratios / 2)


def test_mean_loss_is_the_cross_entropy():
    assert mean_loss(np.array([0, 1]), predict([0, 0], [0.5, 0.1])) == pytest.approx(
        (np.log(2) + np.log(10)) / 2, rel=1e-5
    )


@pytest.mark.parametrize("max_share", [0.0, 0.005, 0.1])
def test_the_threshold_is_the_largest_within_the_allowed_share(random, max_share):
    probabilities = random.dirichlet(np.full(10, 0.1), 1000)
    threshold = find_not_sure_threshold(probabilities, max_share=max_share)
    assert share_not_sure(probabilities, threshold) == pytest.approx(max_share)
    assert share_not_sure(probabilities, threshold + 1e-9) > max_share


@pytest.mark.parametrize("shape", [(0, 10), (3, 10), (2, 9)])
def test_labels_and_probabilities_that_do_not_fit_are_refused(shape):
    labels = np.zeros(min(shape[0], 2), np.uint8)
    with pytest.raises(ValueError, match="expected at least one label"):
        expected_calibration_error(labels, np.ones(shape, np.float32))


def test_bins_have_count_confidence_and_accuracy():
    truth = np.array([0, 0, 1, 0, 0], np.uint8)
    bins = bin_by_confidence(
        truth, predict(np.zeros(5, np.uint8), [0.34, 0.36, 0.38, 0.95, 1.0])
    )  # fifteenths: 5.1, 5.4, 5.7, 14.25 and 15, which belongs to the last
    assert [item.low for item in bins] == pytest.approx([5 / 15, 14 / 15])
    assert [item.count for item in bins] == [3, 2]
    assert [item.confidence for item in bins] == pytest.approx([0.36, 0.975])
    assert [item.accuracy.value for item in bins] == pytest.approx([2 / 3, 1])
    assert bins[1].accuracy.low < 0.5


def test_the_bins_agree_with_scikit_learn_and_with_the_calibration_error(random):
    probabilities = random.dirichlet(np.full(10, 0.2), 5000)
    labels = np.array([random.choice(10, p=row) for row in probabilities], np.uint8)
    probabilities = apply_temperature(probabilities, 0.6)
    bins = bin_by_confidence(labels, probabilities)
    right = probabilities.argmax(axis=1) == labels
    accuracy, confidence = calibration_curve(right, probabilities.max(axis=1), n_bins=BINS)
    assert [item.accuracy.value for item in bins] == pytest.approx(accuracy)
    assert [item.confidence for item in bins] == pytest.approx(confidence)
    error = sum(item.count * abs(item.accuracy.value - item.confidence) for item in bins) / 5000
    assert error == pytest.approx(expected_calibration_error(labels, probabilities))
    assert error > 0.05


@pytest.mark.parametrize("model_id", list_model_ids())
def test_reversing_the_temperature_gives_the_calibration_error_before(model_id, mnist_test):
    calibration = load_card(model_id).calibration
    before = apply_temperature(load_test_probabilities(model_id), 1 / calibration.temperature)
    error = expected_calibration_error(mnist_test.labels, before)
    assert error == pytest.approx(calibration.error_before["mnist_test"], abs=2e-4)
