"""The files of models: a contract that every directory keeps, and refusals of those that do not."""

import json
import shutil

import numpy as np
import pytest

from core.analysis.calibration import expected_calibration_error
from core.digits.frame import FRAME_VERSION
from core.inference.classifier import load_classifier
from core.models import files
from core.models.card import Estimate, ModelCard, Replication
from core.models.files import (
    ARTIFACTS_DIRECTORY,
    RUNS_VARIABLE,
    DamagedArtifactError,
    is_run,
    list_model_ids,
    load_card,
    load_history,
    load_replication,
    load_test_probabilities,
    load_validation_confusions,
    locate_model,
    read_file,
    runs_directory,
)
from core.models.publish import publish, save_replication
from tests.core.runs.conftest import finish_run, make_run

MODEL_IDS = list_model_ids()


def test_all_models_have_the_published_parameter_counts():
    counts = {model_id: load_card(model_id).parameter_count for model_id in MODEL_IDS}
    assert (
        counts.items()
        >= {
            "lenet5": 34_622,
            "logistic_regression": 7_850,
            "mlp": 399_210,
            "cnn": 223_274,
            "sigmoid_mlp": 235_146,
        }.items()
    )
    assert set(counts) >= {"regularised_lenet5", "regularised_cnn", "numpy_dense", "committee"}


def test_no_model_falls_behind_what_was_published_for_its_kind():
    for model_id in MODEL_IDS:
        card = load_card(model_id)
        if card.published.test_accuracy is not None:
            assert card.metrics["test_accuracy"].value >= card.published.test_accuracy


def test_all_models_together_stay_small():
    files = [path for path in ARTIFACTS_DIRECTORY.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 25e6


def test_a_replication_survives_a_round_trip(tmp_path):
    assert load_replication("lenet5", tmp_path) is None
    kept = Replication("lenet5", {"epochs": 30}, Estimate(0.98, 0.97, 0.99), 12, 60.0)
    assert save_replication(kept, tmp_path).exists()
    assert load_replication("lenet5", tmp_path) == kept
    assert list_model_ids(tmp_path) == []


def test_a_damaged_replication_is_refused(tmp_path):
    kept = Replication("lenet5", {}, Estimate(0.98, 0.97, 0.99), 12, 60.0)
    save_replication(kept, tmp_path).write_text('{"model_id": "lenet5"}', "utf-8")
    with pytest.raises(DamagedArtifactError, match=r"lenet5\.json in replications is damaged"):
        load_replication("lenet5", tmp_path)


@pytest.mark.parametrize("model_id", MODEL_IDS)
class TestEveryModel:
    def test_its_files_have_the_digests_on_its_card(self, model_id):
        card = load_card(model_id)
        assert set(card.files) == set(files.SEALED_FILES)
        on_disk = {path.name for path in (ARTIFACTS_DIRECTORY / model_id).iterdir()}
        assert on_disk - {files.ROBUSTNESS_FILE} == {*card.files, files.CARD_FILE}
        for name in card.files:
            assert read_file(model_id, name)

    def test_its_card_survives_a_round_trip(self, model_id):
        card = load_card(model_id)
        assert ModelCard.from_json(card.to_json()) == card

    def test_its_frames_are_those_of_this_version(self, model_id):
        assert load_card(model_id).frame_version == FRAME_VERSION

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
        assert (confusions.sum(axis=(1, 2)) == 5000).all()
        accuracy = np.trace(confusions, axis1=1, axis2=2) / 5000
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
        assert error <= 0.01
        not_sure = (probabilities.max(axis=1) < calibration.not_sure_below).mean()
        assert not_sure == pytest.approx(calibration.not_sure["mnist_test"], abs=1e-6)
        assert not_sure <= 0.005
        assert calibration.not_sure["validation"] <= 0.005

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


@pytest.fixture
def shelf(tmp_path):
    """A folder with one model that a test may damage."""
    shutil.copytree(ARTIFACTS_DIRECTORY / "logistic_regression", tmp_path / "logistic_regression")
    return tmp_path


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A finished run where runs are."""
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))
    return finish_run(make_run())


def test_a_run_is_found_by_its_id_wherever_a_model_is(run, tmp_path, bundled_digits):
    assert is_run(run.id)
    assert runs_directory() == tmp_path
    assert locate_model(run.id) == tmp_path / run.id
    assert load_card(run.id).id == run.id
    assert load_history(run.id).epochs == len(load_validation_confusions(run.id))
    built_in = load_test_probabilities("logistic_regression")
    assert np.array_equal(load_test_probabilities(run.id), built_in)
    frames = bundled_digits.frames[:5]
    assert load_classifier(run.id).probabilities(frames) == pytest.approx(
        load_classifier("logistic_regression").probabilities(frames)
    )
    assert run.id not in list_model_ids()


def test_a_given_directory_takes_precedence(run, shelf, tmp_path):
    shutil.copytree(tmp_path / run.id, shelf / "elsewhere" / run.id)
    assert load_card("logistic_regression", shelf).id == "logistic_regression"
    assert load_card(run.id, shelf / "elsewhere").id == run.id
    assert locate_model("lenet5") == ARTIFACTS_DIRECTORY / "lenet5"


def test_the_message_on_a_missing_run_names_no_other_run(run):
    with pytest.raises(FileNotFoundError, match="choices are cnn") as refusal:
        load_card("run_000000000000")
    assert run.id not in str(refusal.value)


@pytest.mark.parametrize("name", ["run_0123456789AB", "run_0123456789abc", "run_", "lenet5"])
def test_other_ids_are_not_ids_of_runs(name):
    assert not is_run(name)


def test_an_empty_folder_holds_no_models(tmp_path):
    assert list_model_ids(tmp_path) == []
    assert list_model_ids(tmp_path / "missing") == []


def test_an_unfinished_training_is_no_model(shelf):
    shutil.copytree(shelf / "logistic_regression", shelf / ".mlp.training")
    assert list_model_ids(shelf) == ["logistic_regression"]


@pytest.mark.parametrize("model_id", ["mlp", "", "..", "../lenet5", "Logistic_Regression"])
def test_an_unknown_id_is_refused_with_the_choices(shelf, model_id):
    with pytest.raises(FileNotFoundError, match="choices are logistic_regression"):
        load_card(model_id, shelf)


@pytest.mark.parametrize("name", files.SEALED_FILES)
def test_a_file_that_was_changed_is_refused(shelf, name):
    path = shelf / "logistic_regression" / name
    contents = bytearray(path.read_bytes())
    contents[len(contents) // 2] ^= 1
    path.write_bytes(contents)
    with pytest.raises(DamagedArtifactError, match=r"does not have the SHA-256 on the card"):
        read_file("logistic_regression", name, shelf)


def test_a_missing_file_gives_a_message(shelf):
    (shelf / "logistic_regression" / "model.tflite").unlink()
    with pytest.raises(DamagedArtifactError, match=r"model\.tflite .* is missing"):
        load_classifier("logistic_regression", shelf)


def test_a_file_that_is_not_on_the_card_is_refused(shelf):
    (shelf / "logistic_regression" / "extra.pkl").write_bytes(b"anything")
    with pytest.raises(DamagedArtifactError, match=r"does not list extra\.pkl"):
        read_file("logistic_regression", "extra.pkl", shelf)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"title"', '"name"'),
        lambda text: text.replace('"parameter_count": 7850', '"parameter_count": 7851'),
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


def test_publishing_replaces_a_model_completely(shelf):
    card = load_card("logistic_regression", shelf)
    staging = shelf / ".logistic_regression.training"
    shutil.copytree(shelf / "logistic_regression", staging)
    newer = ModelCard.from_json(json.dumps({**json.loads(card.to_json()), "title": "Newer"}))
    (shelf / "logistic_regression" / "stale").touch()
    assert publish(staging, newer, shelf) == shelf / "logistic_regression"
    assert load_card("logistic_regression", shelf).title == "Newer"
    assert sorted(path.name for path in shelf.iterdir()) == ["logistic_regression"]
    assert not (shelf / "logistic_regression" / "stale").exists()


@pytest.mark.parametrize("bounds", [(0.5, 0.6, 0.7), (0.5, 0.4, 1.1), (0.5, 0.2, 0.4)])
def test_an_estimate_outside_its_interval_is_refused(bounds):
    with pytest.raises(ValueError, match="expected 0 ≤ low"):
        Estimate(*bounds)
