"""API: ``python -m tests.benchmarks.bench_api`` sends many requests over one kept connection.

``streamlit run`` serves the API twice in the same minutes: as it is, and with Nagle's algorithm on,
as it is in Streamlit. The table goes to the screen and to ``api.md`` beside this file. The exit
status is 1 when the API misses a limit.
"""

import http.client
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from core.api.schemas import EXAMPLE_STROKES
from tests.benchmarks.machine import describe_machine
from tests.servers import ROOT, Server

REPORT = Path(__file__).with_name("api.md")
SCRIPT, NAGLE_SCRIPT = "streamlit_app.py", "tests/benchmarks/nagle_app.py"
# Rounds alternate between the servers; the fastest one counts, since the machine may be busy.
ROUNDS = 8
SECONDS = 1.5
WARM_UP_REQUESTS = 20
MAX_MEDIAN = 5.0  # milliseconds
MIN_RATIO = 12.0  # of the requests a second


@dataclass(frozen=True)
class Call:
    """A request that is sent again and again: its method, path and JSON."""

    method: str
    path: str
    body: bytes | None = None

    @property
    def name(self) -> str:
        """As documentation names it."""
        return f"`{self.method} {self.path}`"


CALLS = (
    Call("GET", "/api/models"),
    Call("POST", "/api/predict/strokes", json.dumps({"strokes": EXAMPLE_STROKES}).encode()),
)


@dataclass(frozen=True)
class Pace:
    """How a server responded to one client: responses a second, and their median in ms."""

    rate: float
    median: float


def measure_call(port: int, call: Call) -> Pace:
    """Send a request for one round, each after the response to the one before."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    seconds = []
    for _ in range(WARM_UP_REQUESTS):
        send(connection, call)
    started = perf_counter()
    while perf_counter() - started < SECONDS:
        sent = perf_counter()
        send(connection, call)
        seconds.append(perf_counter() - sent)
    connection.close()
    return Pace(len(seconds) / sum(seconds), 1000 * float(np.median(seconds)))


def send(connection: http.client.HTTPConnection, call: Call) -> None:
    """Send one request and read its response; RuntimeError unless it is a 200 that is kept."""
    kept = connection.sock
    connection.request(call.method, call.path, call.body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    if response.status != http.HTTPStatus.OK or (kept and connection.sock is not kept):
        raise RuntimeError(f"expected 200 over the same connection, got {response.status}")


def measure_rounds() -> tuple[dict[str, Pace], dict[str, Pace]]:
    """The fastest pace of each call on either server, by the name of the call."""
    options = {"PYTHONPATH": str(ROOT), "DIGITLAB_API_MAX_REQUESTS_PER_SECOND": "0"}
    with ExitStack() as stack:
        ports = []
        for script in (NAGLE_SCRIPT, SCRIPT):
            server = Server(script, **options)
            stack.callback(server.stop)
            ports.append(server.port)
        rounds = [
            [{call.name: measure_call(port, call) for call in CALLS} for port in ports]
            for _ in range(ROUNDS)
        ]
    before, now = (find_fastest(paces) for paces in zip(*rounds, strict=True))
    return before, now


def find_fastest(rounds: Sequence[Mapping[str, Pace]]) -> dict[str, Pace]:
    """Of each call the round with the most requests a second."""
    return {
        call.name: max((paces[call.name] for paces in rounds), key=lambda pace: pace.rate)
        for call in CALLS
    }


def write_report(before: Mapping[str, Pace], now: Mapping[str, Pace]) -> str:
    """The table, in Markdown."""
    lines = [
        "| One client, one connection | Nagle, requests/s | Nagle, median, ms "
        "| Digit Lab, requests/s | Digit Lab, median, ms | **Ratio** |",
        "|---|---|---|---|---|---|",
    ]
    for name, ours in now.items():
        theirs = before[name]
        lines.append(
            f"| {name} | {theirs.rate:.0f} | {theirs.median:.1f} | {ours.rate:.0f} "
            f"| {ours.median:.1f} | **{ours.rate / theirs.rate:.0f}** |"
        )
    return "\n".join(lines) + "\n"


def find_shortfalls(before: Mapping[str, Pace], now: Mapping[str, Pace]) -> Sequence[str]:
    """A sentence for every limit that is missed."""
    slow = [
        f"expected a median of {name} of at most {MAX_MEDIAN:.0f} ms, got {pace.median:.1f} ms"
        for name, pace in now.items()
        if pace.median > MAX_MEDIAN
    ]
    few = [
        f"expected {MIN_RATIO:.0f} times as many {name}, got {pace.rate / before[name].rate:.1f}"
        for name, pace in now.items()
        if pace.rate < MIN_RATIO * before[name].rate
    ]
    return slow + few


def main() -> int:
    """Run the benchmark; returns the exit status."""
    before, now = measure_rounds()
    report = write_report(before, now)
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = find_shortfalls(before, now)
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls)
    return 1 if shortfalls else 0


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How fast the API is over one kept connection\n\n"
        "Written by `make bench`. `streamlit run` serves the API as it is, and with Nagle's\n"
        "algorithm on, which is Streamlit's default. Each request is sent after the response to\n"
        f"the one before, from the same machine. The fastest of {ROUNDS} rounds counts, which\n"
        "alternate between the two.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
