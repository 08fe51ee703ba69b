"""Sessions: ``python -m tests.benchmarks.bench_sessions`` lets 20, 100 and 300 visitors draw.

Each visitor sends a stroke every second for a minute over Streamlit's websocket, whether the server
has taken the last one or not. The browser predicts, so what the visitor sees does not depend on it.
What the server has on the pad is compared with what was sent. Each load has a server of its own.
Where few draw, every visitor then opens every page. The table goes to the screen and to
``sessions.md`` beside this file; ``--visitors 20`` measures that load alone and writes no file.
Where the server has more memory after the visitors have left, as many come again: parts of the heap
stay with the process, but a second visit must not add to them. The exit status is 1 when a stroke
was lost, something failed, the server is slower than it should be, or its memory grows with each
visit.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import psutil

from core.synthesis.glyphs import draw_sample
from tests.benchmarks.machine import describe_machine
from tests.benchmarks.simulated_session import (
    SimulatedSession,
    decode_drawing,
    encode_drawing,
    open_session,
)
from tests.docs.reports import NOT_MEASURED, write_table
from tests.servers import ROOT, Server

REPORT = Path(__file__).with_name("sessions.md")
LOADS = (20, 100, 300)
# With more visitors, opening every page would take longer than drawing.
MAX_VISITORS_OF_EVERY_PAGE = 20
STROKES = 60
PAD_SIDE = 320
# Seconds between two strokes of a session, and between two arrivals.
STROKE_INTERVAL = 1.0
ARRIVAL_INTERVAL = 0.13
# Seconds after which the last stroke of a session, or a page, counts as lost.
PATIENCE = 30.0
PATIENCE_WITH_PAGE = 300.0
# Streamlit keeps a session for two minutes in case its visitor comes back, and drops it when the
# next visitor leaves after that.
SECONDS_KEPT = 125
# An idle server has given memory back within this time (core/server/memory.py).
SECONDS_IDLE = 60
MAX_GROWTH = 1.1  # of the memory of an idle server, from one visit to the next
MAX_MILLISECONDS = 6.0  # of the server's processor, for a stroke
MAX_WAIT, MAX_LOAD_FOR_IT = 0.5, 100  # seconds for 95 of 100 strokes, up to so many visitors
# Strokes that one visitor draws before the memory is measured.
WARM_UP = 5
MAX_SENTENCES = 20


@dataclass(frozen=True, eq=False)
class Stroke:
    """One stroke: the state of the pad with it, as it is sent and as the server has it then."""

    state: str
    drawing: dict[str, Any]


@dataclass
class Visit:
    """How one session went.

    Attributes:
        waits: seconds from each stroke until the server says that it has it.
        superseded: strokes that the server took together with a later one.
        lost: strokes that the server does not have.
        errors: what went wrong otherwise.
        first_sent: time of the first stroke, in seconds of this process's clock.
        last_answered: time when the server had the last one, likewise.
    """

    waits: list[float] = field(default_factory=list)
    superseded: int = 0
    lost: int = 0
    errors: list[str] = field(default_factory=list)
    first_sent: float = float("inf")
    last_answered: float = float("-inf")


@dataclass(frozen=True)
class Memory:
    """Resident memory of the server in bytes.

    Attributes:
        before: after one visitor, idle.
        drawing: right after all strokes.
        after: after all visitors have left, idle.
        again: after as many came and left a second time; None where the first time added little.
        pages: after every visitor has opened every page; None where they did not.
    """

    before: int
    drawing: int
    after: int
    again: int | None = None
    pages: int | None = None

    @property
    def growth(self) -> float:
        """How many times the memory from before the last visit is there after it."""
        return self.after / self.before if self.again is None else self.again / self.after


@dataclass(frozen=True)
class Outcome:
    """What one load gave.

    Attributes:
        visits: of all visitors.
        memory: of the server.
        milliseconds: of its processor while they came and drew, for each stroke.
        later_errors: of a second visit, and of the pages that were opened.
    """

    visits: Sequence[Visit]
    memory: Memory
    milliseconds: float
    later_errors: Sequence[str] = ()


def write_strokes(count: int, *, seed: int) -> list[Stroke]:
    """Generated digits, stroke by stroke. Each digit replaces the one before it."""
    random = np.random.default_rng(seed)
    strokes: list[Stroke] = []
    while len(strokes) < count:
        digit = draw_sample(int(random.integers(10)), canvas_size=PAD_SIDE, random=random)
        for end in range(1, len(digit) + 1):
            state = encode_drawing(digit[:end])
            strokes.append(Stroke(state, decode_drawing(state)))
    return strokes[:count]


async def visit(address: str, strokes: Sequence[Stroke], *, delay: float = 0.0) -> Visit:
    """Come after ``delay`` seconds, draw all strokes, wait for the last answer and leave."""
    await asyncio.sleep(delay)
    course = Visit()
    try:
        async with open_session(address) as session:
            await _draw(session, strokes, course)
    except Exception as error:  # the other visitors go on, whatever happened to this one
        course.errors.append(f"{type(error).__name__}: {error}")
    course.lost = len(strokes) - len(course.waits)
    return course


async def _draw(session: SimulatedSession, strokes: Sequence[Stroke], course: Visit) -> None:
    sent: list[float] = []
    answers = asyncio.create_task(_take_answers(session, strokes, sent, course))
    try:
        course.first_sent = start = perf_counter()
        for index, stroke in enumerate(strokes):
            await asyncio.sleep(start + index * STROKE_INTERVAL - perf_counter())
            sent.append(perf_counter())
            await session.send_drawing(stroke.state)
        await asyncio.wait_for(answers, PATIENCE)
    finally:
        answers.cancel()


async def _take_answers(
    session: SimulatedSession, strokes: Sequence[Stroke], sent: Sequence[float], course: Visit
) -> None:
    """Note how long each stroke waited, until the server has the last."""
    while len(course.waits) < len(strokes):
        run = await session.receive_run()
        now = perf_counter()
        course.errors.extend(run.errors)
        if run.drawing is None:
            continue
        waiting = range(len(course.waits), len(sent))
        answered = [index for index in waiting if run.drawing == strokes[index].drawing]
        if not answered:
            course.errors.append("expected the drawing of a stroke that waits, got another")
            continue
        course.superseded += answered[0] - len(course.waits)
        course.waits.extend(now - sent[index] for index in range(waiting[0], answered[0] + 1))
        course.last_answered = now


async def visit_together(address: str, written: Sequence[Sequence[Stroke]]) -> list[Visit]:
    """One visitor for each list of strokes, arriving one after the other."""
    return await asyncio.gather(
        *(
            visit(address, strokes, delay=index * ARRIVAL_INTERVAL)
            for index, strokes in enumerate(written)
        )
    )


async def open_every_page(address: str, paths: Sequence[str], *, delay: float = 0.0) -> list[str]:
    """Come after ``delay`` seconds and open all pages in turn; what went wrong."""
    await asyncio.sleep(delay)
    errors: list[str] = []
    try:
        async with open_session(address) as session:
            for path in paths:
                shown = await asyncio.wait_for(session.open_page(path), PATIENCE_WITH_PAGE)
                errors.extend(f"{path}: {error}" for error in shown)
    except Exception as error:  # as above
        errors.append(f"{type(error).__name__}: {error}")
    return errors


async def open_pages_together(address: str, visitors: int) -> list[str]:
    """Let visitors open every page at the same time; what went wrong."""
    paths = list_paths()
    found = await asyncio.gather(
        *(
            open_every_page(address, paths, delay=index * ARRIVAL_INTERVAL)
            for index in range(visitors)
        )
    )
    return [error for errors in found for error in errors]


def list_paths() -> list[str]:
    """The paths of all pages but Draw, whose path is empty."""
    files = sorted((ROOT / "pages").glob("*.py"))
    return [file.stem for file in files if file.stem not in {"__init__", "router", "draw"}]


def measure(visitors: int) -> Outcome:
    """Let visitors draw on a server of their own, and wait until it has dropped them."""
    written = [write_strokes(STROKES, seed=seed) for seed in range(visitors)]
    server = Server()
    try:
        process = psutil.Process(server.process.pid)
        asyncio.run(visit(server.address, written[0][:WARM_UP]))
        time.sleep(SECONDS_IDLE)
        before = process.memory_info().rss
        seconds = _read_seconds(process)
        visits = asyncio.run(visit_together(server.address, written))
        milliseconds = 1000 * (_read_seconds(process) - seconds) / (visitors * STROKES)
        drawing = process.memory_info().rss
        memory = Memory(before, drawing, _wait_until_idle(server, process, written[0]))
        errors: list[str] = []
        if memory.growth > MAX_GROWTH:
            few = [strokes[:WARM_UP] for strokes in written]
            second = asyncio.run(visit_together(server.address, few))
            errors += [error for one in second for error in one.errors]
            memory = replace(memory, again=_wait_until_idle(server, process, written[0]))
        if visitors <= MAX_VISITORS_OF_EVERY_PAGE:
            errors += asyncio.run(open_pages_together(server.address, visitors))
            memory = replace(memory, pages=process.memory_info().rss)
        return Outcome(visits, memory, milliseconds, errors)
    finally:
        server.stop()


def _wait_until_idle(server: Server, process: psutil.Process, strokes: Sequence[Stroke]) -> int:
    """Resident memory in bytes, once the server has dropped all sessions and given memory back."""
    time.sleep(SECONDS_KEPT)
    asyncio.run(visit(server.address, strokes[:1]))
    time.sleep(SECONDS_IDLE)
    return process.memory_info().rss


def _read_seconds(process: psutil.Process) -> float:
    """What a process has used of the processor."""
    times = process.cpu_times()
    return times.user + times.system


def write_report(outcomes: Mapping[int, Outcome]) -> str:
    """The table, in Markdown: one column per load."""
    columns = [_list_figures(outcome) for outcome in outcomes.values()]
    rows = [(name, *(column[name] for column in columns)) for name in columns[0]]
    header = (
        f"A stroke a second each for {STROKES} s",
        *(f"{visitors} visitors" for visitors in outcomes),
    )
    return write_table(header, rows) + "\n"


def _list_figures(outcome: Outcome) -> dict[str, str]:
    visits, memory = outcome.visits, outcome.memory
    waits = [wait for one in visits for wait in one.waits]
    median, slow = np.percentile(waits, [50, 95]) if waits else (np.nan, np.nan)
    superseded = sum(one.superseded for one in visits)
    first, last = min(one.first_sent for one in visits), max(one.last_answered for one in visits)
    return {
        "Strokes sent": f"{len(visits) * STROKES:,}",
        "Strokes lost": f"{sum(one.lost for one in visits):,}",
        "Strokes taken together with the next": f"{superseded:,}",
        "Errors": f"{sum(len(one.errors) for one in visits) + len(outcome.later_errors):,}",
        "Strokes taken a second": f"{(len(waits) - superseded) / (last - first):.1f}"
        if waits
        else "0",
        "Pen-up until the server has the stroke, median, s": f"{median:.2f}",
        "Pen-up until the server has the stroke, 95th percentile, s": f"{slow:.2f}",
        "Server's processor for a stroke, ms": f"{outcome.milliseconds:.1f}",
        "Server memory before, MB": _megabytes(memory.before),
        "Server memory while they draw, MB": _megabytes(memory.drawing),
        "Server memory after they left, MB": _megabytes(memory.after),
        "Memory after / before": f"{memory.after / memory.before:.2f}",
        "Server memory after as many came again, MB": _megabytes(memory.again),
        "Server memory after each opened every page, MB": _megabytes(memory.pages),
    }


def _megabytes(size: int | None) -> str:
    return NOT_MEASURED if size is None else f"{size / 1e6:.0f}"


def find_shortfalls(outcome: Outcome) -> list[str]:
    """A sentence for every figure that misses its limit."""
    visits, memory = outcome.visits, outcome.memory
    errors = [*outcome.later_errors, *(error for one in visits for error in one.errors)]
    shortfalls = [f"expected no error, got {error}" for error in errors]
    lost = sum(one.lost for one in visits)
    if lost:
        shortfalls.append(f"expected the server to have every stroke, got {lost} that it has not")
    waits = [wait for one in visits for wait in one.waits]
    if len(visits) <= MAX_LOAD_FOR_IT and waits and np.percentile(waits, 95) > MAX_WAIT:
        shortfalls.append(
            f"expected 95 of 100 strokes within {MAX_WAIT} s, got {np.percentile(waits, 95):.2f} s"
        )
    if outcome.milliseconds > MAX_MILLISECONDS:
        shortfalls.append(
            f"expected at most {MAX_MILLISECONDS:.0f} ms of the processor for a stroke, got "
            f"{outcome.milliseconds:.1f} ms"
        )
    if memory.growth > MAX_GROWTH:
        shortfalls.append(
            f"expected at most {MAX_GROWTH} times the memory after another visit, got "
            f"{memory.growth:.2f} times"
        )
    return shortfalls


def main() -> int:
    """Run the benchmark; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.bench_sessions", description=__doc__
    )
    parser.add_argument("--visitors", type=int, nargs="+", help="loads to measure, and only show")
    loads = parser.parse_args().visitors or LOADS
    outcomes = {}
    for visitors in loads:
        sys.stderr.write(f"{visitors} visitors, about {_estimate_minutes()} minutes ...\n")
        outcomes[visitors] = measure(visitors)
    report = write_report(outcomes)
    if tuple(loads) == LOADS:
        REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = [one for outcome in outcomes.values() for one in find_shortfalls(outcome)]
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls[:MAX_SENTENCES])
    return 1 if shortfalls else 0


def _estimate_minutes() -> int:
    seconds = 2 * SECONDS_IDLE + SECONDS_KEPT + STROKES * STROKE_INTERVAL + 60
    return round(seconds / 60)


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How many visitors can draw at once\n\n"
        "Written by `make bench`. Simulated visitors of one server speak Streamlit's websocket\n"
        "protocol, as a browser does. Each sends a stroke every second, whether the server has\n"
        "taken the last one or not, and compares what the server has with what it sent. The\n"
        "browser predicts, so nobody waits for it. The visitors run on the same two cores as the\n"
        "server. Memory is the resident memory of the server: before and after while it is idle,\n"
        "the rest right after the visitors have finished.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
