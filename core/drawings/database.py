"""The database of drawings: its URL, its connections with their time-outs, its failures in words.

A database that is locked, silent or out of reach must not keep a visitor waiting: every step of a
call ends after a few seconds, and those who read soon after that do not wait at all. This module
knows no table.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError

from core.drawings.drawing import StorageUnavailableError

DATABASE_VARIABLE = "DIGITLAB_DATABASE_URL"
# The schemes of a URL, and the driver for each: psycopg 3, whose wheel contains libpq.
DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
# Seconds that a call waits until one of the connections is free, and for another writer.
POOL_SECONDS, LOCK_SECONDS = 1, 3
# Seconds after a reader waited in vain during which others are told so at once.
REST_SECONDS = 5

# What happened and what to do, by SQLite's error code or by PostgreSQL's SQLSTATE.
FULL = "has no space left. Free some space on its disk, and try again."
BUSY = "is busy: something else is writing to it. Wait a moment, and try again."
READ_ONLY = "cannot be written to. Make its file and its folder writable, and try again."
DAMAGED = f"is damaged. Restore its file from a backup, or set {DATABASE_VARIABLE} to another one."
SILENT = f"does not respond. Try again later, and check {DATABASE_VARIABLE} if it stays so."
OTHER = f"cannot be used. Try again, and check {DATABASE_VARIABLE} and the log of the server."
REASONS = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    "53100": FULL,  # disk_full
    "55P03": BUSY,  # lock_not_available: a lock time-out
    "57014": BUSY,  # query_canceled: a statement time-out
    "25006": READ_ONLY,  # read_only_sql_transaction
}

logger = logging.getLogger(__name__)


def read_url(text: str | URL) -> URL:
    """The URL with its driver.

    Raises:
        ValueError: it names no database; the message does not quote it, for it may have a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise ValueError(
            f"The URL of the database is malformed. Set {DATABASE_VARIABLE} to sqlite:///FILE or "
            "postgresql://USER:PASSWORD@HOST/NAME."
        ) from error
    if url.drivername not in DRIVERS:
        raise ValueError(
            f"The URL of the database begins with {url.drivername!r}, which is not supported. Use "
            f"one of {', '.join(DRIVERS)}."
        )
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise ValueError("The URL of the database names no file. Use sqlite:///FILE.")
    return url.set(drivername=DRIVERS[url.drivername])


def open_database(url: URL) -> Engine:
    """The connections to a database, none of which is made yet.

    Raises:
        StorageUnavailableError: the folder of an SQLite file cannot be created.
    """
    if url.drivername != "sqlite":
        # Most servers use SQLite and need no driver.
        from core.drawings.postgresql import open_postgresql  # noqa: PLC0415

        return open_postgresql(url)
    try:
        Path(url.database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageUnavailableError(
            f"The folder of the database {url.database} cannot be created "
            f"({type(error).__name__}). Set {DATABASE_VARIABLE} to a file in a writable folder."
        ) from error
    # Parameters, which are what somebody drew, do not belong in a log.
    engine = create_engine(
        url,
        connect_args={"timeout": LOCK_SECONDS},
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,
    )
    # Not after the event "connect", for which SQLAlchemy lets threads wait for one another.
    event.listen(engine, "do_connect", _connect)
    return engine


class Failures:
    """The failures of one database in words, and the last one for which a reader waited in vain.

    Every run of a page reads. If each found out by itself that the database does not respond, each
    would wait. Who writes does so seldom, and always tries.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = ""
        self._retry_at = 0.0

    @contextmanager
    def explain(self, *, reads: bool) -> Iterator[None]:
        """Raise each failure of a call as StorageUnavailableError, and log its cause.

        Args:
            reads: whether the call only reads. It then fails at once if another one has just waited
                in vain.
        """
        if reads:
            self._raise_last()
        try:
            yield
        except (DBAPIError, TimeoutError) as error:
            reason = _find_reason(error)
            sentence = f"The database of saved drawings {reason}"
            logger.warning("%s", sentence, exc_info=error)
            if reads and reason in {BUSY, SILENT}:
                self._remember(sentence)
            raise StorageUnavailableError(sentence) from error
        self._remember("")

    def _raise_last(self) -> None:
        """Raise the last failure; one call tries again after each ``REST_SECONDS``."""
        with self._lock:
            if self._last and time.monotonic() < self._retry_at:
                raise StorageUnavailableError(self._last)
            self._retry_at = time.monotonic() + REST_SECONDS

    def _remember(self, sentence: str) -> None:
        with self._lock:
            self._last = sentence
            self._retry_at = time.monotonic() + REST_SECONDS


def _find_reason(error: DBAPIError | TimeoutError) -> str:
    if isinstance(error, TimeoutError):  # all connections are in use
        return BUSY
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # The lowest byte is the kind of the error. Errors of Python's module have none.
        return REASONS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, OTHER)
    # psycopg is not imported for the class of this error.
    if type(cause).__name__ == "ConnectionTimeout":
        return SILENT
    return REASONS.get(getattr(cause, "sqlstate", None) or "", OTHER)


def _connect(dialect: Dialect, _record: object, arguments: Any, options: Any) -> Any:
    connection: Any = dialect.connect(*arguments, **options)
    try:
        _configure(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    """Let readers and one writer work at the same time; sync the log to disk at every commit.

    The first setting belongs to the file, the second to the connection. SQLite ignores its timeout
    when two connections switch a new file to WAL at the same time; one of them has to retry.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    connection.execute("PRAGMA synchronous = FULL")
    # Damaged text of one row does not keep the others from being read.
    connection.text_factory = lambda text: text.decode(errors="replace")
