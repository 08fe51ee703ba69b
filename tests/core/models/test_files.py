"""The files of models: a contract that every directory keeps, and refusals of those that do not."""

import shutil

import numpy as np
import pytest

from core.inference.classifier import load_classifier
from core.models import files
from core.models.files import (
    ARTIFACTS_DIRECTORY,
    RUNS_VARIABLE,
    DamagedArtifactError,
    is_run,
    list_model_ids,
    load_card,
    load_history,
    load_test_probabilities,
    load_validation_confusions,
    locate_model,
    read_file,
    runs_directory,
)
from tests.core.runs.conftest import finish_run, make_run


def test_all_models_together_stay_small():
    files = [path for path in ARTIFACTS_DIRECTORY.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 25e6


@pytest.mark.parametrize("model_id", list_model_ids())
def test_the_files_of_a_model_have_the_digests_on_its_card(model_id):
    card = load_card(model_id)
    assert set(card.files) == set(files.SEALED_FILES)
    on_disk = {path.name for path in (ARTIFACTS_DIRECTORY / model_id).iterdir()}
    measured = {files.ROBUSTNESS_FILE, files.FINDINGS_FILE, files.MAP_FILE}
    assert on_disk - measured == {*card.files, files.CARD_FILE}
    for name in card.files:
        assert read_file(model_id, name)


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
