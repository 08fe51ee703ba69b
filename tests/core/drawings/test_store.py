import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from core.drawings import database
from core.drawings import store as store_module
from core.drawings.drawing import DamagedDrawing
from core.drawings.store import (
    DrawingStore,
    StorageUnavailableError,
    TooManyDrawingsError,
    UnknownDrawingError,
    default_url,
)
from tests.core.drawings.conftest import describe, make_drawing, predict

ROOT = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, UTC)

# Prints the id of a drawing as soon as its save has returned.
SAVE_A_THOUSAND = """
import sys
from core.drawings.store import DrawingStore
from tests.core.drawings.conftest import make_drawing
store = DrawingStore(sys.argv[1])
for _ in range(1000):
    drawing = make_drawing()
    store.save(drawing)
    print(drawing.id, flush=True)
"""
# Waits for a line, so that several can be let go at once.
OPEN_AND_SAVE = """
import sys
from core.drawings.store import DrawingStore
from tests.core.drawings.conftest import make_drawing
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    DrawingStore(sys.argv[1]).save(make_drawing())
"""


def start_python(script: str, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        pipesize=4096,  # a hundred ids: a child cannot run far ahead of who reads them
    )


def run_in_threads(count: int, work: Callable[[], object]) -> None:
    """Do the same in several threads, all let go at once; raises what any of them raised."""
    barrier = threading.Barrier(count)

    def wait_and_work() -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(count) as threads:
        for future in [threads.submit(wait_and_work) for _ in range(count)]:
            future.result()


def list_ids(store: DrawingStore, owner: str = "anna", **filters: object) -> list[str]:
    return [drawing.id for drawing in store.find(owner, **filters)]


@pytest.mark.parametrize("strokes", [make_drawing().strokes, None])
def test_what_was_saved_comes_back_whole(store, database_url, strokes):
    drawing = make_drawing(strokes=strokes, created_at=NOON, frame_version=3)
    assert store.save(drawing) == 1
    with closing(DrawingStore(database_url)) as reopened:
        (found,) = reopened.find("anna")
    assert describe(found) == describe(drawing)
    assert found.created_at.tzinfo is UTC


def test_a_drawing_is_saved_once(store):
    drawing = make_drawing()
    assert store.save(drawing) == 1
    assert store.save(drawing, make_drawing(id=drawing.id, label=1), make_drawing()) == 1
    assert store.save() == 0
    assert store.count("anna") == 2
    assert store.count("anna", label=1) == 0


def test_an_owner_saves_at_most_the_largest_number_of_drawings(store, monkeypatch):
    monkeypatch.setattr(store_module, "MAX_DRAWINGS", 3)
    kept = [make_drawing() for _ in range(3)]
    store.save(*kept[:2], make_drawing(owner="ben"))
    with pytest.raises(TooManyDrawingsError, match="at most 3 drawings, and this would make 4"):
        store.save(kept[2], make_drawing())
    assert store.count("anna") == 2
    assert store.save(kept[2], *kept[:2]) == 1
    assert store.save(make_drawing(owner="ben")) == 1


def test_the_newest_come_first_page_by_page(store):
    drawings = [make_drawing(created_at=NOON + timedelta(microseconds=i)) for i in range(7)]
    store.save(*drawings[::2], *drawings[1::2])
    newest_first = [drawing.id for drawing in drawings[::-1]]
    assert list_ids(store) == newest_first
    assert list_ids(store, limit=3) == newest_first[:3]
    assert list_ids(store, limit=3, offset=6) == newest_first[6:]
    assert list_ids(store, offset=2) == newest_first[2:]


def test_filters_choose_by_label_and_by_the_model_that_misclassified(store):
    read = make_drawing(predictions={"lenet5": predict(7)})
    misread = make_drawing(predictions={"lenet5": predict(1)})
    misread_four = make_drawing(label=4, predictions={"lenet5": predict(9)})
    not_asked = make_drawing(label=4, predictions={"mlp": predict(0)})
    store.save(read, misread, misread_four, not_asked)
    for filters, expected in [
        ({"label": 4}, {misread_four.id, not_asked.id}),
        ({"misclassified_by": "lenet5"}, {misread.id, misread_four.id}),
        ({"misclassified_by": "lenet5", "label": 7}, {misread.id}),
        ({"misclassified_by": "cnn"}, set()),
    ]:
        assert set(list_ids(store, **filters)) == expected
        assert store.count("anna", **filters) == len(expected)


def test_drawings_are_counted_by_label_and_only_their_owner_s(store):
    store.save(*(make_drawing(label=label) for label in (4, 4, 9)))
    store.save(make_drawing(label=4, owner="berta"))
    assert store.count_by_label("anna") == [0, 0, 0, 0, 2, 0, 0, 0, 0, 1]
    assert store.count_by_label("carla") == [0] * 10


# A column of the table, and a value that no drawing has there.
DAMAGE = [
    ("label", 12),
    ("image", b"short"),
    ("frame_version", 0),
    ("strokes", "[[1, 2], [3]]"),
    ("strokes", '{"x": 1}'),
    ("readings", "[1, 2]"),
    ("readings", '{"lenet5": {"digit": "seven"}}'),
    ("readings", '{"lenet5": {"digit": 1, "probabilities": [1], "model_sha256": null}}'),
]
# PostgreSQL checks these itself.
DAMAGE_OF_SQLITE = [
    ("label", "seven"),
    ("created_at", "yesterday"),
    ("strokes", "[[1,"),
    ("strokes", b"[\xff]"),
    ("readings", "{"),
    ("readings", b"\xff"),
]


def damage_row(url: str, drawing_id: str, column: str, value: object) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    json_type = "TEXT" if engine.dialect.name == "sqlite" else "JSON"
    stored = f"CAST(:value AS {json_type})" if column in {"strokes", "readings"} else ":value"
    with engine.begin() as connection:
        change = text(f"UPDATE drawings SET {column} = {stored} WHERE id = :id")
        connection.execute(change, {"value": value, "id": drawing_id})
    engine.dispose()


def expect_damage_of_one_row(url: str, column: str, value: object) -> None:
    """Damage one of three rows: the others are listed, and it is named and can be deleted."""
    damaged, *sound = (make_drawing(predictions={"lenet5": predict(1)}) for _ in range(3))
    with closing(DrawingStore(url)) as store:
        store.save(damaged, *sound)
        damage_row(url, damaged.id, column, value)
        ids = {drawing.id for drawing in sound}
        assert set(list_ids(store)) == ids
        assert ids <= set(list_ids(store, misclassified_by="lenet5"))
        named = [found.id for found in store.read("anna") if isinstance(found, DamagedDrawing)]
        assert named == [damaged.id]
        assert store.count("anna") == 3
        assert store.count_by_label("anna")[7] >= 2
        store.delete("anna", named)
        assert store.count("anna") == 2


@pytest.mark.parametrize(("column", "value"), DAMAGE)
def test_a_damaged_row_costs_itself_alone_and_is_named(database_url, column, value, caplog):
    expect_damage_of_one_row(database_url, column, value)
    assert "is damaged" in caplog.text


@pytest.mark.parametrize(("column", "value"), DAMAGE_OF_SQLITE)
def test_a_damaged_row_of_sqlite_costs_itself_alone_too(tmp_path, column, value):
    expect_damage_of_one_row(f"sqlite:///{tmp_path}/drawings.sqlite3", column, value)


def test_a_model_is_not_named_by_a_path(store):
    with pytest.raises(ValueError, match="expected a model id"):
        store.find("anna", misclassified_by='lenet5"')


def test_a_corrected_label_changes_which_models_misclassified(store):
    drawing, other = make_drawing(label=1), make_drawing(label=1)
    store.save(drawing, other)
    store.relabel("anna", drawing.id, 7)
    assert list_ids(store, misclassified_by="lenet5") == [other.id]
    assert list_ids(store, misclassified_by="mlp") == [drawing.id]
    with pytest.raises(ValueError, match="expected a label from 0 to 9, got 10"):
        store.relabel("anna", drawing.id, 10)


def test_all_are_deleted_or_none(store):
    kept, first, second = make_drawing(), make_drawing(), make_drawing()
    store.save(kept, first, second)
    with pytest.raises(UnknownDrawingError, match="It may have been deleted"):
        store.delete("anna", [first.id, "no such id", second.id])
    assert store.count("anna") == 3
    store.delete("anna", [first.id, second.id, first.id])
    assert list_ids(store) == [kept.id]


def test_nobody_sees_or_changes_what_is_another_owners(store):
    hers = make_drawing(owner="anna")
    his = make_drawing(owner="ben", label=2)
    store.save(hers, his)
    for owner, own in [("anna", hers), ("ben", his), ("carl", None)]:
        expected = [own.id] if own else []
        assert list_ids(store, owner) == expected
        assert list_ids(store, owner, misclassified_by="mlp") == expected
        assert store.count(owner) == len(expected)
    assert store.find("ben", label=7) == []
    assert store.count("ben", label=7) == 0
    for refused in (
        lambda: store.relabel("ben", hers.id, 3),
        lambda: store.delete("ben", [hers.id]),
        lambda: store.delete("ben", [his.id, hers.id]),
    ):
        with pytest.raises(UnknownDrawingError):
            refused()
    assert describe(store.find("anna")[0]) == describe(hers)
    assert describe(store.find("ben")[0]) == describe(his)


def test_the_same_id_may_belong_to_two_owners(store):
    hers = make_drawing(owner="anna")
    his = make_drawing(owner="ben", id=hers.id)
    assert store.save(hers) == 1
    assert store.save(his) == 1
    store.relabel("ben", hers.id, 1)
    assert store.find("anna")[0].label == 7
    store.delete("ben", [hers.id])
    assert list_ids(store, "anna") == [hers.id]


def test_every_acknowledged_save_survives_sigkill(database_url):
    child = start_python(SAVE_A_THOUSAND, database_url)
    acknowledged = [child.stdout.readline().strip() for _ in range(500)]
    child.kill()
    # The last line may be cut off in the middle of an id.
    acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]
    assert child.wait() == (1 if os.name == "nt" else -9)
    child.communicate()
    assert 500 <= len(acknowledged) < 1000
    with closing(DrawingStore(database_url)) as store:
        kept = set(list_ids(store))
        assert kept >= set(acknowledged)
        # One more may have been on disk before its id could be printed.
        assert len(kept) <= len(acknowledged) + 1
        assert store.save(make_drawing()) == 1
        store.delete("anna", kept)
        assert store.count("anna") == 1


def test_saves_survive_a_crash_of_the_postgresql_server(postgresql_server):
    with closing(DrawingStore(postgresql_server.create_database())) as store:
        drawings = [make_drawing() for _ in range(50)]
        for drawing in drawings:
            store.save(drawing)
        postgresql_server.crash()
        postgresql_server.start()
        assert set(list_ids(store)) == {drawing.id for drawing in drawings}


def test_processes_that_open_a_new_database_at_once_all_save(database_url):
    children = [start_python(OPEN_AND_SAVE, database_url) for _ in range(3)]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        child.communicate()
        assert child.returncode == 0
    with closing(DrawingStore(database_url)) as store:
        assert store.count("anna") == 15


def test_threads_that_open_a_new_database_at_once_all_save(database_url):
    def open_and_save() -> None:
        with closing(DrawingStore(database_url)) as store:
            store.save(make_drawing())

    run_in_threads(8, open_and_save)
    with closing(DrawingStore(database_url)) as store:
        assert store.count("anna") == 8


def test_threads_share_a_store(database_url, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 60)  # a slow disk is not what is tested
    store = DrawingStore(database_url)

    def save_and_change() -> None:
        for _ in range(20):
            kept, dropped = make_drawing(), make_drawing()
            store.save(kept)
            store.save(dropped)
            store.relabel("anna", kept.id, 3)
            store.delete("anna", [dropped.id])
            store.count("anna")

    run_in_threads(8, save_and_change)
    assert store.count("anna") == store.count("anna", label=3) == 160
    store.close()


def test_a_database_of_another_schema_version_is_refused(store, database_url):
    store.count("anna")
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE drawings_schema SET version = 2"))
    engine.dispose()
    with (
        closing(DrawingStore(database_url)) as opened,
        pytest.raises(
            StorageUnavailableError, match=r"schema version 2, and this .* needs version 1"
        ),
    ):
        opened.count("anna")


def test_sqlite_writes_ahead_and_syncs_every_commit(tmp_path):
    with closing(DrawingStore(f"sqlite:///{tmp_path}/new/drawings.sqlite3")) as store:
        with store._engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        with closing(sqlite3.connect(tmp_path / "new" / "drawings.sqlite3")) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_sqlite_waits_for_a_writer_even_to_switch_a_new_file_to_its_log(tmp_path):
    # SQLite itself refuses this switch at once, whatever its timeout.
    writer = sqlite3.connect(
        tmp_path / "drawings.sqlite3", isolation_level=None, check_same_thread=False
    )
    writer.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, writer.commit).start()
    with closing(DrawingStore(f"sqlite:///{tmp_path}/drawings.sqlite3")) as store:
        assert store.save(make_drawing()) == 1
        assert not writer.in_transaction
    writer.close()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://secret@localhost/drawings",
        "postgresql+asyncpg://secret@localhost/drawings",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://secret@localhost:port/drawings",
        "secret",
    ],
)
def test_a_url_of_no_database_is_refused_without_being_quoted(url):
    with pytest.raises(ValueError, match="The URL of the database") as refusal:
        DrawingStore(url)
    assert "secret" not in str(refusal.value)


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(
        StorageUnavailableError, match=r"folder of the database .* cannot be created"
    ):
        DrawingStore(f"sqlite:///{tmp_path}/file/drawings.sqlite3")


def test_the_variable_names_the_database(monkeypatch, tmp_path):
    monkeypatch.setattr(store_module.platformdirs, "user_data_dir", lambda _: str(tmp_path))
    monkeypatch.delenv("DIGITLAB_DATABASE_URL", raising=False)
    with closing(DrawingStore(default_url())) as store:
        store.save(make_drawing(image=np.zeros((28, 28), np.uint8)))
    assert (tmp_path / "drawings.sqlite3").exists()
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", "postgresql://localhost/drawings")
    assert default_url() == "postgresql://localhost/drawings"
