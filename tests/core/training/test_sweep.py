"""A sweep on Ray; these tests import TensorFlow, and train on a few hundred digits of MNIST."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.artifacts import load_card, load_history
from core.runs.run import RUNS_VARIABLE, list_runs
from core.runs.sweeps import list_sweeps
from core.training.__main__ import main
from tests.sweeps import save_sweep

ROOT = Path(__file__).resolve().parents[3]
TRIALS = 8
WORDS = [
    "sweep", "logistic_regression", "--learning-rate", "0.001", "0.004", "--batch-size", "16", "32",
    "--seeds", "2", "--epochs", "1", "--share", "0.005", "--augmentation", "off", "--styles", "off",
]  # fmt: skip


@pytest.fixture(autouse=True)
def runs(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    return tmp_path / "runs"


def find_worker(process: psutil.Process) -> psutil.Process | None:
    """A worker of Ray that is training a trial."""
    for child in process.children(recursive=True):
        try:
            if "train_trial" in " ".join(child.cmdline()):
                return child
        except psutil.Error:
            continue
    return None


@pytest.mark.usefixtures("mnist_test")
def test_a_sweep_survives_a_killed_worker_and_its_table_matches_its_runs(runs, capsys):
    command = [sys.executable, "-m", "core.training", *WORDS, "--workers", "2"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 120
        while not (worker := find_worker(psutil.Process(process.pid))):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        worker.kill()
        printed, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    (sweep,) = list_sweeps()
    assert len(sweep.ended) == len(sweep.trials) == len(list_runs()) == TRIALS
    table = printed[printed.index("trial  ") :].splitlines()[1:]
    for line, trial in zip(table, sweep.trials, strict=True):
        card = load_card(trial.run.id, runs)
        plan = trial.run.plan
        assert (card.recipe["learning_rate"], card.recipe["batch_size"], card.recipe["seed"]) == (
            plan["learning_rate"], plan["batch_size"], plan["seed"],
        )  # fmt: skip
        cells = line.split("  ")
        accuracy = card.metrics["validation_accuracy"].value
        expected = (f"{accuracy:.2%}", f"{card.seed_runs[0].validation_loss:.4f}", trial.run.id)
        assert all(one in [cell.strip() for cell in cells] for one in expected)
        assert load_history(trial.run.id, runs).epochs == 1
    assert [file.name for file in runs.iterdir() if file.name.startswith(".tune")] == []

    # A second start finds nothing to do; the table can be asked for.
    for words in (WORDS, ["sweep", "--show", sweep.id]):
        assert main(words) == 0
        assert capsys.readouterr().out.endswith("\n".join(table) + "\n")


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
