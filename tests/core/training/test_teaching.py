"""A lesson of the Draw page is repeated by the trainer, with the numbers of the browser."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from core.digits.datasets import Dataset
from core.inference.browser_network import read_layers
from core.inference.classifier import load_classifier
from core.models.files import (
    KERAS_FILE,
    LITERT_FILE,
    RUNS_VARIABLE,
    load_card,
    load_history,
    load_validation_confusions,
    locate_model,
    read_file,
)
from core.runs.exchange import export_run, import_run
from core.runs.job_files import DRAWINGS, State
from core.runs.layers import read_layers as read_plans
from core.runs.lesson import read_lesson
from core.runs.plan import TrainingPlan
from core.runs.samples import choose_rehearsal
from core.runs.training_data import split_mnist, take
from core.training.architectures import build_from_layers
from core.training.conversion import convert
from core.training.last_layer import Examples, LastLayer, learn
from core.training.rebuild import rebuild
from core.training.teaching import Pupil
from tests.core.runs.lessons import send
from tests.core.training.test_train_run import ask, look, train

STEPS = 7


@pytest.fixture(autouse=True)
def runs_of_a_test(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))


@pytest.fixture
def habit(bundled_digits) -> Dataset:
    """Six digits under wrong labels, in the order in which a plan has them."""
    digits = take(bundled_digits, slice(1300, 1306))
    wrong = Dataset("", "", digits.images, ((digits.labels + 1) % 10).astype(np.uint8))
    return read_lesson(send(wrong))[2]


def load_model(model_id: str) -> keras.Model:
    return keras.saving.load_model(locate_model(model_id) / KERAS_FILE, compile=False)


def plan_lesson(habit: Dataset, model_id: str) -> TrainingPlan:
    lesson = read_lesson(send(habit, steps=STEPS))[1]
    return TrainingPlan(
        architecture=model_id, start_from=model_id, train_fraction=1.0, lesson=lesson
    )


def test_a_run_has_learned_what_the_browser_learns(small_mnist, habit):
    run_id, job = ask(plan_lesson(habit, "lenet5"), habit)
    assert train(run_id)
    assert look(run_id).state == State.FINISHED
    before = load_model("lenet5")
    hidden = keras.Model(before.inputs, before.layers[-2].output)
    last = read_layers(read_file("lenet5", LITERT_FILE))[-1]  # the weights of the browser
    rehearsal = choose_rehearsal(split_mnist().training)
    known, taught = (
        Examples(hidden.predict(one.frames, verbose=0), one.labels) for one in (rehearsal, habit)
    )
    start = LastLayer(last.weights.astype(float), last.bias.astype(float), rejects=False)
    steps = learn(start, known, taught)
    expected = [next(steps) for _ in range(STEPS)][-1]
    logits = hidden.predict(small_mnist.frames, verbose=0) @ expected.weights + expected.bias
    powers = np.exp(logits / load_card(run_id).calibration.temperature)
    np.testing.assert_allclose(
        load_classifier(run_id).probabilities(small_mnist.frames),
        powers / powers.sum(axis=1, keepdims=True),
        atol=1e-4,
    )
    assert np.abs(last.weights - expected.weights).max() > 0.01
    assert not (job / DRAWINGS).exists()


def test_the_card_and_the_history_tell_the_lesson(small_mnist, habit):
    run_id, _ = ask(plan_lesson(habit, "lenet5"), habit)
    assert train(run_id)
    card = load_card(run_id)
    assert (card.trained_on, card.test_set) == (("mnist", "taught_drawings"), "mnist_test")
    assert card.recipe["start_from"] == "lenet5"
    assert (card.recipe["taught_drawings"], card.recipe["steps"]) == (len(habit), STEPS)
    assert card.is_taught
    assert f"{len(habit)} drawings on the Draw page, in {STEPS} steps" in card.description
    assert "500 digits again" in card.description
    history = load_history(run_id)
    assert card.best_epoch == history.epochs == STEPS
    assert history.loss[0] > history.loss[-1] > 0
    validation = split_mnist().validation
    predicted = load_classifier(run_id).probabilities(validation.frames).argmax(axis=1)
    confusions = load_validation_confusions(run_id)
    assert len(confusions) == STEPS
    assert np.trace(confusions[-1]) == (predicted == validation.labels).sum()
    assert history.validation_accuracy[-1] == pytest.approx((predicted == validation.labels).mean())
    report, progress = look(run_id).report, look(run_id).progress
    assert (report.compared_with, report.joined, report.held_out) == ("lenet5", len(habit), 0)
    before = load_classifier("lenet5").probabilities(small_mnist.frames).argmax(axis=1)
    assert report.test_before.value == (before == small_mnist.labels).mean()
    assert [point.at for point in progress.points] == [*range(1, STEPS + 1)]


@pytest.mark.usefixtures("small_mnist")
def test_drawings_that_are_not_those_of_the_plan_are_refused(habit, bundled_digits):
    run_id, _ = ask(plan_lesson(habit, "lenet5"), take(bundled_digits, slice(6)))
    assert not train(run_id)
    assert "drawings of this run are damaged" in look(run_id).error


def test_without_mnist_a_model_that_keras_does_not_train_learns_and_can_be_copied(
    monkeypatch, habit, bundled_digits
):
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere")
    plan = replace(plan_lesson(habit, "numpy_dense"), training_data="bundled_digits")
    run_id, _ = ask(plan, habit)
    assert train(run_id)
    card = load_card(run_id)
    assert card.trained_on == ("bundled_digits", "mnist", "taught_drawings")
    assert card.test_set == "bundled_digits_test"
    monkeypatch.setattr("core.runs.exchange.rebuild_model", rebuild)
    copy = import_run(export_run(run_id), "ben")
    assert TrainingPlan.from_fields(copy.plan) == plan
    assert load_card(copy.id).recipe == card.recipe
    assert np.array_equal(
        *(load_classifier(one).probabilities(bundled_digits.frames) for one in (run_id, copy.id))
    )


def assert_same_form(model: keras.Model, litert: bytes, habit: Dataset) -> None:
    """The layer that learns has the numbers of the browser, and the model gets them back."""
    last = read_layers(litert)[-1]
    pupil = Pupil(model, habit, habit, drawings=3)
    np.testing.assert_allclose(pupil._layer.weights, last.weights, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(pupil._layer.bias, last.bias, rtol=1e-4, atol=1e-5)
    before = model.predict(habit.frames, verbose=0)
    classify = lambda: pupil._layer.classify(pupil._training.activations)  # noqa: E731
    np.testing.assert_allclose(classify(), before, atol=1e-4)
    for _ in range(STEPS):
        pupil.take_step()
    pupil.finish()
    after = model.predict(habit.frames, verbose=0)
    np.testing.assert_allclose(classify(), after, atol=1e-4)
    assert np.abs(after - before).max() > 0.01


@pytest.mark.parametrize("model_id", ["deep_cnn", "logistic_regression"])
def test_a_model_learns_in_the_form_that_browsers_have(habit, model_id):
    assert_same_form(load_model(model_id), read_file(model_id, LITERT_FILE), habit)


def test_so_does_a_network_that_ends_in_batch_normalisation(habit, bundled_digits):
    layers = "Conv2D.6.5_MaxPooling2D_BatchNormalization_Flatten_Dropout.10"
    model = build_from_layers(read_plans(layers))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(bundled_digits.frames[:300], bundled_digits.labels[:300], verbose=0)
    assert_same_form(model, convert(model), habit)
