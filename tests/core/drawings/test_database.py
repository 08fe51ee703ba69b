"""Databases that fail: a call ends after a few seconds, with a sentence and a line in the log."""

import os
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from core.drawings import database
from core.drawings.drawing import StorageUnavailableError
from core.drawings.store import DrawingStore
from tests.core.drawings.conftest import make_drawing
from tests.servers import listen_in_silence

# Within which a visitor who saves is told that it failed.
PATIENCE = 6


@contextmanager
def refuse_within_patience(caplog, match: str) -> Iterator[None]:
    """A call fails in time, with a sentence whose cause is in the log."""
    started = time.monotonic()
    with pytest.raises(StorageUnavailableError, match=match):
        yield
    assert time.monotonic() - started < PATIENCE
    (record,) = [record for record in caplog.records if record.name == "core.drawings.database"]
    assert re.search(match, record.getMessage())
    assert record.exc_info


@contextmanager
def lock_sqlite(file: Path) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.parametrize("is_new", [True, False])
def test_a_locked_file_is_busy(tmp_path, caplog, is_new):
    file = tmp_path / "drawings.sqlite3"
    with closing(DrawingStore(f"sqlite:///{file}")) as store:
        if not is_new:
            store.save(make_drawing())
        with lock_sqlite(file), refuse_within_patience(caplog, "is busy.*try again"):
            store.save(make_drawing())
        assert store.save(make_drawing()) == 1


def test_those_who_save_at_once_in_a_locked_file_wait_together(tmp_path):
    file = tmp_path / "drawings.sqlite3"
    seconds: list[float] = []

    def save(store: DrawingStore) -> None:
        started = time.monotonic()
        with pytest.raises(StorageUnavailableError):
            store.save(make_drawing())
        seconds.append(time.monotonic() - started)

    with closing(DrawingStore(f"sqlite:///{file}")) as store, lock_sqlite(file):
        threads = [threading.Thread(target=save, args=(store,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seconds) == 20
    assert max(seconds) < PATIENCE


def test_drawings_are_found_while_the_file_is_locked(tmp_path):
    file = tmp_path / "drawings.sqlite3"
    with closing(DrawingStore(f"sqlite:///{file}")) as store:
        store.save(make_drawing())
        with lock_sqlite(file):
            assert len(store.find("anna")) == store.count("anna") == 1


def test_drawings_are_found_while_the_file_was_locked_before_the_server_started(tmp_path):
    url = f"sqlite:///{tmp_path}/drawings.sqlite3"
    with closing(DrawingStore(url)) as store:
        store.save(make_drawing())
    with lock_sqlite(tmp_path / "drawings.sqlite3"), closing(DrawingStore(url)) as store:
        assert store.count("anna") == 1


def list_readers(store: DrawingStore) -> list[Callable[[], object]]:
    return [partial(call, "anna") for call in (store.count, store.count_by_label, store.read)]


def test_only_the_first_reader_waits_for_a_silent_server():
    with (
        listen_in_silence() as port,
        closing(DrawingStore(f"postgresql://anna:secret@127.0.0.1:{port}/drawings")) as store,
    ):
        seconds, sentences = [], set()
        for read in [partial(store.count, "anna"), *list_readers(store)]:
            started = time.monotonic()
            with pytest.raises(StorageUnavailableError) as refusal:
                read()
            seconds.append(time.monotonic() - started)
            sentences.add(str(refusal.value))
        assert seconds[0] > max(seconds[1:]) + 1
        assert len(sentences) == 1


def test_a_reader_tries_again_a_few_seconds_after_another_one_waited(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.1)
    file = tmp_path / "drawings.sqlite3"
    with closing(DrawingStore(f"sqlite:///{file}")) as store:
        with lock_sqlite(file), pytest.raises(StorageUnavailableError):
            store.count("anna")
        for read in list_readers(store):
            with pytest.raises(StorageUnavailableError, match="is busy"):
                read()
        now = time.monotonic()
        monkeypatch.setattr(database.time, "monotonic", lambda: now + database.REST_SECONDS + 1)
        assert store.count("anna") == 0


def test_who_saves_always_tries_and_readers_go_on_after_a_success(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.1)
    file = tmp_path / "drawings.sqlite3"
    with closing(DrawingStore(f"sqlite:///{file}")) as store:
        with lock_sqlite(file), pytest.raises(StorageUnavailableError):
            store.count("anna")
        assert store.save(make_drawing()) == 1
        assert store.count("anna") == 1


def test_a_silent_server_does_not_respond(caplog):
    with (
        listen_in_silence() as port,
        closing(DrawingStore(f"postgresql://anna:secret@127.0.0.1:{port}/drawings")) as store,
        refuse_within_patience(caplog, "does not respond"),
    ):
        store.count("anna")
    assert "secret" not in caplog.text


def test_a_server_that_falls_silent_does_not_respond(postgresql_server, caplog):
    with closing(DrawingStore(postgresql_server.create_database())) as store:
        store.save(make_drawing())
        # The process of the pooled connection and the one that accepts connections.
        with store._engine.connect() as connection:
            backend = connection.scalar(text("SELECT pg_backend_pid()"))
        processes = [backend, postgresql_server.find_process()]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            with refuse_within_patience(caplog, "does not respond"):
                store.save(make_drawing())
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)
        assert store.save(make_drawing()) == 1


def test_a_locked_table_is_busy(postgresql_server, caplog):
    with closing(DrawingStore(postgresql_server.create_database())) as store:
        store.save(make_drawing())
        with store._engine.connect() as connection:
            connection.execute(text("LOCK TABLE drawings"))
            with refuse_within_patience(caplog, "is busy"):
                store.save(make_drawing())
        assert store.save(make_drawing()) == 1


def test_a_server_that_is_not_there_is_said_so(tmp_path, caplog):
    store = DrawingStore(f"postgresql://anna:secret@/drawings?host={tmp_path}")
    with closing(store), refuse_within_patience(caplog, "cannot be used.*DIGITLAB_DATABASE_URL"):
        store.count("anna")
    assert "secret" not in caplog.text


def fill(store: DrawingStore) -> None:
    """Let the file grow by no page more, as on a full disk."""
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")


def forbid_writing(store: DrawingStore) -> None:
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = 1")


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (fill, "no space left. Free some space"),
        (forbid_writing, "cannot be written to"),
    ],
)
def test_the_sentence_says_what_is_wrong_and_what_to_do(
    tmp_path, caplog, break_it: Callable[[DrawingStore], None], sentence
):
    with closing(DrawingStore(f"sqlite:///{tmp_path}/drawings.sqlite3")) as store:
        assert store.count("anna") == 0
        break_it(store)
        with refuse_within_patience(caplog, sentence):
            store.save(*(make_drawing() for _ in range(50)))


def test_what_was_drawn_and_who_drew_it_is_not_in_the_log(tmp_path, caplog):
    with closing(DrawingStore(f"sqlite:///{tmp_path}/drawings.sqlite3")) as store:
        store.count("anna")
        fill(store)
        with pytest.raises(StorageUnavailableError):
            store.save(*(make_drawing(owner="owner-of-drawings") for _ in range(50)))
    assert "owner-of-drawings" not in caplog.text


def test_a_file_that_is_no_database_is_damaged(tmp_path, caplog):
    (tmp_path / "drawings.sqlite3").write_bytes(b"no database, but as long as a header" * 9)
    store = DrawingStore(f"sqlite:///{tmp_path}/drawings.sqlite3")
    with closing(store), refuse_within_patience(caplog, "is damaged. Restore its file"):
        store.count("anna")
