"""Pages without a browser, each test with caches and a database of its own."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.drawings.store import DATABASE_VARIABLE
from core.runs.run import RUNS_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
# Whose drawings the pages keep and show.
VISITOR = "anna"


@pytest.fixture(autouse=True)
def fresh_caches_and_database(monkeypatch, tmp_path):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    monkeypatch.setenv(DATABASE_VARIABLE, f"sqlite:///{tmp_path}/drawings.sqlite3")
    st.cache_data.clear()
    st.cache_resource.clear()


def open_page(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.session_state["visitor"] = VISITOR
    app.run()
    app.switch_page(f"pages/{name}")
    return app.run()


def list_choices(app: AppTest) -> dict[str, object]:
    """What can be chosen on a page, by key."""
    choices = [*app.segmented_control, *app.pills, *app.selectbox, *app.toggle]
    return {one.key: one for one in choices}


def try_every_choice(name: str, **query: str) -> None:
    """Choose every option of every choice that a page offers at first; none may end in an error."""
    for key, choice in list_choices(open_page(name, **query)).items():
        app = open_page(name, **query)
        for option in getattr(choice, "options", None) or [True]:
            if key not in list_choices(app):  # the option before has hidden it
                app = open_page(name, **query)
            list_choices(app)[key].set_value(option).run()
            assert not app.exception, (key, option)
            assert not app.error, (key, option)
