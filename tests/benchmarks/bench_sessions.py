"""Sessions: ``python -m tests.benchmarks.bench_sessions`` lets 100 visitors draw for a minute.

Each sends a stroke every second over Streamlit's websocket, whether the last one was answered or
not. What the page says of a drawing is compared with what ``core`` reads in it here. The table goes
to the screen and to ``sessions.md`` beside this file. The exit status is 1 when a stroke was lost,
something failed, or the server keeps the memory of those who left.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil
from websockets.exceptions import WebSocketException

from core.synthesis.glyphs import draw_sample
from tests.benchmarks.simulated_session import (
    ShownAnswer,
    SimulatedSession,
    encode_drawing,
    open_session,
    read_drawing,
)
from tests.servers import Server

REPORT = Path(__file__).with_name("sessions.md")
SESSIONS = 100
STROKES = 60
PAD_SIDE = 320
# Seconds between two strokes of a session, and between two arrivals.
STROKE_INTERVAL = 1.0
ARRIVAL_INTERVAL = 0.13
# So long the last stroke of a session waits for its answer before it counts as lost.
PATIENCE = 30.0
# Streamlit keeps a session for two minutes in case its visitor comes back, and lets go of it when
# the next one leaves after that.
SECONDS_KEPT = 125
# Within this time a server that rests has given memory back (pages/widgets/memory.py).
SECONDS_OF_REST = 60
MAX_MEMORY_KEPT = 1.1  # of what there was before they came
# Strokes that one visitor draws before the memory is measured.
WARM_UP = 5
MAX_SENTENCES = 20


@dataclass(frozen=True, eq=False)
class Stroke:
    """One stroke as it is sent: the state of the pad with it, and the reading that belongs."""

    state: str
    reading: ShownAnswer


@dataclass
class Visit:
    """How one session went.

    Attributes:
        waits: seconds from each stroke to the first answer that it is part of.
        superseded: strokes whose answer came with a later one's.
        lost: strokes that no answer contains.
        errors: what went wrong otherwise.
    """

    waits: list[float] = field(default_factory=list)
    superseded: int = 0
    lost: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Memory:
    """Resident memory of the server in bytes: after one visitor, after all strokes, all gone."""

    before: int
    during: int
    after: int


def write_strokes(count: int, *, seed: int) -> list[Stroke]:
    """Digits of our own, stroke by stroke. Each digit takes the place of the one before it."""
    random = np.random.default_rng(seed)
    strokes: list[Stroke] = []
    while len(strokes) < count:
        digit = draw_sample(int(random.integers(10)), canvas_size=PAD_SIDE, random=random)
        for end in range(1, len(digit) + 1):
            state = encode_drawing(digit[:end])
            strokes.append(Stroke(state, read_drawing(state)))
    return strokes[:count]


async def visit(address: str, strokes: Sequence[Stroke], *, delay: float = 0.0) -> Visit:
    """Come after ``delay`` seconds, draw all strokes, wait for the last answer and leave."""
    await asyncio.sleep(delay)
    course = Visit()
    try:
        async with open_session(address) as session:
            await _draw(session, strokes, course)
    except (OSError, RuntimeError, TimeoutError, WebSocketException) as error:
        course.errors.append(f"{type(error).__name__}: {error}")
    course.lost = len(strokes) - len(course.waits)
    return course


async def _draw(session: SimulatedSession, strokes: Sequence[Stroke], course: Visit) -> None:
    sent: list[float] = []
    answers = asyncio.create_task(_take_answers(session, strokes, sent, course))
    start = perf_counter()
    for index, stroke in enumerate(strokes):
        await asyncio.sleep(start + index * STROKE_INTERVAL - perf_counter())
        sent.append(perf_counter())
        await session.send_drawing(stroke.state)
    await asyncio.wait_for(answers, PATIENCE)


async def _take_answers(
    session: SimulatedSession, strokes: Sequence[Stroke], sent: Sequence[float], course: Visit
) -> None:
    """Note how long each stroke waited, until the last is answered."""
    while len(course.waits) < len(strokes):
        run = await session.receive_run()
        now = perf_counter()
        course.errors.extend(run.errors)
        if run.reading is None:
            continue
        waiting = range(len(course.waits), len(sent))
        answered = [index for index in waiting if run.reading.equals(strokes[index].reading)]
        if not answered:
            course.errors.append("expected the reading of a stroke that waits, got another")
            continue
        course.superseded += answered[0] - len(course.waits)
        course.waits.extend(now - sent[index] for index in range(waiting[0], answered[0] + 1))


async def visit_together(address: str, written: Sequence[Sequence[Stroke]]) -> list[Visit]:
    """One visitor for each list of strokes, arriving one after the other."""
    return await asyncio.gather(
        *(
            visit(address, strokes, delay=index * ARRIVAL_INTERVAL)
            for index, strokes in enumerate(written)
        )
    )


def measure() -> tuple[list[Visit], Memory]:
    """Let all visitors draw on a server of their own, and wait until it has let go of them."""
    written = [write_strokes(STROKES, seed=seed) for seed in range(SESSIONS)]
    server = Server()
    try:
        process = psutil.Process(server.process.pid)
        asyncio.run(visit(server.address, written[0][:WARM_UP]))
        time.sleep(SECONDS_OF_REST)
        before = process.memory_info().rss
        visits = asyncio.run(visit_together(server.address, written))
        during = process.memory_info().rss
        time.sleep(SECONDS_KEPT)
        asyncio.run(visit(server.address, written[0][:1]))
        time.sleep(SECONDS_OF_REST)
        return visits, Memory(before, during, process.memory_info().rss)
    finally:
        server.stop()


def write_report(visits: Sequence[Visit], memory: Memory) -> str:
    """The table, in Markdown."""
    waits = [wait for one in visits for wait in one.waits]
    median, slow = np.percentile(waits, [50, 95]) if waits else (np.nan, np.nan)
    figures = {
        "Strokes sent": SESSIONS * STROKES,
        "Strokes lost": sum(one.lost for one in visits),
        "Strokes answered together with the next": sum(one.superseded for one in visits),
        "Errors": sum(len(one.errors) for one in visits),
        "Stroke to answer, median, s": f"{median:.2f}",
        "Stroke to answer, 95 of 100, s": f"{slow:.2f}",
        "Server memory before, MB": round(memory.before / 1e6),
        "Server memory with all of them, MB": round(memory.during / 1e6),
        "Server memory after they left, MB": round(memory.after / 1e6),
        "**After / before**": f"**{memory.after / memory.before:.2f}**",
    }
    rows = "".join(f"| {name} | {value} |\n" for name, value in figures.items())
    return f"| {SESSIONS} visitors, a stroke a second each for {STROKES} s | |\n|---|---|\n{rows}"


def find_shortfalls(visits: Sequence[Visit], memory: Memory) -> list[str]:
    """A sentence for every promise that was not kept."""
    shortfalls = [f"expected no error, got {error}" for one in visits for error in one.errors]
    lost = sum(one.lost for one in visits)
    if lost:
        shortfalls.append(f"expected every stroke to be answered, got {lost} that were not")
    if memory.after > MAX_MEMORY_KEPT * memory.before:
        shortfalls.append(
            f"expected at most {MAX_MEMORY_KEPT} times the memory afterwards, got "
            f"{memory.after / memory.before:.2f} times"
        )
    return shortfalls


def main() -> int:
    """Run the benchmark; returns the exit status."""
    visits, memory = measure()
    report = write_report(visits, memory)
    REPORT.write_text(_introduce() + report, encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = find_shortfalls(visits, memory)
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls[:MAX_SENTENCES])
    return 1 if shortfalls else 0


def _introduce() -> str:
    return (
        "# How many can draw at once\n\n"
        "Written by `make bench`: visitors of one server speak Streamlit's websocket as a browser\n"
        "does. Each sends a stroke every second, answered or not; every answer is compared with\n"
        "what the models read in that very drawing. The visitors run beside the server and take\n"
        "their share of the processor. Memory is what the server takes after a minute of rest:\n"
        "after one visitor, and when it has let go of all.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
