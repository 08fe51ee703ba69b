"""The whole of what a sweep promises: eight trials, two workers, one of them killed."""

import pytest

from core.runs.run import RUNS_VARIABLE, list_runs
from tests.sweeps import check_table, sweep_and_kill_a_worker

WORDS = [
    "--learning-rate", "0.001", "0.004", "--batch-size", "16", "32", "--seeds", "2",
    "--epochs", "2",
]  # fmt: skip


@pytest.mark.usefixtures("mnist_test")
def test_a_sweep_of_eight_trials_survives_a_killed_worker(monkeypatch, tmp_path):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))
    _, printed, sweep = sweep_and_kill_a_worker(WORDS)
    assert sweep.varied == ("batch_size", "learning_rate", "seed")
    assert len(sweep.ended) == len(sweep.trials) == len(list_runs()) == 8
    check_table(printed, sweep, tmp_path)
