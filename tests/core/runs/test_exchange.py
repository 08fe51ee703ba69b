import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.models.files import (
    KERAS_FILE,
    LITERT_FILE,
    SEALED_FILES,
    WEIGHTS_FILE,
    DamagedArtifactError,
    load_card,
    read_file,
)
from core.runs import exchange, jobs, rebuilding, store
from core.runs.exchange import FIGURES, export_run, import_run
from core.runs.finished import list_finished
from core.runs.jobs import TrainingUnavailableError
from core.runs.plan import TrainingPlan
from core.runs.rebuilding import rebuild_model
from core.runs.run import UnknownRunError, list_runs, load_run, new_run_id, save_run
from core.runs.store import TooManyRunsError
from tests.core.runs.conftest import (
    MODEL_ID,
    damage,
    finish_run,
    finish_run_on_bundled_digits,
    list_places,
    make_run,
    rebuild_built_in,
)
from tests.messages import assert_plain

Files = dict[str, bytes]
PACKED_FILES = (*FIGURES, WEIGHTS_FILE)


@pytest.fixture(autouse=True)
def rebuilt(monkeypatch) -> list[set[str]]:
    """Rebuild without TensorFlow; lists the names of the files that each rebuilding had."""
    found = []

    def rebuild(place: Path) -> None:
        found.append({file.name for file in place.iterdir()})
        rebuild_built_in(place)

    monkeypatch.setattr(exchange, "rebuild_model", rebuild)
    return found


def pack(files: list[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, contents in files:
            archive.writestr(name, contents)
    return buffer.getvalue()


def unpack(contents: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def seal(files: Files) -> bytes:
    """A zip whose card and manifest name the digests of the files as they are now."""

    def digest(names: set[str]) -> dict[str, str]:
        return {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(names)}

    card = json.loads(files["card.json"])
    if isinstance(card, dict):
        card["files"] |= digest(card["files"].keys() & files.keys())
        files["card.json"] = json.dumps(card).encode()
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = digest(files.keys() - {"manifest.json"})
    files["manifest.json"] = json.dumps(manifest).encode()
    return pack(list(files.items()))


def pack_as_version_1(files: Files, **more: bytes) -> bytes:
    """An export of the first version: with a Keras and a LiteRT file instead of the weights."""
    old = {name: contents for name, contents in files.items() if name != WEIGHTS_FILE}
    old |= {name: read_file(MODEL_ID, name) for name in (KERAS_FILE, LITERT_FILE)} | more
    change_json("card.json", lambda one: one["files"].pop(WEIGHTS_FILE))(old)
    change_json("manifest.json", lambda one: one.update(version=1))(old)
    return seal(old)


def write_array(array: object, **options: bool) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(array), **options)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> bytes:
    home = tmp_path_factory.mktemp("exported")
    run = make_run(owner="anna", name="Hers", description="What she trained")
    return export_run(finish_run(run, home).id, home)


@pytest.fixture
def files(exported) -> Files:
    return unpack(exported)


def refuse(tmp_path, contents: bytes, message: str) -> None:
    """The import is refused with a sentence, and leaves nothing behind."""
    with pytest.raises(ValueError, match=message) as refusal:
        import_run(contents, "ben", tmp_path)
    assert_plain(str(refusal.value))
    assert len(str(refusal.value)) < 500
    assert list(tmp_path.iterdir()) == []


def change_json(name: str, change: Callable[[dict], object]) -> Callable[[Files], object]:
    def apply(files: Files) -> None:
        document = json.loads(files[name])
        change(document)
        files[name] = json.dumps(document).encode()

    return apply


def test_an_imported_run_is_a_new_run_of_the_visitor_who_imports_it(tmp_path, exported):
    run = import_run(exported, "ben", tmp_path)
    assert (run.name, run.description) == ("Hers", "What she trained")
    assert run.plan == make_run().plan
    assert run.owner == "ben"
    assert run.created_at < run.named_at
    assert load_run(run.id, tmp_path) == run
    (found,) = list_finished("ben", tmp_path)
    assert found.card.id == run.id
    assert list_places(tmp_path) == [run.id]
    for name in SEALED_FILES:
        assert read_file(run.id, name, tmp_path) == read_file("logistic_regression", name)
    assert import_run(exported, "ben", tmp_path).id != run.id


@pytest.mark.parametrize("folder", ["", "run_a0eebc999c0b/", "Downloads/my run/"])
def test_an_export_that_was_unpacked_and_packed_again_is_imported(tmp_path, files, folder):
    for name in ("manifest.json", "card.json", "history.csv"):
        files[name] = b"\xef\xbb\xbf" + files[name]  # an editor's byte order mark
    renamed = [(folder + name, contents) for name, contents in files.items()]
    added = [(name, b"x") for name in ("__MACOSX/._card.json", f"{folder}.DS_Store")]
    run = import_run(pack([*renamed, *added]), "ben", tmp_path)
    assert [found.run for found in list_finished("ben", tmp_path) if not found.damage] == [run]


def test_a_run_on_bundled_digits_is_exported_and_imported(tmp_path):
    run = finish_run_on_bundled_digits(make_run(owner="anna"), tmp_path)
    imported = import_run(export_run(run.id, tmp_path), "ben", tmp_path)
    (found,) = list_finished("ben", tmp_path)
    expected = load_card(run.id, tmp_path)
    assert found.run.id == imported.id
    assert (found.card.trained_on, found.card.test_set) == (
        ("bundled_digits",),
        "bundled_digits_test",
    )
    assert found.card.metrics == expected.metrics


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda one: one.update(test_set="mnist_test"), "do not belong together"),
        (lambda one: one.update(test_set="everything"), "do not belong together"),
        (lambda one: one.update(trained_on=[]), "do not belong together"),
        (lambda one: one.update(trained_on=["bundled_digits", "letters"]), "not known"),
        (lambda one: one.update(test_confusion=[[2] * 10] * 10), "counts of 355 digits"),
        (
            lambda one: one.update(trained_on=["my_drawings"], test_set="my_drawings_test"),
            "not that of the training plan",
        ),
    ],
)
def test_training_data_that_is_not_that_of_the_figures_is_refused(tmp_path, change, message):
    (tmp_path / "home").mkdir()
    home = tmp_path / "there"
    run = finish_run_on_bundled_digits(make_run(owner="anna"), home)
    files = unpack(export_run(run.id, home))
    change_json("card.json", change)(files)
    refuse(tmp_path / "home", seal(files), message)


def test_an_export_does_not_contain_the_owner(files):
    assert list(files) == ["manifest.json", *PACKED_FILES]
    assert b"anna" not in b"".join(files.values())


def test_an_import_can_be_exported_again_unchanged(tmp_path, exported, files):
    run = import_run(exported, "ben", tmp_path)
    again = unpack(export_run(run.id, tmp_path))
    for name in (*FIGURES[1:], WEIGHTS_FILE):
        assert again[name] == files[name]


def test_only_finished_and_sound_runs_are_exported(tmp_path):
    waiting, broken = make_run(), finish_run(make_run(), tmp_path)
    save_run(waiting, tmp_path)
    damage(broken, "weights.npy", tmp_path)
    with pytest.raises(FileNotFoundError):
        export_run(waiting.id, tmp_path)
    with pytest.raises(DamagedArtifactError):
        export_run(broken.id, tmp_path)
    with pytest.raises(UnknownRunError):
        export_run(new_run_id(), tmp_path)


@pytest.mark.parametrize("name", PACKED_FILES)
def test_a_file_that_is_not_the_one_of_the_manifest_is_refused(tmp_path, files, name):
    changed = bytearray(files[name])
    changed[len(changed) // 2] ^= 1
    refuse(
        tmp_path,
        pack([*{**files, name: bytes(changed)}.items()]),
        f"The file {name} does not have the SHA-256",
    )


@pytest.mark.parametrize(
    "name",
    [
        "readme.txt",
        "../run.json",
        "/etc/passwd",
        "job/",
        "sub/../card.json",
        "C:\\x",
        "model.pkl",
        "model.tflite",
        "model.keras",
    ],
)
def test_a_file_that_belongs_to_no_run_is_refused(tmp_path, files, name, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    home = tmp_path / "runs"
    home.mkdir()
    refuse(home, pack([*files.items(), (name, b"x")]), "has a file that does not belong to it")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["here", "runs"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["manifest.json", "weights.npy"])
def test_a_file_that_is_there_twice_or_missing_is_refused(tmp_path, files, name):
    refuse(tmp_path, pack([*files.items(), (name, files[name])]), "has one of its files twice")
    del files[name]
    refuse(tmp_path, pack([*files.items()]), f"lacks the file '{name}'")


@pytest.mark.parametrize("contents", [b"", b"no zip", b"PK\x03\x04" * 100, b"PK\x01\x02" * 1000])
def test_a_file_that_is_no_zip_is_refused(tmp_path, contents):
    refuse(
        tmp_path,
        contents,
        "This file is not a zip of a run, or it is damaged|too many files in the zip",
    )


@pytest.mark.parametrize("name", ["manifest.json", *PACKED_FILES])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, files, name):
    most = exchange.MAX_FILE_BYTES.get(name, exchange.MAX_JSON_BYTES)
    bomb = {**files, name: b" " * (most + 1)}
    packed = pack([*bomb.items()], zipfile.ZIP_DEFLATED)
    assert len(packed) < 1_000_000
    refuse(tmp_path, packed, f"There are too many bytes in {name}: .* The limit is {most:,}")


def test_a_zip_that_is_too_large_is_refused(tmp_path, exported, monkeypatch):
    monkeypatch.setattr(exchange, "MAX_ARCHIVE_BYTES", len(exported) - 1)
    refuse(tmp_path, exported, "There are too many bytes in the zip")


MANIFEST_REFUSALS = [
    (lambda one: one.update(format="digitlab-drawings"), "field format"),
    (lambda one: one.update(version=3), "field version"),
    (lambda one: one.update(version=1), "does not belong to it: 'weights.npy'"),
    (lambda one: one.update(name=""), "field name"),
    (lambda one: one.update(name="  "), "field name"),
    (lambda one: one.update(name="n" * 61), "field name"),
    (lambda one: one.update(description="d" * 501), "field description"),
    (lambda one: one.update(created_at="2026-05-01T12:00:00"), "field created_at"),
    (lambda one: one.update(owner="ben"), "field owner"),
    (lambda one: one.update(id="run_000000000000"), "field id"),
    (lambda one: one.update(plan=[]), "field plan"),
    (lambda one: one["files"].pop("card.json"), "does not list the files of the zip"),
    (lambda one: one["files"].update({"../x": "a" * 64}), "does not list the files of the zip"),
    (lambda one: one["files"].update({"card.json": "short"}), r"field files\.card\.json"),
]


@pytest.mark.parametrize(("change", "message"), MANIFEST_REFUSALS)
def test_a_manifest_that_breaks_its_schema_is_refused(tmp_path, files, change, message):
    change_json("manifest.json", change)(files)
    refuse(tmp_path, pack([*files.items()]), message)


@pytest.mark.parametrize("name", ["manifest.json", "card.json"])
@pytest.mark.parametrize(
    "text",
    [b"", b"no JSON", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', b'{"a": 1e999}',
     b'{"a":' * 7 + b"1" + b"}" * 7],
    ids=["empty", "text", "list", "null", "binary", "nested", "NaN", "infinite", "deep"],
)  # fmt: skip
def test_invalid_json_is_refused(tmp_path, files, name, text):
    packed = {**files, name: text}
    if name == "card.json":
        change_json(
            "manifest.json",
            lambda one: one["files"].update({name: hashlib.sha256(text).hexdigest()}),
        )(packed)
    refuse(tmp_path, pack([*packed.items()]), rf"The file {name.replace('.', '[.]')}")


CARD_REFUSALS = [
    (lambda one: one.update(title=5), "field title"),
    (lambda one: one.update(best_epoch="5"), "field best_epoch"),
    (lambda one: one.update(recipe=[]), "field recipe"),
    (lambda one: one.update(extra=1), "not a valid model card"),
    (lambda one: one.pop("calibration"), "field calibration"),
    (lambda one: one.update(parameter_count=1), "card.json is not valid"),
    (lambda one: one.update(id="../x"), "card.json is not valid"),
    (lambda one: one["metrics"].pop("test_accuracy"), "not a valid model card"),
    (lambda one: one["metrics"]["test_accuracy"].update(high=2.0), "field metrics"),
    (lambda one: one["calibration"].update(temperature=0.0), "field calibration"),
    (lambda one: one.update(frame_version=99), "trained on frames of version 99"),
    (lambda one: one["recipe"].update(members=["mlp"]), "is an ensemble"),
    (lambda one: one.update(layers=[], parameter_count=0), "is an ensemble"),
    (lambda one: one.update(best_epoch=0), "the best epoch of card.json among them"),
    (lambda one: one.update(best_epoch=31), "the best epoch of card.json among them"),
    (lambda one: one["test_confusion"][0].__setitem__(0, -1), "counts of 10,000 digits"),
    (
        lambda one: one.update(test_confusion=[[100] * 10] * 10),
        "does not agree with",
    ),
    (lambda one: one["accuracy_by_digit"].update(mnist_test=[2.0] * 10), "ten numbers"),
    (lambda one: one["accuracy_by_digit"].update(mnist_test=[0.5]), "ten numbers"),
]


@pytest.mark.parametrize(("change", "message"), CARD_REFUSALS)
def test_an_invalid_card_is_refused(tmp_path, files, change, message):
    change_json("card.json", change)(files)
    refuse(tmp_path, seal(files), message)


def test_a_card_of_other_files_is_refused(tmp_path, files):
    change_json("card.json", lambda one: one["files"].update({"history.csv": "a" * 64}))(files)
    sealed = files["card.json"]
    change_json(
        "manifest.json",
        lambda one: one["files"].update({"card.json": hashlib.sha256(sealed).hexdigest()}),
    )(files)
    refuse(tmp_path, pack([*files.items()]), "does not have the SHA-256 of the other files")


FILE_REFUSALS = [
    ("history.csv", b"", "epochs"),
    ("history.csv", b"a,b\n1,2\n", "a row with four"),
    ("history.csv", b"loss,accuracy,val_loss,val_accuracy\n" + b"1,1,1,1\n" * 2, "epochs"),
    ("history.csv", b"loss,accuracy,val_loss,val_accuracy\n" + b"1,1,nan,1\n" * 30, "finite"),
    (
        "history.csv",
        b"loss,accuracy,val_loss,val_accuracy,unchanged_loss\n" + b"1,1,1,1,inf\n" * 30,
        "finite",
    ),
    (
        "history.csv",
        b"loss,accuracy,val_loss,val_accuracy\n" + b"1,1\n" * 30,
        "a row with four",
    ),
    ("history.csv", b"\xff\xfe", "a row with four"),
    ("validation_confusions.npy", write_array(np.zeros((2, 10, 10), int)), "have the shape"),
    (
        "validation_confusions.npy",
        write_array(np.zeros((30, 10, 10), int)),
        "must have counts",
    ),
    (
        "validation_confusions.npy",
        write_array(np.full((30, 10, 10), -1)),
        "must have counts",
    ),
    ("validation_confusions.npy", write_array(np.ones((30, 10, 10))), "have the shape"),
    ("test_probabilities.npy", b"", "is not a NumPy array"),
    ("test_probabilities.npy", b"\x93NUMPY\x01\x00", "is not a NumPy array"),
    ("test_probabilities.npy", write_array(np.zeros((10_000, 10), np.float16)), "probabilities"),
    ("test_probabilities.npy", write_array(np.full((10_000, 10), np.nan, np.float16)), "probab"),
    (
        "test_probabilities.npy",
        write_array(np.full((9999, 10), 0.1, np.float16)),
        "have the shape",
    ),
    ("test_probabilities.npy", write_array([{}], allow_pickle=True), "have the shape"),
    (
        "test_probabilities.npy",
        write_array(np.full((10_000, 10), 0.1, np.float16))[:-1],
        "is not a NumPy array",
    ),
    ("weights.npy", b"", "is not a NumPy array"),
    ("weights.npy", write_array([{}] * 7850, allow_pickle=True), "have the shape"),
    ("weights.npy", write_array(np.zeros(7849, np.float32)), "have the shape"),
    ("weights.npy", write_array(np.zeros((785, 10), np.float32)), "have the shape"),
    ("weights.npy", write_array(np.zeros(7850, np.int32)), "have the shape"),
    ("weights.npy", write_array(np.full(7850, np.inf, np.float32)), "not finite"),
]


@pytest.mark.parametrize(("name", "contents", "message"), FILE_REFUSALS)
def test_an_invalid_file_is_refused(tmp_path, files, name, contents, message):
    refuse(tmp_path, seal({**files, name: contents}), message)


def test_an_array_of_more_numbers_than_there_is_memory_is_refused(tmp_path, files):
    contents = write_array(np.full((10_000, 10), 0.1, np.float16))
    head = contents.replace(b"(10000, 10)", b"(10**12, 9)").replace(b"10**12", b"999999")
    refuse(tmp_path, seal({**files, "test_probabilities.npy": head}), "have the shape")


PLAN_REFUSALS = [
    ({}, "The layers in card.json are not those"),  # LeNet-5, by default
    ({"architecture": "mlp"}, "The layers in card.json are not those"),
    ({"architecture": "committee"}, "has no architecture 'committee'"),
    ({"architecture": "from_the_future"}, "has no architecture 'from_the_future'"),
    ({"architecture": "../mlp"}, "training plan of this run is not valid"),
    ({"architecture": None, "layers": 5}, "training plan of this run is not valid"),
    ({"architecture": None, "layers": [{"kind": "Lambda"}]}, "training plan of this run is not"),
    ({"architecture": MODEL_ID, "recipe": [1]}, "training plan of this run is not valid"),
]


@pytest.mark.parametrize(("changes", "message"), PLAN_REFUSALS)
def test_a_plan_of_another_network_is_refused(tmp_path, files, changes, message):
    recipe = TrainingPlan().to_fields()["recipe"]
    plan = {"layers": [], "recipe": recipe} | changes
    change_json("manifest.json", lambda one: one.update(plan=plan))(files)
    refuse(tmp_path, seal(files), message)


def test_no_model_is_in_an_export_and_none_is_loaded_from_an_import(files, tmp_path, rebuilt):
    assert files.keys() == {"manifest.json", *PACKED_FILES}
    import_run(seal(files), "ben", tmp_path)
    assert rebuilt == [{"run.json", *PACKED_FILES}]


def test_the_litert_file_of_an_export_of_version_1_is_not_even_read(
    files, tmp_path, rebuilt, monkeypatch
):
    read = zipfile.ZipFile.read

    def watch(archive: zipfile.ZipFile, name: zipfile.ZipInfo) -> bytes:
        assert name.filename != LITERT_FILE
        return read(archive, name)

    contents = pack_as_version_1(files, **{LITERT_FILE: b"foreign operations"})
    monkeypatch.setattr(zipfile.ZipFile, "read", watch)
    run = import_run(contents, "ben", tmp_path)
    assert rebuilt == [{"run.json", *FIGURES, KERAS_FILE}]
    assert read_file(run.id, LITERT_FILE, tmp_path) == read_file(MODEL_ID, LITERT_FILE)


def test_without_tensorflow_an_import_leaves_nothing_and_says_what_it_needs(
    exported, tmp_path, monkeypatch
):
    monkeypatch.setattr(exchange, "rebuild_model", rebuild_model)
    monkeypatch.setattr(jobs, "find_spec", lambda _: None)
    with pytest.raises(TrainingUnavailableError, match="needs TensorFlow"):
        import_run(exported, "ben", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("print('a warning'); print('The weights are wrong.'); exit(1)", "The weights are wrong."),
        ("import os; os.kill(os.getpid(), 9)", "could not be rebuilt. Try again later."),
        ("import time; time.sleep(60)", "could not be rebuilt within 2 seconds"),
    ],
    ids=["refused", "crashed", "hung"],
)
def test_a_model_that_cannot_be_rebuilt_is_refused(
    exported, tmp_path, monkeypatch, program, message
):
    monkeypatch.setattr(exchange, "rebuild_model", rebuild_model)
    monkeypatch.setattr(rebuilding, "can_train", lambda: True)
    monkeypatch.setattr(rebuilding, "REBUILDER", (sys.executable, "-c", program))
    monkeypatch.setattr(rebuilding, "SECONDS", 2)
    refuse(tmp_path, exported, message)


def test_a_visitor_with_the_maximum_number_of_runs_cannot_import_another(
    tmp_path, exported, monkeypatch
):
    monkeypatch.setattr(store, "MAX_RUNS", 1)
    import_run(exported, "ben", tmp_path)
    with pytest.raises(TooManyRunsError):
        import_run(exported, "ben", tmp_path)
    assert len(list_runs("ben", tmp_path)) == 1


def test_an_import_on_a_full_disk_leaves_nothing_behind(tmp_path, exported, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(exchange.os, "rename", fail)
    with pytest.raises(OSError, match="no space left"):
        import_run(exported, "ben", tmp_path)
    assert list_places(tmp_path) == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_card_of_an_imported_run_has_its_id(tmp_path, exported):
    run = import_run(exported, "ben", tmp_path)
    card, built_in = load_card(run.id, tmp_path), load_card("logistic_regression")
    assert card.files.items() > built_in.files.items()
    assert card.recipe == built_in.recipe
