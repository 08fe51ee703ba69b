"""The training wing, on a few hundred digits; these tests import TensorFlow."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from core.artifacts import (
    KERAS_FILE,
    list_model_ids,
    load_card,
    load_history,
    load_validation_confusions,
    read_file,
)
from core.digits.datasets import Dataset, MnistUnavailableError
from core.inference.classifier import load_classifier
from core.training import trainer
from core.training.zoo import ZOO, find_entry


@pytest.fixture
def small_mnist(bundled_digits, monkeypatch) -> Dataset:
    """Bundled digits in MNIST's place: 1,097 to train on, 200 held out, 500 to test."""

    def load(part: str) -> Dataset:
        chosen = slice(0, 1297) if part == "train" else slice(1297, 1797)
        return replace(
            bundled_digits,
            images=bundled_digits.images[chosen],
            labels=bundled_digits.labels[chosen],
        )

    monkeypatch.setattr(trainer, "load_mnist", load)
    monkeypatch.setattr(trainer, "VALIDATION_SIZE", 200)
    return load("test")


def shorten(model_id: str, epochs: int = 2):
    entry = find_entry(model_id)
    return replace(entry, recipe=replace(entry.recipe, epochs=epochs))


@pytest.mark.parametrize(
    ("model_id", "parameters"),
    [("lenet5", 34_622), ("logistic_regression", 7_850), ("mlp", 399_210)],
)
def test_architectures_have_the_published_parameter_counts(model_id, parameters):
    assert find_entry(model_id).build().count_params() == parameters


@pytest.mark.parametrize("model_id", ZOO)
def test_a_trained_model_has_everything_its_card_promises(small_mnist, tmp_path, model_id):
    card = trainer.train(shorten(model_id), tmp_path)
    assert load_card(model_id, tmp_path) == card
    assert load_history(model_id, tmp_path).epochs == 2
    assert load_validation_confusions(model_id, tmp_path).sum() == 2 * 200
    assert np.sum(card.test_confusion) == len(small_mnist)
    probabilities = load_classifier(model_id, tmp_path).probabilities(small_mnist.frames)
    accuracy = (probabilities.argmax(axis=1) == small_mnist.labels).mean()
    assert accuracy == pytest.approx(card.metrics["test_accuracy"].value, abs=0.005)
    assert accuracy > 0.3  # two epochs on a thousand digits learn something
    assert sorted(path.name for path in tmp_path.iterdir()) == [model_id]


@pytest.mark.usefixtures("small_mnist")
def test_the_same_seed_trains_the_same_model(tmp_path):
    first, second = (
        trainer.train(shorten("lenet5"), tmp_path / name).files["test_probabilities.npy"]
        for name in ("one", "two")
    )
    assert first == second


def test_no_image_is_both_trained_on_and_held_out(bundled_digits):
    numbered = bundled_digits.images.copy()
    numbered[:, 0, 0], numbered[:, 0, 1] = np.divmod(np.arange(1797), 256)
    dataset = Dataset(
        "numbered", "Numbered", np.tile(numbered, (4, 1, 1)), np.tile(bundled_digits.labels, 4)
    )
    dataset.images[:, 0, 2] = np.repeat(np.arange(4), 1797)
    kept, held_out = trainer.split_validation(dataset)
    again, _ = trainer.split_validation(dataset)

    def keys(part: Dataset) -> set[bytes]:
        return {image[0, :3].tobytes() for image in part.images}

    assert len(held_out) == 5000
    assert len(keys(kept) | keys(held_out)) == len(dataset)
    assert not keys(kept) & keys(held_out)
    assert np.array_equal(kept.images, again.images)


@pytest.mark.usefixtures("small_mnist")
def test_a_training_that_breaks_leaves_the_last_good_model(tmp_path, monkeypatch):
    trainer.train(shorten("logistic_regression", 1), tmp_path)
    before = load_card("logistic_regression", tmp_path)

    def break_down(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(trainer, "measure", break_down)
    with pytest.raises(RuntimeError, match="power cut"):
        trainer.train(shorten("logistic_regression", 2), tmp_path)
    assert load_card("logistic_regression", tmp_path) == before
    assert load_classifier("logistic_regression", tmp_path)


@pytest.mark.parametrize("model_id", list_model_ids())
def test_litert_agrees_with_keras_on_real_digits(bundled_digits, tmp_path, model_id):
    import keras

    (tmp_path / KERAS_FILE).write_bytes(read_file(model_id, KERAS_FILE))
    model = keras.saving.load_model(tmp_path / KERAS_FILE)
    assert model.count_params() == load_card(model_id).parameter_count
    expected = model.predict(bundled_digits.frames, batch_size=256, verbose=0)
    served = load_classifier(model_id).probabilities(bundled_digits.frames)
    assert np.abs(served - expected).max() < 1e-5


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "core.training", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_the_command_line_lists_the_zoo():
    result = run("--list")
    assert result.returncode == 0
    for model_id, count in [("lenet5", "34,622"), ("mlp", "399,210")]:
        assert any(
            line.startswith(model_id) and count in line for line in result.stdout.splitlines()
        )


@pytest.mark.parametrize(
    ("arguments", "reason"), [(["lenet6"], "choices are lenet5"), ([], "expected a model id")]
)
def test_the_command_line_refuses_what_it_cannot_train(arguments, reason):
    result = run(*arguments)
    assert result.returncode == 2
    assert reason in result.stderr


def test_the_command_line_says_when_mnist_is_missing(tmp_path):
    result = run("lenet5", "--directory", str(tmp_path), DIGITLAB_MNIST="/nowhere")
    assert result.returncode == 1
    assert "does not exist" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_unavailable_mnist_trains_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere")
    with pytest.raises(MnistUnavailableError):
        trainer.train(shorten("mlp"), tmp_path)
    assert list(tmp_path.iterdir()) == []
