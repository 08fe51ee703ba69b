"""Connections to PostgreSQL, with time-outs on both sides.

The server ends statements that take too long. This module also ends connections to a server that
sends nothing, because such a server ends no statement.
"""

from typing import Any

from psycopg import Connection, Error
from psycopg.errors import ConnectionTimeout, _WaitTimeout
from sqlalchemy import URL, Engine, create_engine, event

from core.drawings.database import LOCK_SECONDS, POOL_SECONDS

# Seconds that a call waits for a new connection to one address; psycopg allows no less.
CONNECT_SECONDS = 2
# Seconds that a statement may take, and after which a server that sent nothing is given up.
STATEMENT_SECONDS, SILENCE_SECONDS = 4.5, 5
# The same where nothing is asked but whether an idle connection still works.
PING_SECONDS = 1.5


class ImpatientConnection(Connection[Any]):
    """A connection that is closed if the server sends nothing for ``seconds_allowed``."""

    seconds_allowed: float = PING_SECONDS

    def wait(self, *arguments: Any, **options: Any) -> Any:
        """Wait for the server; psycopg calls this for every statement."""
        try:
            return super().wait(*arguments, **{"timeout": self.seconds_allowed, **options})
        except _WaitTimeout as error:
            self.close()
            raise ConnectionTimeout(
                f"the server sent nothing for {self.seconds_allowed} seconds"
            ) from error


def open_postgresql(url: URL) -> Engine:
    """The connections to a database, none of which is made yet."""
    engine = create_engine(
        url,
        # The server may have been restarted since the last call: test a connection before its use.
        pool_pre_ping=True,
        pool_timeout=POOL_SECONDS,
        connect_args={"connect_timeout": CONNECT_SECONDS},
        hide_parameters=True,
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkout", _expect_statements)
    event.listen(engine, "checkin", _expect_ping)
    return engine


def _connect(_dialect: object, _record: object, arguments: Any, options: Any) -> Any:
    connection = ImpatientConnection.connect(*arguments, **options)
    try:
        connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'".encode())
        connection.execute(f"SET statement_timeout = '{1000 * STATEMENT_SECONDS:.0f}ms'".encode())
        connection.commit()
    except Error:
        connection.close()
        raise
    return connection


def _expect_statements(connection: ImpatientConnection, *_: object) -> None:
    connection.seconds_allowed = SILENCE_SECONDS


def _expect_ping(connection: ImpatientConnection | None, _record: object) -> None:
    if connection is not None:  # it is None if it was closed
        connection.seconds_allowed = PING_SECONDS
