import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from core.inference.classifier import Classifier, load_classifier
from core.inference.network import BATCH_SIZE
from core.models.files import LITERT_FILE, list_model_ids, load_card, read_file


@pytest.mark.parametrize("model_id", list_model_ids())
@pytest.mark.parametrize("count", [0, 1, 2, BATCH_SIZE, BATCH_SIZE + 1])
def test_every_frame_gives_a_distribution(bundled_digits, model_id, count):
    probabilities = load_classifier(model_id).probabilities(bundled_digits.frames[:count])
    assert probabilities.shape == (count, 10)
    assert probabilities.dtype == np.float32
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_a_frame_has_the_same_prediction_alone_and_in_a_batch(bundled_digits):
    classifier = load_classifier("lenet5")
    together = classifier.probabilities(bundled_digits.frames[:300])
    for index in (0, 255, 256, 299):
        alone = classifier.predict(bundled_digits.frame(index))
        assert np.allclose(alone.probabilities, together[index], atol=1e-5)


def test_threads_do_not_disturb_each_other(bundled_digits):
    classifier = load_classifier("lenet5")
    frames = bundled_digits.frames
    expected = classifier.probabilities(frames)

    def read(part: int) -> bool:
        # Batches of every size, so that threads would resize each other's tensors.
        size = 1 + part % 7
        chosen = slice(part, part + size)
        return np.allclose(classifier.probabilities(frames[chosen]), expected[chosen], atol=1e-5)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(1500)))


def test_another_card_is_another_title_and_threshold_of_the_same_network(bundled_digits):
    classifier, card = load_classifier("lenet5"), load_card("lenet5")
    calibration = replace(card.calibration, not_sure_below=1.0)
    twin = classifier.with_card(replace(card, title="Mine", calibration=calibration))
    for count in (3, 5, 3):  # each time the other one has resized the shared interpreter
        expected = classifier.probabilities(bundled_digits.frames[: count + 1])[:count]
        assert np.allclose(twin.probabilities(bundled_digits.frames[:count]), expected, atol=1e-5)
    assert twin.predict(bundled_digits.frame(0)).title == "Mine"
    assert twin.predict(bundled_digits.frame(0)).not_sure
    assert classifier.title == "LeNet-5"
    assert not classifier.predict(bundled_digits.frame(0)).not_sure
    assert (twin.model_id, twin.digest) == (classifier.model_id, classifier.digest)


@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 27), (1, 28, 28, 1), (1, 784)])
def test_frames_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected frames of shape \(N, 28, 28\)"):
        load_classifier("lenet5").probabilities(np.zeros(shape))


def test_an_unknown_model_is_refused_with_the_choices():
    with pytest.raises(FileNotFoundError, match=r"choices are .*lenet5"):
        load_classifier("../lenet5")


def test_a_stroke_is_answered_between_the_batches_of_a_long_evaluation(monkeypatch):
    """The batches are slowed down by hand, so the speed of the machine does not matter."""
    monkeypatch.setattr("core.inference.network.BATCH_SIZE", 2)
    classifier = load_classifier("logistic_regression")
    began, answered, sizes = threading.Event(), threading.Event(), []
    run_batch = classifier._network._run_batch

    def run_slowly(batch: np.ndarray) -> np.ndarray:
        sizes.append(len(batch))
        if len(batch) > 1:
            began.set()
            answered.wait(0.01)  # no longer once the stroke is answered
        return run_batch(batch)

    monkeypatch.setattr(classifier._network, "_run_batch", run_slowly)
    frames = np.zeros((1000, 28, 28), np.float32)
    evaluation = threading.Thread(target=classifier.probabilities, args=[frames])
    evaluation.start()
    began.wait()
    classifier.predict(np.zeros((28, 28)))
    answered.set()
    evaluation.join()
    assert sizes.count(2) == 500
    assert sizes.index(1) < 499


def test_a_long_evaluation_gives_the_same_whatever_is_predicted_in_between(bundled_digits):
    classifier = load_classifier("lenet5")
    frames = bundled_digits.frames
    expected, done = classifier.probabilities(frames), threading.Event()

    def draw() -> bool:
        right, places = True, itertools.cycle(range(40))
        while not done.is_set():
            index = next(places)
            alone = classifier.probabilities(frames[index : index + 1])[0]
            right &= np.allclose(alone, expected[index], atol=1e-5)
        return right

    with ThreadPoolExecutor(2) as pool:
        strokes = [pool.submit(draw) for _ in range(2)]
        together = [classifier.probabilities(frames) for _ in range(5)]
        done.set()
    assert all(np.allclose(found, expected, atol=1e-5) for found in together)
    assert all(one.result() for one in strokes)


@pytest.mark.parametrize(("threshold", "not_sure"), [(0.0, False), (1.01, True)])
def test_a_confidence_below_the_threshold_is_not_sure(bundled_digits, threshold, not_sure):
    model = read_file("lenet5", LITERT_FILE)
    classifier = Classifier("lenet5", "LeNet-5", model, not_sure_below=threshold)
    assert classifier.predict(bundled_digits.frame(0)).not_sure is not_sure


def test_the_threshold_is_the_one_on_the_card(bundled_digits):
    threshold = load_card("lenet5").calibration.not_sure_below
    classifier = load_classifier("lenet5")
    for index in range(200):
        prediction = classifier.predict(bundled_digits.frame(index))
        assert prediction.not_sure == (prediction.confidence < threshold)
