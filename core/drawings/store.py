"""The database of saved drawings: SQLite in the user's data directory, or PostgreSQL by its URL.

One table, keyed by owner and id. Every call names the owner and touches only that owner's rows. Two
owners may hold drawings of the same id, because one may import what the other exported; neither can
find out. When ``save`` has returned, the drawing is on disk.
"""

import json
import logging
import os
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
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    SmallInteger,
    String,
    Table,
    case,
    cast,
    delete,
    func,
    insert,
    inspect,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from core.digits.frame import FRAME_SIZE
from core.drawings.database import (
    DATABASE_VARIABLE,
    Failures,
    open_database,
    read_url,
)
from core.drawings.drawing import (
    MAX_DRAWINGS,
    MAX_OWNER_LENGTH,
    DamagedDrawing,
    Drawing,
    StorageUnavailableError,
    StoredPrediction,
    TooManyDrawingsError,
    UnknownDrawingError,
    check_label,
    check_model_id,
)

INSERTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
# Raise this whenever the table changes, and migrate older databases.
SCHEMA_VERSION = 1
# A number that no other program uses as a lock in PostgreSQL: "digit" in ASCII.
SCHEMA_LOCK = 0x6469676974

logger = logging.getLogger(__name__)

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
    # The predictions by model id: digit (what the filter compares), probabilities, model_sha256.
    Column("readings", JSON, nullable=False),
    Index("drawings_by_time", "owner", "created_at"),
)
# SQLAlchemy stops at the first malformed value. These are read as they are stored, and row by row.
PARSED_HERE = ("created_at", "strokes", "readings")
STORED_COLUMNS = [
    type_coerce(column, String).label(column.name) if column.name in PARSED_HERE else column
    for column in DRAWINGS.c
]


class DrawingStore:
    """The drawings in one database. Threads may share a store; each process opens its own.

    The first call connects to the database and creates missing tables.

    Args:
        url: ``sqlite:///file`` or ``postgresql://user:password@host/database``.

    Raises:
        ValueError: the URL is of neither form.
        StorageUnavailableError: the database cannot be reached, or its tables are of another schema
            version. Every call may raise this, after a few seconds; ``read`` and the counts raise
            it at once soon after one of them has waited in vain.
    """

    def __init__(self, url: str | URL) -> None:
        self._engine = open_database(read_url(url))
        self._failures = Failures()
        self._has_schema = False

    def save(self, *drawings: Drawing) -> int:
        """Save drawings, all or none; a drawing whose id its owner has already is left unchanged.

        Returns:
            The number of drawings added.

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
                _check_quota(connection, owner)
            return added

    def find(
        self,
        owner: str,
        *,
        label: int | None = None,
        misclassified_by: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Drawing]:
        """The owner's drawings, newest first, without damaged ones. Takes what ``read`` does."""
        found = self.read(
            owner, label=label, misclassified_by=misclassified_by, limit=limit, offset=offset
        )
        return [drawing for drawing in found if isinstance(drawing, Drawing)]

    def read(
        self,
        owner: str,
        *,
        label: int | None = None,
        misclassified_by: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Drawing | DamagedDrawing]:
        """The owner's drawings, newest first; each damaged one has a line in the log.

        Args:
            owner: who saved them.
            label: only drawings of this digit.
            misclassified_by: only drawings for which this model predicted another digit.
            limit: the largest number of drawings returned.
            offset: the number of drawings skipped.
        """
        query = (
            select(*STORED_COLUMNS)
            .where(*self._list_conditions(owner, label, misclassified_by))
            .order_by(DRAWINGS.c.created_at.desc(), DRAWINGS.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        with self._transaction(reads=True) as connection:
            return [_read_row(row) for row in connection.execute(query)]

    def count(
        self, owner: str, *, label: int | None = None, misclassified_by: str | None = None
    ) -> int:
        """The number of drawings ``read`` would return with the same filters."""
        query = _count_rows(self._list_conditions(owner, label, misclassified_by))
        with self._transaction(reads=True) as connection:
            return connection.execute(query).scalar_one()

    def count_by_label(self, owner: str) -> list[int]:
        """The number of the owner's drawings of each digit 0…9, ten counts."""
        query = (
            select(DRAWINGS.c.label, func.count())
            .where(DRAWINGS.c.owner == owner)
            .group_by(DRAWINGS.c.label)
        )
        counts = [0] * 10
        with self._transaction(reads=True) as connection:
            for label, count in connection.execute(query):
                if label in range(10):  # a damaged row may have any other
                    counts[label] = count
        return counts

    def relabel(self, owner: str, drawing_id: str, label: int) -> None:
        """Correct the label of a drawing.

        Raises:
            ValueError: the label is not a digit.
            UnknownDrawingError: the owner has no such drawing.
        """
        check_label(label)
        with self._transaction() as connection:
            change = update(DRAWINGS).where(*_name_row(owner, drawing_id)).values(label=label)
            _expect_one_row(connection.execute(change).rowcount)

    def delete(self, owner: str, drawing_ids: Iterable[str]) -> None:
        """Delete drawings, all or none.

        Raises:
            UnknownDrawingError: the owner has no such drawing; nothing was deleted.
        """
        with self._transaction() as connection:
            # In one order, so that two transactions on the same rows do not deadlock.
            for drawing_id in sorted(set(drawing_ids)):
                removal = delete(DRAWINGS).where(*_name_row(owner, drawing_id))
                _expect_one_row(connection.execute(removal).rowcount)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _list_conditions(
        self, owner: str, label: int | None, misclassified_by: str | None
    ) -> list[ColumnElement[bool]]:
        conditions = [DRAWINGS.c.owner == owner]
        if label is not None:
            conditions.append(DRAWINGS.c.label == label)
        if misclassified_by is not None:
            check_model_id(misclassified_by)
            # NULL, and so left out, where the model made no prediction.
            digit = DRAWINGS.c.readings[(misclassified_by, "digit")].as_string()
            if self._engine.dialect.name == "sqlite":  # PostgreSQL stores no malformed JSON
                digit = case((func.json_valid(DRAWINGS.c.readings) == 1, digit))
            # As text, because a damaged row may hold something else than a number.
            conditions.append(cast(digit, String) != cast(DRAWINGS.c.label, String))
        return conditions

    @contextmanager
    def _transaction(self, *, reads: bool = False) -> Iterator[Connection]:
        with self._failures.explain(reads=reads):
            # Threads that come here together wait for the database, not for one another.
            if not self._has_schema:
                with self._engine.begin() as connection:
                    _create_schema(connection)
                self._has_schema = True
            with self._engine.begin() as connection:
                yield connection


def default_url() -> str | URL:
    """The URL in ``DIGITLAB_DATABASE_URL``, else a file in the user's data directory."""
    file = Path(platformdirs.user_data_dir("digitlab")) / "drawings.sqlite3"
    return os.environ.get(DATABASE_VARIABLE) or URL.create("sqlite", database=str(file))


def _create_schema(connection: Connection) -> None:
    """Create missing tables; other processes that do so at the same time wait."""
    # Tables that are there need no lock, for which a reader would wait.
    version = _read_version(connection) if inspect(connection).has_table(SCHEMA.name) else None
    if version is None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(select(func.pg_advisory_xact_lock(SCHEMA_LOCK)))
        METADATA.create_all(connection)
        version = _read_version(connection)
    if version is None:
        connection.execute(insert(SCHEMA).values(version=SCHEMA_VERSION))
    elif version != SCHEMA_VERSION:
        raise StorageUnavailableError(
            f"The database has schema version {version}, and this Digit Lab needs version "
            f"{SCHEMA_VERSION}. Use the Digit Lab that created the database, or another database."
        )


def _read_version(connection: Connection) -> int | None:
    return connection.scalar(select(SCHEMA.c.version))


def _count_rows(conditions: list[ColumnElement[bool]]) -> Select[int]:
    return select(func.count()).select_from(DRAWINGS).where(*conditions)


def _check_quota(connection: Connection, owner: str) -> None:
    count = connection.execute(_count_rows([DRAWINGS.c.owner == owner])).scalar_one()
    if count > MAX_DRAWINGS:
        raise TooManyDrawingsError(
            f"You can save at most {MAX_DRAWINGS:,} drawings, and this would make {count:,}. "
            "Export some of your drawings and delete them here."
        )


def _name_row(owner: str, drawing_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return DRAWINGS.c.owner == owner, DRAWINGS.c.id == drawing_id


def _expect_one_row(rows: int) -> None:
    if rows != 1:
        raise UnknownDrawingError(
            "This drawing does not exist any more. It may have been deleted in another window."
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
                "digit": prediction.digit,
                "probabilities": prediction.probabilities,
                "model_sha256": prediction.model_sha256,
            }
            for model_id, prediction in drawing.predictions.items()
        },
    }


def _read_row(row: Row[Any]) -> Drawing | DamagedDrawing:
    try:
        return _drawing_from_row(row)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        logger.warning("the saved drawing %r is damaged: %s", row.id, error)
        return DamagedDrawing(str(row.id), str(error))


def _drawing_from_row(row: Row[Any]) -> Drawing:
    strokes = _parse_json(row.strokes)
    return Drawing(
        owner=row.owner,
        id=row.id,
        created_at=_parse_time(row.created_at),
        label=row.label,
        strokes=None if strokes is None else tuple(map(np.array, strokes)),
        image=np.frombuffer(row.image, np.uint8).reshape(FRAME_SIZE, FRAME_SIZE),
        frame_version=row.frame_version,
        predictions={
            model_id: StoredPrediction(tuple(stored["probabilities"]), stored["model_sha256"])
            for model_id, stored in _parse_json(row.readings).items()
        },
    )


def _parse_json(stored: Any) -> Any:
    """The value of a column of type JSON; psycopg has parsed it already, and SQLite has text."""
    return json.loads(stored) if isinstance(stored, str) else stored


def _parse_time(stored: str | datetime) -> datetime:
    """SQLite has text without a time zone, which is UTC; PostgreSQL returns its own zone."""
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
