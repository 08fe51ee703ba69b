"""What all tests share: digits, MNIST where it is at hand, a browser, nothing of the user's."""

import gc
import logging
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from core.digits.datasets import Dataset, find_mnist, load_bundled_digits, load_mnist
from core.drawings.store import DATABASE_VARIABLE
from core.models.files import RUNS_VARIABLE
from core.runs.jobs import can_train, explain_no_training
from tests.postgresql import PostgreSQLServer, find_binaries
from tests.required import BROWSER, MNIST, POSTGRESQL, skip_unless_required

CHROMIUM = {
    "executable_path": shutil.which("chromium") or shutil.which("google-chrome"),
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        # No digit writes itself on an empty pad, unless a window asks for motion.
        "--force-prefers-reduced-motion",
    ],
}
# What Streamlit logs because tests call it without a server.
WITHOUT_A_SERVER = ("missing ScriptRunContext", "No runtime found")


def launch_chromium(playwright: Playwright) -> Browser:
    """The browser of this machine, or the one that Playwright downloaded."""
    return playwright.chromium.launch(**CHROMIUM)


def pytest_configure() -> None:
    """Without TensorFlow nothing is tested, except where it has no package."""
    if not can_train() and sys.version_info < (3, 14):
        raise pytest.UsageError(explain_no_training())


def pytest_report_header() -> str | None:
    return None if can_train() else f"tests/core/training is left out: {explain_no_training()}"


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported: pages leave it a lot to do, and it is slow."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def warnings_of_streamlit_are_errors(caplog) -> Iterator[None]:
    """Streamlit only logs them: what is deprecated, or a widget whose value is set twice."""
    yield
    logged = [
        f"{record.name}: {record.getMessage()}"
        for record in caplog.get_records("call")
        if record.name.startswith("streamlit") and record.levelno == logging.WARNING
    ]
    assert not [line for line in logged if not any(text in line for text in WITHOUT_A_SERVER)]


@pytest.fixture(scope="session", autouse=True)
def database_of_tests(tmp_path_factory) -> Iterator[None]:
    """No test, and no server that one starts, writes among the drawings of who runs it."""
    file = tmp_path_factory.mktemp("database") / "drawings.sqlite3"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATABASE_VARIABLE, f"sqlite:///{file}")
        yield


@pytest.fixture(scope="session", autouse=True)
def runs_of_tests(tmp_path_factory) -> Iterator[None]:
    """Nor among their runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(RUNS_VARIABLE, str(tmp_path_factory.mktemp("runs")))
        yield


@pytest.fixture(scope="session")
def bundled_digits() -> Dataset:
    return load_bundled_digits()


@pytest.fixture(scope="session")
def mnist_test() -> Dataset:
    if find_mnist() is None:
        reason = "MNIST is not on this machine: set DIGITLAB_MNIST, or run `make mnist`"
        skip_unless_required(MNIST, reason)
    return load_mnist("test")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            chromium = launch_chromium(playwright)
        except Error as error:
            reason = "there is no Chromium: install it, or run `playwright install chromium`"
            skip_unless_required(BROWSER, f"{reason}: {error}")
        yield chromium
        chromium.close()


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    binaries = find_binaries()
    if binaries is None:
        reason = "PostgreSQL's server is not on this machine: apt install postgresql"
        skip_unless_required(POSTGRESQL, reason)
    server = PostgreSQLServer(binaries)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/drawings.sqlite3"
    return request.getfixturevalue("postgresql_server").create_database()
