"""The whole of what a sweep promises: eight trials, two workers, one of them killed."""

import pytest

from core.models.files import RUNS_VARIABLE
from core.runs.run import list_runs
from core.training.__main__ import main
from tests.sweeps import check_table, sweep_and_kill_a_worker

WORDS = [
    "--learning-rate", "0.001", "0.004", "--batch-size", "16", "32", "--seeds", "2",
    "--epochs", "2",
]  # fmt: skip


@pytest.mark.usefixtures("mnist_test")
def test_a_sweep_of_eight_trials_survives_a_killed_worker(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))
    command, printed, sweep = sweep_and_kill_a_worker(WORDS)
    assert sweep.varied == ("batch_size", "learning_rate", "seed")
    assert len(sweep.ended) == len(sweep.trials) == len(list_runs()) == 8
    table = check_table(printed, sweep, tmp_path)
    assert not [*tmp_path.glob(".tune*")]

    # A second start finds nothing to do; the table can be asked for.
    for words in (command, ["sweep", "--show", sweep.id]):
        assert main(words) == 0
        assert capsys.readouterr().out.endswith(table)
