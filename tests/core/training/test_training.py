"""Training on a few hundred digits; these tests import TensorFlow."""

import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest

from core.analysis.calibration import apply_temperature
from core.digits.datasets import Dataset, MnistUnavailableError
from core.inference.classifier import load_classifier
from core.models.files import (
    ARTIFACTS_DIRECTORY,
    CARD_FILE,
    KERAS_FILE,
    list_model_ids,
    load_card,
    load_history,
    load_replication,
    load_validation_confusions,
    read_file,
)
from core.runs import training_data
from core.runs.recipe import Recipe
from core.training import measurement, trainer
from core.training.__main__ import main
from core.training.architectures import (
    PEN_WIDTH,
    PROPORTION,
    SPREAD,
    ClearPaper,
    EvenPen,
    SetUpright,
    SoftenInTraining,
    softmax_with_rejection,
)
from core.training.numpy_network import Phase
from core.training.zoo import ZOO, EnsembleRecipe, NumpyNetworkRecipe, find_entry


def shorten(model_id: str, epochs: int = 2):
    """An entry of the zoo whose recipe takes seconds."""
    entry = find_entry(model_id)
    match entry.recipe:
        case Recipe():
            recipe = replace(entry.recipe, epochs=epochs, augmented_copies=1, batch_size=16)
        case NumpyNetworkRecipe():
            recipe = replace(entry.recipe, phases=(Phase(32, epochs, 0.1),))
        case _:
            recipe = EnsembleRecipe(members=("cnn", "lenet5"))
    return replace(entry, recipe=recipe)


@pytest.fixture
def shelf(tmp_path_factory):
    """A directory with trained models: teachers and members of the ensemble."""
    shelf = tmp_path_factory.mktemp("models")
    for model_id in ("cnn", "lenet5", "deep_cnn"):
        shutil.copytree(ARTIFACTS_DIRECTORY / model_id, shelf / model_id)
    return shelf


@pytest.fixture(scope="session")
def copies(tmp_path_factory):
    """Augmented copies and the predictions of teachers, which take longest: made once."""
    return tmp_path_factory.mktemp("copies")


@pytest.mark.parametrize(
    ("model_id", "parameters"),
    [
        ("lenet5", 34_622),
        ("logistic_regression", 7_850),
        ("mlp", 399_210),
        ("cnn", 223_274),
        ("sigmoid_mlp", 235_146),
        ("deep_cnn", 327_242),
    ],
)
def test_architectures_have_the_published_parameter_counts(model_id, parameters):
    assert find_entry(model_id).build().count_params() == parameters
    assert load_card(model_id).parameter_count == parameters


@pytest.mark.parametrize("model_id", ZOO)
def test_a_trained_model_has_everything_its_card_promises(small_mnist, shelf, copies, model_id):
    others = {path.name for path in shelf.iterdir()} | {model_id}
    card = trainer.train(shorten(model_id), shelf, copies=copies)
    epochs = 0 if model_id == "committee" else 2
    assert load_card(model_id, shelf) == card
    # No weights of an epoch stay behind, even if the last epoch is the best.
    assert {path.name for path in (shelf / model_id).iterdir()} == {*card.files, CARD_FILE}
    assert load_history(model_id, shelf).epochs == epochs
    assert load_validation_confusions(model_id, shelf).sum() == epochs * 200
    assert np.sum(card.test_confusion) == len(small_mnist)
    probabilities = load_classifier(model_id, shelf).probabilities(small_mnist.frames)
    accuracy = (probabilities.argmax(axis=1) == small_mnist.labels).mean()
    assert accuracy == pytest.approx(card.metrics["test_accuracy"].value, abs=0.005)
    assert accuracy > 0.2  # two epochs on a thousand digits learn something
    assert {path.name for path in shelf.iterdir()} == others


@pytest.mark.usefixtures("small_mnist")
def test_the_same_seed_trains_the_same_model(tmp_path, copies):
    first, second = (
        trainer.train(shorten("deep_cnn", 1), tmp_path / name, copies=copies).files[
            "test_probabilities.npy"
        ]
        for name in ("one", "two")
    )
    assert first == second


@pytest.mark.usefixtures("small_mnist")
def test_the_seed_with_the_smallest_validation_loss_is_published(tmp_path, copies):
    entry = shorten("logistic_regression", 1)
    card = trainer.train(entry, tmp_path, copies=copies, seeds=(1, 2))
    assert [run.seed for run in card.seed_runs] == [1, 2]
    best = min(card.seed_runs, key=lambda run: run.validation_loss)
    assert card.recipe["seed"] == best.seed
    assert card.metrics["test_accuracy"].value == best.test_accuracy
    assert len({run.validation_loss for run in card.seed_runs}) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["logistic_regression"]


@pytest.mark.usefixtures("small_mnist")
def test_an_ensemble_predicts_the_mean_of_its_members(bundled_digits, shelf, copies):
    members = [load_classifier(model_id, shelf) for model_id in ("cnn", "lenet5")]
    predictions = [member.probabilities(bundled_digits.frames) for member in members]
    expected = np.mean(predictions, axis=0)
    card = trainer.train(shorten("committee"), shelf, copies=copies)
    predicted = load_classifier("committee", shelf).probabilities(bundled_digits.frames)
    assert np.abs(predicted - expected).max() < 1e-5
    assert card.parameter_count == 34_622 + 223_274
    assert card.calibration.temperature == 1


@pytest.mark.usefixtures("small_mnist")
def test_a_model_without_its_teacher_is_refused(tmp_path, copies):
    with pytest.raises(FileNotFoundError, match="deep_cnn"):
        trainer.train(shorten("lenet5"), tmp_path, copies=copies)


def test_a_temperature_is_kept_in_the_weights(bundled_digits):
    model = find_entry("mlp").build()
    frames = bundled_digits.frames[:50]
    before = model.predict(frames, verbose=0)
    measurement.calibrate(model, 2.5)
    assert np.allclose(model.predict(frames, verbose=0), apply_temperature(before, 2.5), atol=1e-5)


def test_a_student_is_softened_in_training_only(bundled_digits, tmp_path):
    model = find_entry("mlp").build()
    trained = keras.Sequential([model, SoftenInTraining(2.0)])
    frames = bundled_digits.frames[:20]
    probabilities = np.asarray(model(frames))
    assert np.array_equal(np.asarray(trained(frames)), probabilities)
    softened = np.asarray(trained(frames, training=True))
    assert softened == pytest.approx(apply_temperature(probabilities, 2.0), abs=1e-5)
    trained.save_weights(tmp_path / "epoch.weights.h5")
    again = find_entry("mlp").build()
    keras.Sequential([again, SoftenInTraining(2.0)]).load_weights(tmp_path / "epoch.weights.h5")
    assert np.array_equal(np.asarray(again(frames)), probabilities)


def test_what_no_template_resembles_gets_the_uniform_distribution():
    far, near = np.full((1, 10), -9.0), np.eye(10)[3:4] * 18 - 9
    assert np.asarray(softmax_with_rejection(far)) == pytest.approx(0.1, abs=1e-3)
    probabilities = np.asarray(softmax_with_rejection(near))[0]
    assert probabilities.argmax() == 3
    assert probabilities[3] > 0.99
    assert probabilities.sum() == pytest.approx(1)


@pytest.mark.usefixtures("small_mnist")
def test_the_published_recipe_leaves_figures_but_no_model(tmp_path, copies):
    entry = find_entry("logistic_regression")
    short = replace(entry, published_recipe=replace(entry.published_recipe, epochs=2))
    replication = trainer.replicate(short, tmp_path, copies=copies)
    assert load_replication("logistic_regression", tmp_path) == replication
    assert replication.recipe["epochs"] == 2
    assert replication.test_accuracy.value > 0.25
    assert [path.name for path in tmp_path.iterdir()] == ["replications"]


def test_a_model_that_nobody_published_cannot_be_replicated(tmp_path, copies):
    with pytest.raises(ValueError, match="numpy_dense has none"):
        trainer.replicate(find_entry("numpy_dense"), tmp_path, copies=copies)


@pytest.mark.parametrize("lean", [-0.3, 0.0, 0.25])
def test_a_leaning_line_is_set_upright_in_the_middle(lean):
    rows, columns = np.mgrid[:28, :28]
    line = np.clip(1.5 - np.abs(columns - 11 - lean * (rows - 13)), 0, 1)
    line[(rows < 4) | (rows > 24)] = 0
    upright = np.asarray(SetUpright()(line[None].astype(np.float32)))[0] ** 2
    mass = upright.sum()
    middle = np.array([(upright * place).sum() / mass for place in (rows, columns)])
    assert np.allclose(middle, 13.5, atol=0.05)
    covariance = (upright * (rows - 13.5) * (columns - 13.5)).sum()
    assert abs(covariance / (upright * (rows - 13.5) ** 2).sum()) < 0.02


@pytest.mark.parametrize("size", [0.8, 1.0, 1.2])
@pytest.mark.parametrize("slimness", [0.3, 0.6, 0.9])
def test_digits_come_to_one_size_and_their_proportion_to_its_root(size, slimness):
    rows, columns = np.mgrid[:28, :28] - 13.5
    height, width = 9 * size, 9 * size * slimness
    oval = np.clip(2 - 6 * np.abs(np.hypot(rows / height, columns / width) - 1), 0, 1)
    high, wide = measure_spread(oval)
    higher, wider = measure_spread(np.asarray(SetUpright()(oval[None].astype(np.float32)))[0] ** 2)
    # Interpolation smooths, which adds to both.
    assert higher == pytest.approx(SPREAD * high / np.hypot(high, wide), abs=0.25)
    assert wider / higher == pytest.approx(np.sqrt(PROPORTION * wide / high), abs=0.05)


@pytest.mark.parametrize("width", [2.0, 2.4, 2.8, 3.6, 4.4])
def test_common_pens_come_to_one_width(width):
    rows, columns = np.mgrid[:28, :28] - 13.5
    ring = np.clip(width / 2 + 0.5 - np.abs(np.hypot(rows, columns) - 7), 0, 1)
    even = np.asarray(EvenPen()(ring[None].astype(np.float32)))[0]
    # A stroke that grew by less than a pixel has a grey edge: its width follows from its ink.
    assert even.sum() / (2 * np.pi * 7) == pytest.approx(PEN_WIDTH, abs=0.35)
    assert 0 <= even.min() <= even.max() <= 1


def test_grey_paper_is_cleared_and_white_paper_left_alone(bundled_digits):
    frames = bundled_digits.frames[:20]
    clear = ClearPaper()
    assert np.allclose(np.asarray(clear(frames)), frames, atol=1e-5)
    assert np.allclose(np.asarray(clear(0.4 + 0.6 * frames)), frames, atol=1e-5)


def test_a_frame_without_ink_stays_without():
    blank = np.zeros((1, 28, 28), np.float32)
    assert not np.asarray(SetUpright()(EvenPen()(ClearPaper()(blank)))).any()


def measure_spread(frame: np.ndarray) -> tuple[float, float]:
    """How far ink is spread upwards and sideways from the middle: standard deviations."""
    places = np.arange(28) - 13.5
    squares = [frame.sum(axis=axis) @ places**2 / frame.sum() for axis in (1, 0)]
    return float(np.sqrt(squares[0])), float(np.sqrt(squares[1]))


def test_no_image_is_both_trained_on_and_held_out(bundled_digits):
    numbered = bundled_digits.images.copy()
    numbered[:, 0, 0], numbered[:, 0, 1] = np.divmod(np.arange(1797), 256)
    dataset = Dataset(
        "numbered", "Numbered", np.tile(numbered, (4, 1, 1)), np.tile(bundled_digits.labels, 4)
    )
    dataset.images[:, 0, 2] = np.repeat(np.arange(4), 1797)
    kept, held_out = training_data.split_validation(dataset)
    again, _ = training_data.split_validation(dataset)

    def keys(part: Dataset) -> set[bytes]:
        return {image[0, :3].tobytes() for image in part.images}

    assert len(held_out) == 5000
    assert len(keys(kept) | keys(held_out)) == len(dataset)
    assert not keys(kept) & keys(held_out)
    assert np.array_equal(kept.images, again.images)


@pytest.mark.usefixtures("small_mnist")
def test_a_training_that_fails_leaves_the_previous_model(tmp_path, copies, monkeypatch):
    shutil.copytree(ARTIFACTS_DIRECTORY / "logistic_regression", tmp_path / "logistic_regression")
    before = load_card("logistic_regression", tmp_path)

    def break_down(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(measurement, "estimate_accuracy", break_down)
    with pytest.raises(RuntimeError, match="power cut"):
        trainer.train(shorten("logistic_regression", 1), tmp_path, copies=copies)
    assert load_card("logistic_regression", tmp_path) == before
    assert load_classifier("logistic_regression", tmp_path)


@pytest.mark.parametrize("model_id", list_model_ids())
def test_litert_agrees_with_keras_on_real_digits(bundled_digits, tmp_path, model_id):
    import keras

    (tmp_path / KERAS_FILE).write_bytes(read_file(model_id, KERAS_FILE))
    model = keras.saving.load_model(tmp_path / KERAS_FILE, compile=False)
    assert model.count_params() == load_card(model_id).parameter_count
    expected = model.predict(bundled_digits.frames, batch_size=256, verbose=0)
    served = load_classifier(model_id).probabilities(bundled_digits.frames)
    # Logistic regression takes a root, which makes more of what was rounded.
    assert np.abs(served - expected).max() < 2e-5


def test_the_command_line_lists_the_zoo(capsys):
    assert main(["--list"]) == 0
    printed = "\n" + capsys.readouterr().out
    for entry in ZOO.values():
        part = printed[printed.index(f"\n{entry.id}: ") :].split("\n\n")[0]
        assert "best: " in part
        assert ("published: " in part) == (entry.published_recipe is not None)
    assert "lenet5: LeNet-5, 34,622 parameters" in printed


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["lenet6"], "choices are deep_cnn, regularised_cnn, cnn"),
        ([], "name a model"),
        (["lenet5", "--seeds", "0"], "--seeds must be at least 1"),
    ],
)
def test_the_command_line_refuses_what_it_cannot_train(capsys, words, reason):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    assert reason in capsys.readouterr().err


def test_the_command_line_says_when_mnist_is_missing(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere")
    assert main(["lenet5", "--directory", str(tmp_path)]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_unavailable_mnist_trains_nothing(tmp_path, copies, monkeypatch):
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere")
    with pytest.raises(MnistUnavailableError):
        trainer.train(shorten("mlp"), tmp_path, copies=copies)
    assert list(tmp_path.iterdir()) == []
