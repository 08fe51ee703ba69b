import numpy as np
import pytest

from core.inference import sandbox
from core.inference.sandbox import check_model, validate_in_sandbox
from core.models.files import LITERT_FILE, list_model_ids, read_file


@pytest.mark.parametrize("model_id", list_model_ids())
def test_every_model_of_ours_passes(model_id):
    check_model(read_file(model_id, LITERT_FILE))


def test_a_sound_model_passes_the_sandbox():
    assert validate_in_sandbox(read_file("lenet5", LITERT_FILE)) is None


@pytest.mark.parametrize("model", [b"", b"no model", b"TFL3" * 100], ids=["empty", "text", "TFL3"])
def test_a_file_that_is_no_model_gives_a_message(model):
    with pytest.raises(
        ValueError, match=r"^This LiteRT file is not a model that classifies .*\)\.$"
    ):
        validate_in_sandbox(model)


def test_an_operation_that_no_network_of_ours_has_is_refused(monkeypatch):
    monkeypatch.setattr(sandbox, "OPERATIONS", sandbox.OPERATIONS - {"SOFTMAX"})
    with pytest.raises(ValueError, match="it may not use SOFTMAX"):
        check_model(read_file("lenet5", LITERT_FILE))


def test_outputs_that_are_no_probabilities_are_refused(monkeypatch):
    monkeypatch.setattr(
        sandbox.Classifier, "probabilities", lambda _, frames: np.zeros((len(frames), 10))
    )
    with pytest.raises(ValueError, match="its outputs are not probabilities"):
        check_model(read_file("lenet5", LITERT_FILE))


def test_a_model_that_takes_too_long_gives_a_message(monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS", 0.001)
    with pytest.raises(ValueError, match="takes longer than"):
        validate_in_sandbox(read_file("lenet5", LITERT_FILE))
