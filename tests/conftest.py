"""What all tests share: digits, MNIST where it is at hand, a browser, nothing of the user's."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from core.digits.datasets import Dataset, find_mnist, load_bundled_digits, load_mnist
from core.drawings.store import DATABASE_VARIABLE
from core.models.files import RUNS_VARIABLE
from tests.postgresql import PostgreSQLServer, find_binaries

CHROMIUM = {
    "executable_path": shutil.which("chromium") or shutil.which("google-chrome"),
    "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
}


def launch_chromium(playwright: Playwright) -> Browser:
    """The browser of this machine, or the one that Playwright downloaded."""
    return playwright.chromium.launch(**CHROMIUM)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported: pages leave it a lot to do, and it is slow."""
    gc.collect()
    gc.freeze()


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
        pytest.skip("MNIST is not on this machine: set DIGITLAB_MNIST or download it")
    return load_mnist("test")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            chromium = launch_chromium(playwright)
        except Error:
            if os.environ.get("DIGITLAB_REQUIRE_BROWSER"):
                raise
            pytest.skip("there is no Chromium: install it, or run `playwright install chromium`")
        yield chromium
        chromium.close()


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    binaries = find_binaries()
    if binaries is None:
        explain = pytest.fail if os.environ.get("DIGITLAB_REQUIRE_POSTGRESQL") else pytest.skip
        explain("PostgreSQL's server is not on this machine: apt install postgresql")
    server = PostgreSQLServer(binaries)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/drawings.sqlite3"
    return request.getfixturevalue("postgresql_server").create_database()
