"""A PostgreSQL server that lives as long as the tests, in a directory of its own."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg


def find_binaries() -> Path | None:
    """The folder of initdb and pg_ctl, the newest where there are several."""
    on_path = shutil.which("pg_ctl")
    # Debian puts a part of the programs on the path, but all of them beside the real pg_ctl.
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True
    )
    return next((one for one in folders if (one / "initdb").exists()), None)


class PostgreSQLServer:
    """Listens on a socket in its own directory, where no other server and no port is in its way."""

    def __init__(self, binaries: Path) -> None:
        self._pg_ctl = binaries / "pg_ctl"
        # Not below pytest's directory, which only its owner may enter; sockets have short paths.
        self._folder = Path(tempfile.mkdtemp(prefix="digitlab-postgresql-"))
        self._identity: dict[str, Any] = {}
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            import pwd  # Windows has none

            nobody = pwd.getpwnam("nobody")
            self._identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        self._databases = 0
        self._run(binaries / "initdb", "--username=digitlab", "--auth=trust", "--encoding=UTF8",
                  "--locale=C", "--no-sync")  # fmt: skip
        self.start()

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}'"
        self._run(self._pg_ctl, "start", "--wait", f"--log={self._folder}/log", "-o", options)

    def crash(self) -> None:
        """End all processes at once; the next start recovers from the write-ahead log."""
        self._run(self._pg_ctl, "stop", "--mode=immediate")

    def find_process(self) -> int:
        """The process that accepts connections."""
        return int((self._folder / "data/postmaster.pid").read_text().split()[0])

    def remove(self) -> None:
        self.crash()
        shutil.rmtree(self._folder)

    def create_database(self) -> str:
        """An empty place for tables; returns its URL.

        It is a schema of one database, since a real database takes 300 files.
        """
        self._databases += 1
        name = f"test_{self._databases}"
        url = f"postgresql://digitlab@/postgres?host={self._folder}"
        with psycopg.connect(url) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{url}&options=-csearch_path%3D{name}"

    def _run(self, *command: str | Path) -> None:
        subprocess.run(
            command,
            check=True,
            cwd=self._folder,
            env={**os.environ, "PGDATA": f"{self._folder}/data"},
            stdout=subprocess.DEVNULL,
            **self._identity,
        )
