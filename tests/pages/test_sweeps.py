"""The sweeps, on the page that shows them."""

import pytest

from core.models.files import RUNS_VARIABLE
from core.runs.sweeps import load_sweep
from tests.pages.conftest import open_page
from tests.sweeps import save_sweep


@pytest.fixture(autouse=True)
def no_runs(monkeypatch, tmp_path):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))


def test_without_a_sweep_the_page_says_how_to_train_one():
    app = open_page("sweeps.py")
    assert not app.exception
    assert "no sweep yet" in app.info[0].value
    assert "core.training sweep" in app.code[0].value


def test_the_table_says_what_the_runs_say():
    sweep = load_sweep(save_sweep(losses=(0.4, None, 0.1, 0.3)))
    app = open_page("sweeps.py", sweep=sweep.id)
    assert not app.exception
    assert "Not ended: 1." in app.caption[-1].value
    table = app.dataframe[0].value
    assert list(table["Run"]) == [trial.run.id for trial in sweep.trials]
    assert list(table["Validation loss"]) == ["0.1000", "0.3000", "0.4000", "–"]
    assert list(table["Validation accuracy"]) == ["99.00%", "97.00%", "96.00%", "–"]
    assert list(table["Learning rate"]) == ["0.004", "0.004", "0.001", "0.001"]
    assert list(table["Augmentation"]) == ["on", "off", "on", "off"]
    assert len(app.get("plotly_chart")) == 1


def test_a_sweep_of_which_nothing_has_ended_has_no_figure_yet():
    save_sweep(losses=(None, None, None, None))
    app = open_page("sweeps.py")
    assert not app.exception
    assert not app.get("plotly_chart")
    assert "Not ended: 4." in app.caption[-1].value
