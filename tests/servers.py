"""Servers in processes of their own, for tests in a browser and for benchmarks."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECONDS_TO_START = 60
# Seconds between two looks whether a server has started.
INTERVAL = 0.01


class Server:
    """Streamlit serving a page: the dashboard, unless another script is named.

    Attributes:
        address: where it is, without a slash at the end.
        port: of this machine, at which it listens.
        seconds_to_health: from the start of the process until it said that it is healthy.
    """

    def __init__(
        self,
        script: str = "streamlit_app.py",
        port: int | None = None,
        *,
        log: Path | None = None,
        health: str = "/_stcore/health",
        **environment: str,
    ) -> None:
        """Start it, at any free port unless one is given, with these variables beside ours.

        Args:
            script: what is served.
            port: where.
            log: the file for what the server prints; None where nobody reads it.
            health: the path that answers 200 once it is healthy.
            environment: variables.
        """
        self.port = port or find_free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        started = time.perf_counter()
        self.process = start_process(
            ["streamlit", "run", script, "--server.headless=true", f"--server.port={self.port}",
             "--server.address=127.0.0.1"],
            health=f"{self.address}{health}",
            environment=environment,
            log=log,
        )  # fmt: skip
        self.seconds_to_health = time.perf_counter() - started

    def stop(self) -> None:
        """End the process."""
        stop_process(self.process)


def find_free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def listen_in_silence() -> Iterator[int]:
    """A server that accepts connections and sends nothing, at the port that this gives."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]  # the system accepts, whether anybody looks or not


def start_process(
    arguments: Sequence[str],
    *,
    health: str,
    environment: Mapping[str, str],
    log: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Run a Python module with its arguments until ``health``, an address, answers 200."""
    with (log or Path(os.devnull)).open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(health, timeout=1):
                return process
        except OSError:
            time.sleep(INTERVAL)
    stop_process(process)
    raise RuntimeError(
        f"expected {' '.join(arguments)} to be healthy within {SECONDS_TO_START} seconds"
    )


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """End a process that ``start_process`` started."""
    process.terminate()
    process.wait(timeout=20)
