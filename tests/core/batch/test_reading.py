"""The command of batch reading; ``deployment/test_batch.py`` reads, and kills who reads."""

import pickle

import pyarrow.parquet as pq
import pytest

from core import ray_cluster
from core.batch.__main__ import main
from core.batch.parts import Source
from core.batch.reading import _read_row, load_model, plan_reading
from core.inference.classifier import load_classifier
from core.models.files import RUNS_VARIABLE
from tests.core.runs.conftest import damage, finish_run, make_run
from tests.pictures import write_pictures


def test_without_ray_a_sentence_says_how_to_install_it(tmp_path, monkeypatch, capsys):
    write_pictures(tmp_path / "in", 1)
    monkeypatch.setattr(ray_cluster, "find_spec", lambda _: None)
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 1
    assert "pip install -r requirements.txt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--model", "lenet6"], "choices are"),
        (["--workers", "0"], "at least one worker"),
    ],
)
def test_the_command_line_refuses_what_it_cannot_do(tmp_path, capsys, words, reason):
    write_pictures(tmp_path / "in", 1)
    assert main([str(tmp_path / "in"), str(tmp_path / "out"), *words]) == 1
    assert reason in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path, capsys):
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_a_run_is_read_with_where_nobody_has_it(tmp_path, monkeypatch):
    """As a worker on another machine does, which has the code alone."""
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    run = finish_run(make_run(owner="anna"))
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 3)
    models = (load_model(run.id), load_model("logistic_regression"))
    (part,) = plan_reading(Source(folder), output, models).parts
    sent = pickle.dumps(models)
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "elsewhere"))
    counts = _read_row({"part": part.to_json()}, Source(folder), output, pickle.loads(sent))
    assert counts == {"read": 3, "refused": 0}
    table = pq.read_table(output)
    for column in ("probabilities", "not_sure", "model_sha256"):
        names = (f"{run.id}_{column}", f"logistic_regression_{column}")
        assert table[names[0]].to_pylist() == table[names[1]].to_pylist()
    digest = load_classifier("logistic_regression").digest
    assert set(table[f"{run.id}_model_sha256"].to_pylist()) == {digest}


def test_an_unknown_run_is_answered_with_those_there_are(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    mine, broken, waiting = finish_run(make_run()), finish_run(make_run()), make_run()
    damage(broken)
    write_pictures(tmp_path / "in", 1)
    words = [str(tmp_path / "in"), str(tmp_path / "out")]
    assert main([*words, "--model", "mlp", "--model", waiting.id]) == 1
    said = capsys.readouterr().err
    assert f"got '{waiting.id}'" in said
    assert "lenet5, " in said
    assert f"{mine.id} (Logistic regression)" in said
    assert f"{broken.id} (damaged)" in said
    assert main([*words, "--model", broken.id]) == 1
    assert f"the card of {broken.id} is damaged" in capsys.readouterr().err
