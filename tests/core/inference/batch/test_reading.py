"""The command of batch reading; ``deployment/test_batch.py`` reads, and kills who reads."""

import pytest

from core import cluster
from core.inference.batch.__main__ import main
from tests.pictures import write_pictures


def test_without_ray_a_sentence_says_how_to_install_it(tmp_path, monkeypatch, capsys):
    write_pictures(tmp_path / "in", 1)
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
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
