"""The database of drawings: SQLite in the user's data directory, or PostgreSQL by its URL.

One table, keyed by owner and id. Every call names the owner and touches that owner's rows alone:
two owners may hold drawings of the same id, as happens when one imports what the other exported,
and neither can find out. When ``save`` has returned, the drawing is on disk.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from sqlalchemy import (
    JSON,
    URL,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    SmallInteger,
    String,
    Table,
    create_engine,
    delete,
    event,
    func,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DatabaseError, TimeoutError

from core.digits.frame import FRAME_SIZE
from core.drawings.drawing import (
    MAX_DRAWINGS,
    MAX_OWNER_LENGTH,
    Drawing,
    StorageUnavailableError,
    StoredPrediction,
    TooManyDrawingsError,
    UnknownDrawingError,
    check_label,
    check_model_id,
)

DATABASE_VARIABLE = "DIGITLAB_DATABASE_URL"
# What a URL may begin with, and the driver behind it: psycopg 3, whose wheel brings its own libpq.
DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
INSERTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
# How long one writer of an SQLite file waits for the others.
BUSY_SECONDS = 30
# Raise this whenever the table changes, and bring older databases up to it.
SCHEMA_VERSION = 1
# Any number that no other program asks PostgreSQL to lock: "digit" in ASCII.
SCHEMA_LOCK = 0x6469676974

METADATA = MetaData()
SCHEMA = Table("drawings_schema", METADATA, Column("version", Integer, nullable=False))
DRAWINGS = Table(
    "drawings",
    METADATA,
    Column("owner", String(MAX_OWNER_LENGTH), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("label", SmallInteger, nullable=False),
    Column("strokes", JSON(none_as_null=True)),  # [[[x, y], …], …], or NULL for a picture
    Column("image", LargeBinary, nullable=False),  # 784 bytes, row by row
    Column("frame_version", SmallInteger, nullable=False),
    # By model id: digit (what the filter compares), probabilities, model_sha256.
    Column("readings", JSON, nullable=False),
    Index("drawings_by_time", "owner", "created_at"),
)


class DrawingStore:
    """The drawings in one database. Threads may share a store; processes open one each.

    Args:
        url: ``sqlite:///file`` or ``postgresql://user:password@host/database``; tables are made
            in it where there are none.

    Raises:
        ValueError: the URL is of neither kind, or the tables are of another schema version.
        StorageUnavailableError: the database cannot be reached. Every call may raise this.
    """

    def __init__(self, url: str | URL) -> None:
        self._engine = _create_engine(_read_url(url))
        with self._transaction() as connection:
            _create_schema(connection)

    def save(self, *drawings: Drawing) -> int:
        """Keep drawings, all or none; those whose id their owner has already stay as they are.

        Returns:
            How many were added.

        Raises:
            TooManyDrawingsError: an owner would have more than ``MAX_DRAWINGS``; none was added.
        """
        if not drawings:
            return 0
        add = INSERTS[self._engine.dialect.name](DRAWINGS).on_conflict_do_nothing()
        with self._transaction() as connection:
            rows = [_row_from_drawing(drawing) for drawing in drawings]
            added = len(connection.execute(add.returning(DRAWINGS.c.id), rows).all())
            for owner in {drawing.owner for drawing in drawings}:
                _check_room(connection, owner)
            return added

    def find(
        self,
        owner: str,
        *,
        label: int | None = None,
        misread_by: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Drawing]:
        """The owner's drawings, newest first.

        Args:
            owner: whose.
            label: only those of this label.
            misread_by: only those that this model read, and took for another digit than the label.
            limit: at most so many.
            offset: without the first so many.
        """
        query = (
            select(DRAWINGS)
            .where(*_list_conditions(owner, label, misread_by))
            .order_by(DRAWINGS.c.created_at.desc(), DRAWINGS.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        with self._transaction() as connection:
            return [_drawing_from_row(row) for row in connection.execute(query)]

    def count(self, owner: str, *, label: int | None = None, misread_by: str | None = None) -> int:
        """How many drawings ``find`` would list with the same filters."""
        with self._transaction() as connection:
            return _count(connection, _list_conditions(owner, label, misread_by))

    def count_by_label(self, owner: str) -> list[int]:
        """How many drawings of each digit 0…9 the owner has, ten counts."""
        query = (
            select(DRAWINGS.c.label, func.count())
            .where(DRAWINGS.c.owner == owner)
            .group_by(DRAWINGS.c.label)
        )
        counts = [0] * 10
        with self._transaction() as connection:
            for label, count in connection.execute(query):
                counts[label] = count
        return counts

    def relabel(self, owner: str, drawing_id: str, label: int) -> None:
        """Correct what a drawing was meant to be.

        Raises:
            ValueError: the label is no digit.
            UnknownDrawingError: the owner has no such drawing.
        """
        check_label(label)
        with self._transaction() as connection:
            change = update(DRAWINGS).where(*_name_row(owner, drawing_id)).values(label=label)
            _expect_one_row(connection.execute(change).rowcount, drawing_id)

    def delete(self, owner: str, drawing_ids: Iterable[str]) -> None:
        """Forget drawings, all or none.

        Raises:
            UnknownDrawingError: one of them is not the owner's; nothing was deleted.
        """
        with self._transaction() as connection:
            # In one order, so that two that delete the same rows do not wait for each other.
            for drawing_id in sorted(set(drawing_ids)):
                removal = delete(DRAWINGS).where(*_name_row(owner, drawing_id))
                _expect_one_row(connection.execute(removal).rowcount, drawing_id)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except (DatabaseError, TimeoutError) as error:
            raise StorageUnavailableError(
                f"expected the database of drawings to answer, got {type(error).__name__}; try "
                f"again, and check {DATABASE_VARIABLE} and the space on its disk"
            ) from error


def default_url() -> str | URL:
    """What ``DIGITLAB_DATABASE_URL`` names, else a file in the user's data directory."""
    file = Path(platformdirs.user_data_dir("digitlab")) / "drawings.sqlite3"
    return os.environ.get(DATABASE_VARIABLE) or URL.create("sqlite", database=str(file))


def _read_url(text: str | URL) -> URL:
    """The URL with its driver. Its text is not quoted in errors: it may hold a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise ValueError("expected the URL of a database, got text that is none") from error
    if url.drivername not in DRIVERS:
        raise ValueError(
            f"expected the URL of a database of drawings, got one that begins with "
            f"{url.drivername!r}; choices are {', '.join(DRIVERS)}"
        )
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise ValueError("expected sqlite:/// with the path of a file, got a URL without one")
    return url.set(drivername=DRIVERS[url.drivername])


def _create_engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        # A server may have been started anew since the last call: try a connection before its use.
        return create_engine(url, pool_pre_ping=True)
    try:
        Path(url.database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageUnavailableError(
            f"expected to make the folder of {url.database}, got {type(error).__name__}; "
            f"set {DATABASE_VARIABLE} to a place that can be written to"
        ) from error
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _configure_sqlite)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Let readers and a writer work side by side, and sync the log to disk at every commit.

    The file keeps the first setting, the connection the second. Two that switch a new file at once
    may refuse each other without waiting, whatever the timeout: then try again.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    connection.execute("PRAGMA synchronous = FULL")


def _create_schema(connection: Connection) -> None:
    """Make the tables unless they are there; others that want to at the same time wait."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(select(func.pg_advisory_xact_lock(SCHEMA_LOCK)))
    METADATA.create_all(connection)
    version = connection.scalar(select(SCHEMA.c.version))
    if version is None:
        connection.execute(insert(SCHEMA).values(version=SCHEMA_VERSION))
    elif version != SCHEMA_VERSION:
        raise ValueError(
            f"expected drawings of schema version {SCHEMA_VERSION} in the database, got "
            f"{version}; use the Digit Lab that wrote them, or another database"
        )


def _list_conditions(
    owner: str, label: int | None, misread_by: str | None
) -> list[ColumnElement[bool]]:
    conditions = [DRAWINGS.c.owner == owner]
    if label is not None:
        conditions.append(DRAWINGS.c.label == label)
    if misread_by is not None:
        check_model_id(misread_by)
        # NULL, and so left out, where the model was not asked.
        digit = DRAWINGS.c.readings[(misread_by, "digit")].as_integer()
        conditions.append(digit != DRAWINGS.c.label)
    return conditions


def _count(connection: Connection, conditions: list[ColumnElement[bool]]) -> int:
    query = select(func.count()).select_from(DRAWINGS).where(*conditions)
    return connection.execute(query).scalar_one()


def _check_room(connection: Connection, owner: str) -> None:
    count = _count(connection, _list_conditions(owner, label=None, misread_by=None))
    if count > MAX_DRAWINGS:
        raise TooManyDrawingsError(
            f"expected at most {MAX_DRAWINGS:,} drawings of one visitor, got {count:,}; export "
            "some of yours and delete them here"
        )


def _name_row(owner: str, drawing_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return DRAWINGS.c.owner == owner, DRAWINGS.c.id == drawing_id


def _expect_one_row(rows: int, drawing_id: str) -> None:
    if rows != 1:
        raise UnknownDrawingError(
            f"expected the id of one of your drawings, got {drawing_id[:80]!r}; it may be deleted"
        )


def _row_from_drawing(drawing: Drawing) -> dict[str, Any]:
    strokes = drawing.strokes
    return {
        "owner": drawing.owner,
        "id": drawing.id,
        "created_at": drawing.created_at,
        "label": drawing.label,
        "strokes": None if strokes is None else [stroke.tolist() for stroke in strokes],
        "image": drawing.image.tobytes(),
        "frame_version": drawing.frame_version,
        "readings": {
            model_id: {
                "digit": reading.digit,
                "probabilities": reading.probabilities,
                "model_sha256": reading.model_sha256,
            }
            for model_id, reading in drawing.readings.items()
        },
    }


def _drawing_from_row(row: Row[Any]) -> Drawing:
    return Drawing(
        owner=row.owner,
        id=row.id,
        created_at=_convert_to_utc(row.created_at),
        label=row.label,
        strokes=None if row.strokes is None else tuple(np.array(one) for one in row.strokes),
        image=np.frombuffer(row.image, np.uint8).reshape(FRAME_SIZE, FRAME_SIZE),
        frame_version=row.frame_version,
        readings={
            model_id: StoredPrediction(tuple(reading["probabilities"]), reading["model_sha256"])
            for model_id, reading in row.readings.items()
        },
    )


def _convert_to_utc(moment: datetime) -> datetime:
    """SQLite keeps no zone and gives back what was saved, PostgreSQL answers in its own zone."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
