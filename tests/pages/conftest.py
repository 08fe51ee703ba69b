"""Pages without a browser; each test has drawings and runs of its own."""

import gc
import re
import sys
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.digits import datasets
from core.drawings.store import DATABASE_VARIABLE
from core.models.files import RUNS_VARIABLE
from pages.widgets.data import get_store

if TYPE_CHECKING:
    from pages.widgets.pad import Pad

ROOT = Path(__file__).resolve().parents[2]
# The owner of the drawings and runs that the pages save and show.
VISITOR = "anna"
MAX_OPTIONS = 20


@pytest.fixture(scope="module", autouse=True)
def little_garbage():
    """Streamlit collects garbage after every run of a page; what earlier tests left is spared."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def fresh_drawings_and_runs(monkeypatch, tmp_path):
    """Caches of models and data sets stay: filling them takes longer than the tests."""
    monkeypatch.setenv(DATABASE_VARIABLE, f"sqlite:///{tmp_path}/drawings.sqlite3")
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    get_store.clear()
    # AppTest leaves the page as the main module, which a process that a test starts would run.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def fresh_caches():
    """Caches are empty before and after the test."""
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def no_mnist(monkeypatch, tmp_path, fresh_caches):  # noqa: ARG001  a fixture takes no mark
    monkeypatch.delenv("DIGITLAB_MNIST", raising=False)
    monkeypatch.setattr(datasets, "mnist_cache_directory", lambda: tmp_path)


def open_page(name: str, **query: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages/router.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.session_state["visitor"] = VISITOR
    app.session_state["reader_failed"] = True  # without a browser, the server predicts
    return app.switch_page(name).run()


def read_accuracies(app: AppTest) -> list[str]:
    """The accuracies that the Confusion matrices page shows, one for each model."""
    lines = (re.match(r"\*\*.+\*\* (.+%), top-3", text.value) for text in app.markdown)
    return [line[1] for line in lines if line]


def list_choices(app: AppTest) -> dict[str, object]:
    """The choices that a page offers, by key."""
    choices = [
        *app.segmented_control, *app.pills, *app.selectbox, *app.multiselect, *app.toggle,
    ]  # fmt: skip
    return {choice.key: choice for choice in choices}


def get_pad(app: AppTest, key: str = "pad") -> "Pad":
    """A pad of an open page; the default is that of the Draw page."""
    from pages.widgets.pad import Pad  # the canvas can be imported only after a page has run

    return Pad(key, app.session_state)


def try_every_choice(name: str, **query: str) -> None:
    """Choose each option of every choice that a page offers at first; none may cause an error."""
    for key, choice in list_choices(open_page(name, **query)).items():
        app = open_page(name, **query)
        options = list(getattr(choice, "options", None) or [True])
        # Of a long list, such as all pairs of digits, some are enough.
        for option in options if len(options) <= MAX_OPTIONS else options[:: len(options) // 5]:
            if key not in list_choices(app):  # hidden by the previous option
                app = open_page(name, **query)
            several = isinstance(choice.value, list)
            list_choices(app)[key].set_value([option] if several else option).run()
            assert not app.exception, (key, option)
            assert not app.error, (key, option)


def read_ranking(app: AppTest) -> dict[str, int]:
    """The digit that each model predicts, by its title, from the table of an answer."""
    (html,) = [one.proto.body for one in app.get("html") if "<table>" in one.proto.body]
    rows = re.findall(r"<tr><th scope=\"row\">(?:<i .*?</i>)?(.*?)</th><td><b>(\d)</b>", html)
    return {unescape(title): int(digit) for title, digit in rows}
