"""The command line of batch prediction; ``deployment/test_batch.py`` runs it and kills workers."""

import pickle

import pyarrow.parquet as pq
import pytest

from core import ray_cluster
from core.batch.__main__ import main
from core.batch.job import _predict_row, load_model, plan_batch
from core.batch.shards import Source
from core.inference.classifier import load_classifier
from core.models.files import RUNS_VARIABLE
from tests.core.runs.conftest import damage, finish_run, make_run
from tests.pictures import write_pictures


def test_without_ray_the_message_says_how_to_install_it(tmp_path, monkeypatch, capsys):
    write_pictures(tmp_path / "in", 1)
    monkeypatch.setattr(ray_cluster, "find_spec", lambda _: None)
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 1
    assert "pip install -r requirements.txt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--model", "lenet6"], "There is no trained model 'lenet6'. Choose one of "),
        (["--workers", "0"], "at least one worker"),
    ],
)
def test_invalid_options_are_refused(tmp_path, capsys, options, reason):
    write_pictures(tmp_path / "in", 1)
    assert main([str(tmp_path / "in"), str(tmp_path / "out"), *options]) == 1
    assert reason in capsys.readouterr().err


def test_a_missing_folder_is_reported_in_a_sentence(tmp_path, capsys):
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_a_worker_without_the_run_classifies_with_the_model_it_was_sent(tmp_path, monkeypatch):
    """A worker on another machine has the code, but not the runs."""
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    run = finish_run(make_run(owner="anna"))
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 3)
    models = (load_model(run.id), load_model("logistic_regression"))
    (shard,) = plan_batch(Source(folder), output, models).shards
    sent = pickle.dumps(models)
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "elsewhere"))
    counts = _predict_row({"shard": shard.to_json()}, Source(folder), output, pickle.loads(sent))
    assert counts == {"predicted": 3, "rejected": 0}
    table = pq.read_table(output)
    for column in ("probabilities", "not_sure", "model_sha256"):
        names = (f"{run.id}_{column}", f"logistic_regression_{column}")
        assert table[names[0]].to_pylist() == table[names[1]].to_pylist()
    digest = load_classifier("logistic_regression").digest
    assert set(table[f"{run.id}_model_sha256"].to_pylist()) == {digest}


def test_the_message_on_an_unknown_run_lists_the_finished_ones(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    mine, broken, waiting = finish_run(make_run()), finish_run(make_run()), make_run()
    damage(broken)
    write_pictures(tmp_path / "in", 1)
    folders = [str(tmp_path / "in"), str(tmp_path / "out")]
    assert main([*folders, "--model", "mlp", "--model", waiting.id]) == 1
    message = capsys.readouterr().err
    assert f"There is no trained model '{waiting.id}'" in message
    assert "lenet5, " in message
    assert f"{mine.id} (Logistic regression)" in message
    assert f"{broken.id} (damaged)" in message
    assert main([*folders, "--model", broken.id]) == 1
    assert f"The card of {broken.id} is damaged" in capsys.readouterr().err
