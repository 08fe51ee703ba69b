"""A sweep on Ray; these tests import TensorFlow, and train on a few hundred digits of MNIST."""

from pathlib import Path

import pytest

from core.runs.run import RUNS_VARIABLE, list_runs
from core.training.__main__ import main
from tests.sweeps import check_table, save_sweep, sweep_and_kill_a_worker

# deployment/test_sweep.py does the same with eight trials.
WORDS = ["--learning-rate", "0.001", "0.004", "--epochs", "1"]


@pytest.fixture(autouse=True)
def runs(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.mark.usefixtures("mnist_test")
def test_a_sweep_survives_a_killed_worker_and_its_table_matches_its_runs(runs, capsys):
    command, printed, sweep = sweep_and_kill_a_worker(WORDS)
    assert len(sweep.ended) == len(sweep.trials) == len(list_runs()) == 2
    table = check_table(printed, sweep, runs)
    assert not [*runs.glob(".tune*")]

    # A second start finds nothing to do; the table can be asked for.
    for words in (command, ["sweep", "--show", sweep.id]):
        assert main(words) == 0
        assert capsys.readouterr().out.endswith(table)


def test_sweeps_are_listed_with_how_many_trials_have_ended(capsys):
    sweep_id = save_sweep(losses=(0.4, None, 0.1, 0.3))
    assert main(["sweep", "--show"]) == 0
    printed = capsys.readouterr().out
    assert sweep_id in printed
    assert "3 of 4 trials" in printed


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "expected the id of a model"),
        (["committee"], "choices are cnn"),
        (["lenet5", "--seeds", "0"], "at least one seed"),
        (["lenet5", "--learning-rate", "-1"], "expected a learning rate"),
        (["lenet5", "--trials", "0"], "at least one trial"),
        (["--show", "sweep_000000000000"], "choices are none"),
    ],
)
def test_a_sweep_that_cannot_be_is_a_sentence(capsys, words, reason):
    assert main(["sweep", *words]) == 1
    assert reason in capsys.readouterr().err
    assert list_runs() == []
