"""Runs, on a few hundred digits; these tests import TensorFlow."""

import csv
import errno
import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from core.digits.datasets import Dataset
from core.inference.classifier import Classifier, load_classifier
from core.models.files import (
    HISTORY_FILE,
    KERAS_FILE,
    RUNS_VARIABLE,
    load_card,
    load_history,
    load_test_probabilities,
    load_validation_confusions,
    read_file,
    runs_directory,
)
from core.runs.durations import save_duration
from core.runs.exchange import export_run, import_run
from core.runs.job_files import DRAWINGS, State, request_stop
from core.runs.jobs import Job, list_jobs
from core.runs.launcher import acquire, release
from core.runs.layers import describe_network, read_layers
from core.runs.learned_drawings import digest_images
from core.runs.plan import TrainingPlan, change_settings, describe_plan, list_trainable
from core.runs.progress import PREPARING, TRAINING, Progress
from core.runs.recipe import Recipe
from core.runs.run import Run, load_run, new_run_id, save_run
from core.runs.speeds import Speeds, find_speeds, save_speeds
from core.runs.training_data import (
    hold_out,
    split_bundled_digits,
    split_drawings,
    split_mnist,
    take,
)
from core.training import augmented_copies, callbacks, fitting
from core.training.__main__ import main
from core.training.architectures import build_from_layers
from core.training.callbacks import Reporter, find_best_epoch
from core.training.measurement import describe_layers
from core.training.time_left import TimeLeft
from core.training.train_run import train_run
from core.training.zoo import find_entry
from tests.core.runs.conftest import finish_run, finish_run_on_bundled_digits, make_run

EPOCHS = 3
# 275 digits, and 83 images of ours: twelve batches an epoch.
BATCHES = 12
PLAN = TrainingPlan(
    architecture="logistic_regression",
    train_fraction=0.005,
    recipe=Recipe(epochs=EPOCHS, batch_size=32, augmentation=False),
)


@pytest.fixture(autouse=True)
def runs_of_a_test(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))


def ask(plan: TrainingPlan, drawings: Dataset | None = None) -> tuple[str, Path]:
    """A run outside the queue, and its job directory."""
    run = Run(id=new_run_id(), name="Mine", plan=plan.to_fields())
    job = save_run(run) / "job"
    job.mkdir()
    if drawings:
        np.savez(job / DRAWINGS, images=drawings.images, labels=drawings.labels)
    return run.id, job


def train(run_id: str) -> bool:
    return train_run(run_id, acquire(run_id))


def look(run_id: str) -> Job:
    return next(job for job in list_jobs(None) if job.run.id == run_id)


def do_in_epoch(
    monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], object], *, after: int = 3
) -> None:
    """Do something after this number of batches of an epoch, counted from 1."""
    end_batch = Reporter.on_train_batch_end

    def interfere(self: Reporter, batch: int, logs: dict[str, float] | None = None) -> None:
        if self._progress.epoch == number and batch == after - 1:
            act()
        end_batch(self, batch, logs)

    monkeypatch.setattr(Reporter, "on_train_batch_end", interfere)


@pytest.mark.parametrize("model_id", list_trainable())
def test_an_architecture_has_as_many_parameters_as_keras_counts(model_id):
    layers = describe_plan(TrainingPlan(architecture=model_id))
    assert sum(layer.parameters for layer in layers) == find_entry(model_id).build().count_params()


@pytest.mark.parametrize(
    "layers",
    [
        "Flatten",
        "Flatten_Dense.30_Dropout.50_BatchNormalization_Dense.20",
        "Conv2D.6.5_MaxPooling2D_Conv2D.16.4_BatchNormalization_AveragePooling2D_Flatten_Dense.9",
        "MaxPooling2D_AveragePooling2D_Dropout.10_Flatten",
    ],
)
def test_layers_are_built_as_they_were_described(layers):
    plans = read_layers(layers)
    model = build_from_layers(plans)
    assert describe_layers(model) == describe_network(plans)
    assert model.count_params() == sum(layer.parameters for layer in describe_network(plans))


@pytest.mark.usefixtures("small_mnist")
@pytest.mark.parametrize("averaging", [False, True])
def test_a_training_that_failed_is_resumed_with_the_same_result(monkeypatch, averaging):
    plan = change_settings(PLAN, averaging=averaging)
    whole, _ = ask(plan)
    assert train(whole)
    speeds = find_speeds(plan)
    assert min(speeds.once, speeds.batch, speeds.between, speeds.copy_image) > 0
    assert speeds.predicted == 2 * 200 + 275 // 3
    broken, job = ask(plan)
    with monkeypatch.context() as patch:
        do_in_epoch(patch, 2, lambda: 1 / 0)
        assert not train(broken)
    assert look(broken).state == State.FAILED
    assert "ZeroDivisionError" in look(broken).error
    assert look(broken).card is None
    assert len(look(broken).progress.validations) == 1
    assert train(broken)
    assert find_speeds(plan) == speeds  # an interrupted training does not tell them
    histories, confusions = [], []
    for run_id in (whole, broken):
        assert look(run_id).state == State.FINISHED
        history = load_history(run_id, runs_directory())
        histories.append(
            np.stack(
                [
                    history.loss,
                    history.validation_loss,
                    history.accuracy,
                    history.unchanged_loss,
                    history.unchanged_accuracy,
                ]
            )
        )
        confusions.append(load_validation_confusions(run_id, runs_directory()))
        progress = look(run_id).progress
        assert [validation.loss for validation in progress.validations] == list(
            history.validation_loss
        )
        assert [one.unchanged_loss for one in progress.validations] == [*history.unchanged_loss]
        assert np.array_equal(progress.confusion, confusions[-1][-1])
        assert [point.at for point in progress.points] == [
            round(epoch + batch / BATCHES, 4)
            for epoch in range(EPOCHS)
            for batch in range(1, BATCHES + 1)
        ]
    assert np.array_equal(*histories)
    assert histories[0].shape == (5, EPOCHS)
    assert np.array_equal(*confusions)
    assert np.array_equal(
        *(load_test_probabilities(run_id, runs_directory()) for run_id in (whole, broken))
    )
    card = load_card(broken, runs_directory())
    assert card.best_epoch == int(histories[0][1].argmin()) + 1
    assert {file.name for file in job.iterdir()} == {
        "lock",
        "outcome.json",
        "process",
        "progress.json",
    }
    assert card.parameter_count == 7850


@pytest.mark.usefixtures("small_mnist")
def test_the_accuracy_on_unchanged_images_is_that_of_the_trained_model_on_them():
    """Styles and a teacher change what is trained on, and not what is measured."""
    run_id, _ = ask(change_settings(PLAN, teachers=("mlp",)))
    assert train(run_id)
    split = split_mnist()
    training = take(split.training, slice(PLAN.images))
    sample = fitting.choose_unchanged(training, split.validation)
    assert len(sample) == 275 // 3
    job, history = look(run_id), load_history(run_id, runs_directory())
    assert job.progress.unchanged_images == len(sample)
    measured = job.progress.validations[job.card.best_epoch - 1].unchanged_accuracy
    assert measured == pytest.approx(measure_accuracy(run_id, sample))
    assert measured == history.unchanged_accuracy[job.card.best_epoch - 1]


def note_writes(monkeypatch: pytest.MonkeyPatch) -> list[Progress]:
    """The progress as it is written from now on."""
    written: list[Progress] = []
    write = Reporter.write

    def note(self: Reporter, **changes: object) -> None:
        write(self, **changes)
        written.append(self._progress)

    monkeypatch.setattr(Reporter, "write", note)
    return written


@pytest.mark.usefixtures("small_mnist")
def test_the_time_left_is_that_of_the_forecast_until_this_training_was_timed(monkeypatch):
    written = note_writes(monkeypatch)
    save_duration(measuring=40.0)
    known = Speeds(
        once=9.0, batch=10.0, between=500.0, predicted=2 * 200 + 275 // 3, copy_image=0.1
    )
    save_speeds(PLAN, known)
    assert train(ask(PLAN)[0])
    prepared = [one.seconds_left for one in written if one.stage == PREPARING]
    assert prepared[1] == pytest.approx(2 * 275 * 0.1)
    first = next(one for one in written if one.stage == TRAINING)
    assert (first.epoch, first.step) == (1, 0)
    # Another copy of so few images takes seconds at most.
    assert first.seconds_left == pytest.approx(EPOCHS * (BATCHES * 10 + 500) + 40, abs=10)


@pytest.mark.usefixtures("small_mnist")
def test_the_time_left_counts_the_copies_that_are_made_after_epochs(monkeypatch):
    foreseen, made, begun = [], [], []

    class Noting(TimeLeft):
        def __init__(self, *, new_copies: int, **others: float) -> None:
            foreseen.append(new_copies)
            super().__init__(new_copies=new_copies, **others)

        def begin_epoch(self, now: float) -> None:
            begun.append(now)
            super().begin_epoch(now)

    make_copy = augmented_copies.make_copy

    def note_copy(*args: object) -> augmented_copies.TrainingCopy:
        made.append(len(begun))
        return make_copy(*args)

    monkeypatch.setattr(fitting, "TimeLeft", Noting)
    monkeypatch.setattr(augmented_copies, "make_copy", note_copy)
    for copies in (1, 2, 3):
        made.clear()
        begun.clear()
        assert train(ask(change_settings(PLAN, augmented_copies=copies))[0])
        after = [epoch for epoch in made if epoch]
        assert after == [*range(1, foreseen[-1] + 1)]
        assert len(made) == copies


def test_unchanged_images_are_at_most_a_third_and_no_more_than_are_validated(bundled_digits):
    few, many, nine, twenty, fifty = (
        take(bundled_digits, slice(count)) for count in (2, 90, 9, 20, 50)
    )
    assert len(fitting.choose_unchanged(few, nine)) == 1
    assert len(fitting.choose_unchanged(many, fifty)) == 30
    sample = fitting.choose_unchanged(many, twenty)
    assert len(np.unique(sample.images, axis=0)) == len(sample) == 20
    again = fitting.choose_unchanged(many, twenty)
    assert np.array_equal(again.images, sample.images)


@pytest.mark.usefixtures("small_mnist")
def test_a_run_learns_from_another_run_and_names_what_that_was_trained_on(monkeypatch):
    asked = []
    probabilities = Classifier.probabilities

    def note(self: Classifier, frames: np.ndarray) -> np.ndarray:
        asked.append(self.model_id)
        return probabilities(self, frames)

    monkeypatch.setattr(Classifier, "probabilities", note)
    teacher = finish_run_on_bundled_digits(make_run())
    asked.clear()
    plan = change_settings(PLAN, teachers=(teacher.id,), teacher_temperature=2.0)
    run_id, _ = ask(plan)
    assert train(run_id)
    card = load_card(run_id)
    assert asked.count(teacher.id) == EPOCHS  # once for each augmented copy
    assert card.trained_on == ("mnist", "bundled_digits")
    assert (card.recipe["teachers"], card.recipe["teacher_temperature"]) == ([teacher.id], 2.0)


@pytest.mark.usefixtures("small_mnist")
def test_a_run_whose_teacher_is_gone_fails_with_a_sentence():
    teacher = new_run_id()
    run_id, _ = ask(change_settings(PLAN, teachers=(teacher,)))
    assert not train(run_id)
    assert "was deleted. Restore it on the Runs page" in look(run_id).error
    assert teacher not in look(run_id).error


@pytest.mark.usefixtures("small_mnist")
def test_a_stopped_training_keeps_its_best_epoch_and_can_be_resumed(monkeypatch):
    run_id, job = ask(PLAN)
    with monkeypatch.context() as patch:
        do_in_epoch(patch, 2, lambda: request_stop(run_id))
        assert train(run_id)
    stopped = look(run_id)
    assert stopped.state == State.STOPPED
    losses = load_history(run_id, runs_directory()).validation_loss
    assert len(losses) == 2
    assert stopped.card.best_epoch == int(losses.argmin()) + 1
    assert stopped.card.description.endswith("Stopped before the last of them.")
    assert load_classifier(run_id, runs_directory())
    # Of the second epoch, three batches were trained; the rest of it never will be.
    gap = (round(1 + 3 / BATCHES, 4), 2.0)
    assert stopped.progress.points[-1].at == gap[0]
    assert stopped.progress.gaps == (gap,)
    forget_unchanged(job / HISTORY_FILE)
    with (job / HISTORY_FILE).open("a") as file:
        file.write("2,0.5,1.0,")  # killed as it wrote the next row
    assert train(run_id)
    finished = look(run_id)
    assert finished.state == State.FINISHED
    assert "Stopped" not in finished.card.description
    with (runs_directory() / run_id / HISTORY_FILE).open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == [*map(str, range(EPOCHS))]
    measured = np.isfinite(load_history(run_id, runs_directory()).unchanged_loss)
    assert measured.tolist() == [False, False, True]
    assert [one.unchanged_loss is None for one in finished.progress.validations] == [*~measured]
    assert len(load_validation_confusions(run_id, runs_directory())) == EPOCHS
    assert finished.card.duration_seconds > stopped.card.duration_seconds
    assert finished.progress.gaps == (gap,)
    assert stopped.progress.examples
    assert finished.progress.examples == ()  # which digits were correct before is not known
    assert [point.at for point in finished.progress.points if point.at > gap[0]] == [
        round(2 + batch / BATCHES, 4) for batch in range(1, BATCHES + 1)
    ]


def forget_unchanged(history: Path) -> None:
    """Rewrite a history as earlier versions wrote it."""
    with history.open(newline="") as file:
        rows = [
            {name: row[name] for name in fitting.HISTORY_COLUMNS} for row in csv.DictReader(file)
        ]
    with history.open("w", newline="") as file:
        writer = csv.DictWriter(file, fitting.HISTORY_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.usefixtures("small_mnist")
def test_the_batches_after_the_last_point_of_an_epoch_have_a_point_too(monkeypatch):
    """Points are 6 batches apart, and an epoch has 12; it is stopped after 8 of them."""
    monkeypatch.setattr(callbacks, "POINTS_PER_EPOCH", 2)
    run_id, _ = ask(PLAN)
    do_in_epoch(monkeypatch, 2, lambda: request_stop(run_id), after=8)
    assert train(run_id)
    assert [point.at for point in look(run_id).progress.points] == [
        round(batch / BATCHES, 4) for batch in (6, 12, 18, 20)
    ]


@pytest.mark.usefixtures("small_mnist")
def test_a_training_stopped_in_its_first_epoch_leaves_no_model_and_begins_anew(monkeypatch):
    run_id, _ = ask(change_settings(PLAN, epochs=1))
    with monkeypatch.context() as patch:
        do_in_epoch(patch, 1, lambda: request_stop(run_id), after=BATCHES - 1)
        assert train(run_id)
    stopped = look(run_id)
    assert (stopped.state, stopped.card) == (State.STOPPED, None)
    assert stopped.progress.points[-1].at == round((BATCHES - 1) / BATCHES, 4)
    assert {file.name for file in (runs_directory() / run_id).iterdir()} == {"job", "run.json"}
    assert train(run_id)
    assert look(run_id).state == State.FINISHED
    assert load_history(run_id, runs_directory()).epochs == 1
    assert [point.at for point in look(run_id).progress.points] == [
        round(batch / BATCHES, 4) for batch in range(1, BATCHES + 1)
    ]


@pytest.mark.usefixtures("small_mnist")
def test_a_training_stopped_as_its_first_epoch_ends_keeps_it(monkeypatch):
    run_id, _ = ask(PLAN)
    do_in_epoch(monkeypatch, 1, lambda: request_stop(run_id), after=BATCHES)
    assert train(run_id)
    assert look(run_id).state == State.STOPPED
    assert look(run_id).card.best_epoch == 1


@pytest.mark.usefixtures("small_mnist")
def test_averaged_weights_lag_behind_the_last_ones(tmp_path, monkeypatch):
    """After 36 updates, an average over about 1,000 is still near the weights of the first one."""
    monkeypatch.setattr(callbacks, "MAX_AVERAGED_SHARE", 1000)
    norms = []
    for averaging in (False, True):
        run_id, _ = ask(change_settings(PLAN, averaging=averaging, learning_rate=0.01))
        assert train(run_id)
        (tmp_path / "model.keras").write_bytes(read_file(run_id, KERAS_FILE))
        model = keras.saving.load_model(tmp_path / "model.keras", compile=False)
        bias = model.layers[-1].get_weights()[1]  # which begins at 0
        norms.append(float(np.linalg.norm(bias * load_card(run_id).calibration.temperature)))
    # The first step of Adam moves every weight by the learning rate.
    assert norms[1] == pytest.approx(0.01 * np.sqrt(10), rel=0.1)
    assert norms[0] > 1.3 * norms[1]


@pytest.mark.parametrize(("updates", "averaged"), [(3, 1), (40, 4), (30_000, 1000)])
def test_an_average_covers_at_most_a_tenth_of_the_updates(updates, averaged):
    optimizer = fitting._build_optimizer(Recipe(averaging=True, epochs=1), updates)
    assert optimizer.ema_momentum == pytest.approx(1 - 1 / averaged)


@pytest.mark.usefixtures("small_mnist")
def test_weight_decay_makes_weights_smaller(tmp_path):
    norms, recipes = [], []
    for weight_decay in (0.0, 0.1, 1.0):
        plan = change_settings(PLAN, learning_rate=0.03, weight_decay=weight_decay)
        run_id, _ = ask(plan)
        assert train(run_id)
        (tmp_path / "model.keras").write_bytes(read_file(run_id, KERAS_FILE))
        card = load_card(run_id, runs_directory())
        model = keras.saving.load_model(tmp_path / "model.keras", compile=False)
        # The published weights are divided by the temperature.
        weights = model.layers[-1].get_weights()[0] * card.calibration.temperature
        norms.append(float(np.linalg.norm(weights)))
        recipes.append(card.recipe["weight_decay"])
    assert norms[0] > norms[1] > norms[2]
    assert norms[2] < 0.9 * norms[0]
    assert recipes == [0.0, 0.1, 1.0]


def test_drawings_are_added_and_the_held_out_ones_measure_the_effect(small_mnist, bundled_digits):
    chosen = [0, 1, 2, *range(30)]  # three of them were saved twice
    drawings = take(bundled_digits, np.array(chosen))
    plan = TrainingPlan(
        architecture="lenet5",
        start_from="lenet5",
        train_fraction=0.005,
        drawing_weight=4,
        recipe=Recipe(epochs=1, styles=False),
    )
    run_id, job = ask(plan, drawings)
    assert train(run_id)
    assert not (job / DRAWINGS).exists()  # nobody needs them any more
    report = look(run_id).report
    learned, held_out = hold_out(take(bundled_digits, slice(30)))
    joined = len(learned)
    assert (report.joined, report.held_out) == (joined, 30 - joined)
    assert report.compared_with == "lenet5"
    before, after = load_classifier("lenet5"), load_classifier(run_id, runs_directory())

    def measure(classifier: Classifier, images: np.ndarray, labels: np.ndarray) -> float:
        predicted = classifier.probabilities(images / np.float32(255)).argmax(axis=1)
        return (predicted == labels).mean()

    others = held_out.images, held_out.labels
    test = small_mnist.images, small_mnist.labels
    assert report.drawings_before.value == pytest.approx(measure(before, *others))
    assert report.drawings_after.value == pytest.approx(measure(after, *others))
    assert report.test_before.value == pytest.approx(measure(before, *test))
    assert report.test_after.value == pytest.approx(measure(after, *test))
    assert report.test_after.value > 0.9  # one epoch of random weights reaches a third of it
    assert look(run_id).progress.step == math.ceil((275 + 4 * joined) / 64)
    card = load_card(run_id, runs_directory())
    assert card.recipe["augmentation"]["rotation"] > 0
    assert (card.trained_on, card.test_set) == (("mnist", "my_drawings"), "mnist_test")
    assert {*card.learned_drawings} == digest_images(learned)


def measure_accuracy(run_id: str, digits: Dataset) -> float:
    probabilities = load_classifier(run_id, runs_directory()).probabilities(digits.frames)
    return (probabilities.argmax(axis=1) == digits.labels).mean()


def test_without_mnist_a_run_learns_the_bundled_digits_and_its_card_says_so(monkeypatch):
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere")
    plan = change_settings(
        PLAN, training_data="bundled_digits", train_fraction=1, learning_rate=0.01
    )
    run_id, _ = ask(plan)
    assert train(run_id)
    card, split = load_card(run_id, runs_directory()), split_bundled_digits()
    assert (card.trained_on, card.test_set) == (("bundled_digits",), "bundled_digits_test")
    assert card.dataset_sha256 == split.sha256
    accuracy = measure_accuracy(run_id, split.test)
    assert card.metrics["test_accuracy"].value == pytest.approx(accuracy, abs=0.003)
    assert accuracy > 0.7
    assert np.array_equal(
        np.sum(card.test_confusion, axis=1), np.bincount(split.test.labels, minlength=10)
    )
    assert len(load_test_probabilities(run_id, runs_directory())) == len(split.test)
    assert load_validation_confusions(run_id, runs_directory())[0].sum() == len(split.validation)
    # It would be measured on what it has learned.
    assert card.find_accuracy("bundled_digits") is None
    assert card.find_accuracy("mnist_test") is None
    assert f"{len(split.training):,} images (Bundled digits)" in card.description
    imported = import_run(export_run(run_id), "ben").id
    assert load_card(imported).test_set == card.test_set
    assert measure_accuracy(imported, split.test) == accuracy


@pytest.mark.usefixtures("small_mnist")
def test_where_mnist_is_there_a_run_on_other_data_is_measured_on_it_too(small_mnist):
    run_id, _ = ask(change_settings(PLAN, training_data="bundled_digits", train_fraction=1))
    assert train(run_id)
    accuracy = load_card(run_id, runs_directory()).find_accuracy("mnist_test")
    assert accuracy.value == pytest.approx(measure_accuracy(run_id, small_mnist))


def test_a_run_on_drawings_alone_is_tested_on_others_of_them(monkeypatch, bundled_digits):
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere")
    two = np.isin(bundled_digits.labels, (3, 7))
    drawings = take(bundled_digits, np.flatnonzero(two)[:24])
    plan = change_settings(
        PLAN,
        start_from="logistic_regression",
        training_data="my_drawings",
        train_fraction=1,
    )
    run_id, job = ask(plan, drawings)
    assert train(run_id)
    assert not (job / DRAWINGS).exists()
    card, split = load_card(run_id, runs_directory()), split_drawings(drawings)
    test = split.test
    assert (card.trained_on, card.test_set) == (("my_drawings", "mnist"), "my_drawings_test")
    assert np.sum(card.test_confusion) == len(test) > 0
    assert card.metrics["test_accuracy"].value == measure_accuracy(run_id, test)
    # A few digits for validation, all of them easy, must not make it certain of everything.
    assert 0.4 < card.calibration.temperature < 2.5
    assert card.calibration.not_sure_below <= 0.5
    report = look(run_id).report
    assert (report.compared_with, report.joined) == ("logistic_regression", len(split.training))
    before = load_classifier("logistic_regression").probabilities(test.frames).argmax(axis=1)
    assert report.test_before.value == (before == test.labels).mean()
    assert report.drawings_after is None
    assert {*card.learned_drawings} == digest_images(drawings) - digest_images(test)
    further, _ = ask(
        change_settings(plan, training_data="bundled_digits", start_from=run_id, epochs=1)
    )
    assert train(further)
    assert load_card(further).learned_drawings == card.learned_drawings


ALONE = {"training_data": "my_drawings"}
ADDED = {"training_data": "bundled_digits", "drawing_weight": 1}


@pytest.mark.parametrize(("way", "is_resumed"), [(ALONE, False), (ALONE, True), (ADDED, False)])
def test_a_run_is_not_tested_on_what_it_or_the_model_it_starts_from_has_learned(
    monkeypatch, bundled_digits, way, is_resumed
):
    """It may have been stopped in an earlier version, which held out other drawings."""
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere")
    drawings = take(bundled_digits, slice(60))
    split, (_, held_out) = split_drawings(drawings), hold_out(drawings)
    learned = digest_images(take(split.test, slice(2)))
    model = finish_run(make_run(owner="anna"))
    plan = change_settings(PLAN, start_from=model.id, train_fraction=1, epochs=1, **way)
    run_id, _ = ask(plan, drawings)
    earlier = finish_run(load_run(run_id)) if is_resumed else model
    card = replace(load_card(earlier.id), learned_drawings=tuple(learned))
    (runs_directory() / earlier.id / "card.json").write_text(card.to_json())
    assert train(run_id)
    card = load_card(run_id)
    if plan.drawing_weight:
        assert look(run_id).report.held_out == len(held_out) - 2
    else:
        assert np.sum(card.test_confusion) == len(split.test) - 2
    assert learned <= {*card.learned_drawings}


def test_a_run_names_what_the_weights_it_starts_from_were_trained_on(monkeypatch):
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere")
    plan = change_settings(
        PLAN,
        start_from="logistic_regression",
        training_data="bundled_digits",
        train_fraction=1,
        epochs=1,
    )
    first, _ = ask(plan)
    assert train(first)
    assert load_card(first, runs_directory()).trained_on == ("bundled_digits", "mnist")


def test_without_mnist_a_run_fails_with_a_sentence(monkeypatch):
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere")
    run_id, _ = ask(PLAN)
    assert not train(run_id)
    assert look(run_id).state == State.FAILED
    assert "does not exist" in look(run_id).error


def test_a_full_disk_fails_with_a_sentence(monkeypatch):
    def fill_up(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/data/runs/model.keras")

    monkeypatch.setattr("core.runs.training_data.split_validation", fill_up)
    run_id, _ = ask(PLAN)
    assert not train(run_id)
    assert look(run_id).error.startswith("The disk of the server is full.")


@pytest.mark.usefixtures("small_mnist")
@pytest.mark.filterwarnings("ignore:unclosed file")  # Keras leaves the history open
def test_a_failed_run_keeps_no_augmented_copies(monkeypatch):
    """They would keep the disk full that a training failed on."""
    found = []

    def fill_up() -> None:
        found.extend(job.glob("**/*.images.npy"))
        raise OSError(errno.ENOSPC, "No space left on device")

    run_id, job = ask(change_settings(PLAN, augmentation=True))
    do_in_epoch(monkeypatch, 2, fill_up)
    assert not train(run_id)
    assert found
    assert not [*job.glob("**/*.images.npy")]


def test_a_plan_that_does_not_fit_fails_with_a_sentence():
    run_id, _ = ask(PLAN)
    file = runs_directory() / run_id / "run.json"
    fields = json.loads(file.read_text())
    fields["plan"]["recipe"]["epochs"] = 0
    file.write_text(json.dumps(fields))
    assert not train(run_id)
    assert look(run_id).error == "Epochs must be a whole number from 1 to 100, not 0"


def test_a_loss_that_is_no_number_is_a_sentence():
    assert find_best_epoch([{"val_loss": "nan"}, {"val_loss": "0.5"}]) == 2
    with pytest.raises(ValueError, match="lower learning rate"):
        find_best_epoch([{"val_loss": "nan"}])


def test_the_command_line_refuses_what_is_no_run(capsys, monkeypatch):
    monkeypatch.setattr("os.nice", lambda _: None, raising=False)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert main(["run", "lenet5"]) == 1
    assert "There is no run" in capsys.readouterr().err


def test_two_cannot_be_trained_at_once():
    first, job = ask(PLAN)
    second, _ = ask(PLAN)
    lock = acquire(first)
    with pytest.raises(BlockingIOError, match=first):
        acquire(second)
    assert int((job / "process").read_text()) == os.getpid()
    release(first, lock, State.FAILED)
    release(second, acquire(second), State.FAILED)
