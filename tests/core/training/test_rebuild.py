"""Models of imported runs; these tests import TensorFlow."""

import io
import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from core.inference.classifier import Classifier
from core.models.files import KERAS_FILE, LITERT_FILE, WEIGHTS_FILE, read_file
from core.runs.exchange import export_run, import_run
from core.runs.layers import read_layers
from core.runs.plan import TrainingPlan, list_trainable
from core.runs.rebuilding import REBUILDER, rebuild_model
from core.runs.run import write_run
from core.training import rebuild as rebuilding
from core.training.rebuild import rebuild
from core.training.weights import ARRAYS_FILE, save_weights
from core.training.zoo import find_entry
from tests.core.runs.conftest import MODEL_ID, finish_run, make_run


def place_run(directory: Path, plan: TrainingPlan, **files: bytes) -> Path:
    """A directory as an import leaves it for the trainer."""
    place = write_run(make_run(plan=plan.to_fields()), directory)
    for name, contents in files.items():
        (place / name).write_bytes(contents)
    return place


def read_arrays(keras_file: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(keras_file)) as archive:
        return archive.read(ARRAYS_FILE)


def pack_arrays(arrays: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("config.json", '{"class_name": "Lambda"}')
        archive.writestr(ARRAYS_FILE, arrays)
    return buffer.getvalue()


@pytest.mark.parametrize("model_id", ["logistic_regression", "regularised_lenet5", "deep_cnn"])
def test_a_model_is_rebuilt_from_its_keras_arrays_and_from_its_weights(tmp_path, model_id):
    plan = TrainingPlan(architecture=model_id)
    place = place_run(tmp_path, plan, **{KERAS_FILE: read_file(model_id, KERAS_FILE)})
    frames = np.random.default_rng(1).random((20, 28, 28), np.float32)
    expected = Classifier("it", "It", read_file(model_id, LITERT_FILE)).probabilities(frames)
    for _ in range(2):
        rebuild(place)
        found = Classifier("it", "It", (place / LITERT_FILE).read_bytes()).probabilities(frames)
        assert np.allclose(found, expected, atol=1e-5)
        (place / KERAS_FILE).unlink()  # the second time, only the weights are there


@pytest.mark.parametrize("model_id", list_trainable())
def test_the_file_of_the_weights_has_a_number_for_each_parameter(tmp_path, model_id):
    model = find_entry(model_id).build()
    save_weights(model, tmp_path)
    weights = np.load(tmp_path / WEIGHTS_FILE, allow_pickle=False)
    assert weights.shape == (model.count_params(),)
    assert weights.dtype == np.float32


def test_layers_of_ones_own_are_rebuilt(tmp_path):
    layers = read_layers("Conv2D.6.5_BatchNormalization_MaxPooling2D_Dropout.20_Flatten_Dense.9")
    plan = TrainingPlan(architecture=None, layers=layers)
    place = place_run(tmp_path, plan)
    entry = rebuilding.build_entry(make_run(), plan)
    model = entry.build()
    save_weights(model, place)
    rebuild(place)
    again = keras.saving.load_model(place / KERAS_FILE, compile=False)
    for found, expected in zip(again.get_weights(), model.get_weights(), strict=True):
        assert np.array_equal(found, expected)


def test_the_process_that_rebuilds_ends_when_its_input_does(tmp_path):
    """The server that waits for it holds its input, and may be killed."""
    plan = TrainingPlan(architecture=MODEL_ID)
    place = place_run(tmp_path, plan, **{KERAS_FILE: read_file(MODEL_ID, KERAS_FILE)})
    done = subprocess.run([*REBUILDER, str(place)], stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 1
    assert not (place / LITERT_FILE).exists()


def test_another_number_of_weights_is_a_sentence(tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(7, np.float32))
    plan = TrainingPlan(architecture=MODEL_ID)
    place = place_run(tmp_path, plan, **{WEIGHTS_FILE: buffer.getvalue()})
    with pytest.raises(ValueError, match="has 7,850 weights, but its file has 7"):
        rebuild_model(place)


def test_weights_that_give_no_probabilities_are_refused(tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, np.full(7850, 3e38, np.float32))
    plan = TrainingPlan(architecture=MODEL_ID)
    place = place_run(tmp_path, plan, **{WEIGHTS_FILE: buffer.getvalue()})
    with pytest.raises(ValueError, match="its weights are damaged"):
        rebuild(place)


def add_link(link: object) -> bytes:
    """The arrays of a built-in model, and a link in place of one of them."""
    buffer = io.BytesIO(read_arrays(read_file("mlp", KERAS_FILE)))
    with h5py.File(buffer, "r+") as file:
        group = file["layers"]["dense"]["vars"]
        del group["0"]
        group["0"] = link
    return buffer.getvalue()


def add_array(**options: object) -> bytes:
    buffer = io.BytesIO(read_arrays(read_file("mlp", KERAS_FILE)))
    with h5py.File(buffer, "r+") as file:
        file["layers"]["dense"].create_dataset("more", **options)
    return buffer.getvalue()


def add_cycle() -> bytes:
    buffer = io.BytesIO(read_arrays(read_file("mlp", KERAS_FILE)))
    with h5py.File(buffer, "r+") as file:
        file["layers"]["dense"]["again"] = file["layers"]
    return buffer.getvalue()


HOSTILE = {
    "an external link": lambda: add_link(h5py.ExternalLink("/etc/passwd", "/")),
    "a soft link": lambda: add_link(h5py.SoftLink("/layers/dense_1/vars/0")),
    "an external array": lambda: add_array(
        shape=(4,), dtype="f4", external=[("/etc/passwd", 0, 16)]
    ),
    "text": lambda: add_array(data=b"cos\nsystem\n(S'true'\ntR."),
    "a very large array": lambda: add_array(shape=(10**6, 10**6), dtype="f4"),
    "a compressed array": lambda: add_array(data=np.zeros(10**5), compression="gzip"),
    "a group in itself": add_cycle,
    "a pickle": lambda: b"cos\nsystem\n(S'true'\ntR.",
    "nothing": lambda: b"",
    "half of it": lambda: read_arrays(read_file("mlp", KERAS_FILE))[:100_000],
    "another network": lambda: read_arrays(read_file("lenet5", KERAS_FILE)),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_arrays_in_a_keras_file_are_refused(tmp_path, make):
    plan = TrainingPlan(architecture="mlp")
    place = place_run(tmp_path, plan, **{KERAS_FILE: pack_arrays(make())})
    with pytest.raises(ValueError, match=r"^The weights in the Keras file of this run are damaged"):
        rebuild(place)


def test_the_configuration_in_a_keras_file_is_not_looked_at(tmp_path):
    arrays = read_arrays(read_file("mlp", KERAS_FILE))
    plan = TrainingPlan(architecture="mlp")
    place = place_run(tmp_path, plan, **{KERAS_FILE: pack_arrays(arrays)})
    rebuild(place)
    assert (place / LITERT_FILE).read_bytes() == read_file("mlp", LITERT_FILE)


def test_a_run_of_an_earlier_version_is_exported_with_its_weights_and_imported(tmp_path):
    run = finish_run(make_run(owner="anna"), tmp_path)
    card_file = tmp_path / run.id / "card.json"
    card = json.loads(card_file.read_text("utf-8"))
    expected = (tmp_path / run.id / WEIGHTS_FILE).read_bytes()
    (tmp_path / run.id / WEIGHTS_FILE).unlink()
    del card["files"][WEIGHTS_FILE]
    card_file.write_text(json.dumps(card), "utf-8")
    exported = export_run(run.id, tmp_path)
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        assert archive.read(WEIGHTS_FILE) == expected
    imported = import_run(exported, "ben", tmp_path)
    for name in (LITERT_FILE, WEIGHTS_FILE):
        assert (tmp_path / imported.id / name).read_bytes() == (
            expected if name == WEIGHTS_FILE else read_file(MODEL_ID, name)
        )
    assert replace(imported, id=run.id, owner="anna", named_at=None) == run
