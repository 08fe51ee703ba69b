"""Outages: ``python -m tests.benchmarks.bench_outages`` draws while the database does not respond.

``streamlit run`` serves the dashboard with a sound database, with an SQLite file to which something
else writes all the time, and with a PostgreSQL server that accepts connections and sends nothing.
Visitors of the Draw page draw and save. The table goes to the screen and to
``outages.md`` beside this file. The exit status is 1 when a limit is missed.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from core.drawings.store import DATABASE_VARIABLE
from tests.benchmarks.machine import describe_machine
from tests.browser.conftest import draw_with_mouse
from tests.browser.script_runs import wait_for_answer, watch_runs
from tests.conftest import launch_chromium
from tests.docs.reports import write_table
from tests.servers import Server, listen_in_silence

REPORT = Path(__file__).with_name("outages.md")
VISITORS = 20
TIMEOUT, POLLING = 60_000, 50  # ms
# A seven, in pixels of the pad, and the button that saves it.
STROKES = [[(70, 60), (250, 60), (150, 270)]]
BUTTON = "Yes, a 7"
REASON = "The database of saved drawings"
MAX_SECONDS_TO_ANSWER, MAX_SECONDS_TO_TELL = 0.5, 6.0
# Records in milliseconds how long after pen-up the answer is on the page, and how long after a
# press of the button the page says what became of it.
STOPWATCH = """
window.stopwatch = {answer: null, told: null};
let penUp = null, pressed = null;
document.addEventListener('pointerup', (event) => {
    if (event.composedPath()[0].closest('button')) pressed = performance.now();
    else penUp = performance.now();
}, true);
window.addEventListener('digitlab:answer', ({ detail }) => {
    if (penUp !== null && detail.isSettled) stopwatch.answer ??= performance.now() - penUp;
});
const look = () => {
    const word = '[data-testid=stAlertContentError], [data-testid=stToast]';
    if (pressed !== null && stopwatch.told === null && document.querySelector(word))
        stopwatch.told = performance.now() - pressed;
    requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


@dataclass(frozen=True)
class Outcome:
    """How a server went.

    Attributes:
        answers: seconds until the strokes of those who draw were answered.
        told: seconds until those who save were told what became of it.
        reasons: lines of the log about the database.
    """

    answers: Sequence[float]
    told: Sequence[float]
    reasons: Sequence[str]


@contextmanager
def leave_alone(file: Path) -> Iterator[str]:
    """The URL of an SQLite file that nobody else uses."""
    yield f"sqlite:///{file}"


@contextmanager
def lock(file: Path) -> Iterator[str]:
    """The URL of an SQLite file to which something else writes all the time."""
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        yield f"sqlite:///{file}"


@contextmanager
def silence(_: Path) -> Iterator[str]:
    """The URL of a PostgreSQL server that accepts connections and sends nothing."""
    with listen_in_silence() as port:
        yield f"postgresql://anna:secret@127.0.0.1:{port}/drawings"


SOUND = "Sound SQLite"
DATABASES: Mapping[str, Callable[[Path], AbstractContextManager[str]]] = {
    SOUND: leave_alone,
    "Locked SQLite": lock,
    "Silent PostgreSQL": silence,
}


def measure(browser: Browser, url: str, log: Path) -> Outcome:
    """Let visitors draw and save on a server of their own, each while the ones before may wait."""
    server = Server(log=log, **{DATABASE_VARIABLE: url})
    try:
        with ExitStack() as stack:
            pages, answers = [], []
            for _ in range(VISITORS):
                page = stack.enter_context(open_page(browser, server))
                answers.append(draw(page))
                wait_for_answer(page)  # the browser has shown all of it
                page.get_by_role("button", name=BUTTON).click()
                pages.append(page)
            told = [read_stopwatch(page, "told") for page in pages]
    finally:
        server.stop()
    reasons = [line for line in log.read_text().splitlines() if REASON in line]
    return Outcome(answers, told, reasons)


@contextmanager
def open_page(browser: Browser, server: Server) -> Iterator[Page]:
    """The Draw page in a browser of its own, with a stopwatch."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(TIMEOUT)
    context.on("page", watch_runs)
    page = context.new_page()
    page.add_init_script(STOPWATCH)
    page.goto(server.address)
    page.locator(".reader[data-ready=true]").wait_for(state="attached")
    yield page
    context.close()


def draw(page: Page) -> float:
    """Draw a digit; seconds from pen-up to the answer."""
    draw_with_mouse(page, STROKES)
    return read_stopwatch(page, "answer")


def read_stopwatch(page: Page, name: str) -> float:
    """Seconds that it shows, once it has stopped."""
    page.wait_for_function(f"stopwatch.{name}", polling=POLLING)
    return page.evaluate(f"stopwatch.{name}") / 1000


def measure_all() -> dict[str, Outcome]:
    """What happened with each database."""
    outcomes = {}
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for name, open_database in DATABASES.items():
            place = Path(folder) / name
            place.mkdir()
            with open_database(place / "drawings.sqlite3") as url:
                outcomes[name] = measure(browser, url, place / "log")
        browser.close()
    return outcomes


def write_report(outcomes: Mapping[str, Outcome]) -> str:
    """The table, in Markdown: one row per database."""
    header = (
        "Database", "Pen-up to answer, median, s", "Slowest, s", "Save to word, median, s",
        "Slowest to word, s", "Lines in the log",
    )  # fmt: skip
    rows = [
        (name, *map(_seconds, (median(one.answers), max(one.answers), median(one.told),
                               max(one.told))), len(one.reasons))
        for name, one in outcomes.items()
    ]  # fmt: skip
    return write_table(header, rows) + "\n"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}"


def find_shortfalls(outcomes: Mapping[str, Outcome]) -> list[str]:
    """A sentence for every figure that misses its limit."""
    shortfalls = []
    for name, one in outcomes.items():
        for what, seconds, limit in (
            ("answer", max(one.answers), MAX_SECONDS_TO_ANSWER),
            ("word about saving", max(one.told), MAX_SECONDS_TO_TELL),
        ):
            if seconds > limit:
                shortfalls.append(
                    f"expected every {what} within {limit} s with {name}, got {seconds:.2f} s"
                )
        if name != SOUND and not one.reasons:
            shortfalls.append(f"expected the reason in the log with {name}, got none")
    return shortfalls


def main() -> int:
    """Run the benchmark; returns the exit status."""
    outcomes = measure_all()
    report = write_report(outcomes)
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = find_shortfalls(outcomes)
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls)
    return 1 if shortfalls else 0


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How long visitors wait for a database that does not respond\n\n"
        "Written by `make bench`. `streamlit run` serves the dashboard with a sound database,\n"
        "with an SQLite file that something else has locked, and with a PostgreSQL server that\n"
        f"accepts connections and sends nothing. {VISITORS} visitors in Chromium come one after\n"
        "the other. Each draws a digit and saves it, and the next comes while those before may\n"
        f"still wait. Each must be answered within {MAX_SECONDS_TO_ANSWER} s, and be told within\n"
        f"{MAX_SECONDS_TO_TELL:.0f} s whether the drawing was saved.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
