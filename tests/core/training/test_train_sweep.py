"""The command of sweeps, without a training; ``deployment/test_sweep.py`` trains."""

import pytest

from core.models.files import RUNS_VARIABLE
from core.runs.run import list_runs
from core.training.__main__ import main
from tests.sweeps import save_sweep


@pytest.fixture(autouse=True)
def runs(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))


def test_sweeps_are_listed_with_how_many_trials_have_ended(capsys):
    sweep_id = save_sweep(losses=(0.4, None, 0.1, 0.3))
    assert main(["sweep", "--show"]) == 0
    printed = capsys.readouterr().out
    assert sweep_id in printed
    assert "3 of 4 trials" in printed


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "Name a model"),
        (["committee"], "choices are cnn"),
        (["lenet5", "--seeds", "0"], "--seeds must be at least 1"),
        (["lenet5", "--learning-rate", "-1"], "Learning rate must be a number from"),
        (["lenet5", "--trials", "0"], "at least one trial"),
        (["--show", "sweep_000000000000"], "choices are none"),
    ],
)
def test_a_sweep_that_cannot_be_is_a_sentence(capsys, words, reason):
    assert main(["sweep", *words]) == 1
    assert reason in capsys.readouterr().err
    assert list_runs() == []
