import json
import sys

import numpy as np
import pytest
from PIL import Image

from core.analysis import real_pictures
from core.analysis.picture_results import (
    LabelledPicture,
    PictureResult,
    measure_edit_distance,
)
from core.models.files import load_card
from core.synthesis.glyphs import draw_sample, list_styles
from tests.artifacts import copy_models
from tests.benchmarks import bench_real_pictures
from tests.docs.reports import parse_tables
from tests.numbers import draw_ink, write_number
from tests.variations import draw_plain, to_image


@pytest.fixture
def folder(tmp_path, random, monkeypatch):
    items = []
    for digit, kind in [(3, "photo"), (7, "photo"), (2, "scan")]:
        strokes = draw_sample(digit, style=list_styles(digit)[0], canvas_size=280, random=random)
        to_image(draw_plain(strokes, random)).save(tmp_path / f"{digit}.png")
        items.append((f"{digit}.png", str(digit), kind))
    ink = draw_ink(write_number("42", random), pen=12)
    Image.fromarray((255 * (1 - ink)).astype(np.uint8)).save(tmp_path / "42.png")
    Image.new("L", (90, 90), 255).save(tmp_path / "blank.png")
    items += [("42.png", "42", "photo"), ("blank.png", "5", "scan")]
    index = [
        {"file": file, "digits": digits, "kind": kind, "source": "mine", "cut_from_sheet": False}
        for file, digits, kind in items
    ]
    (tmp_path / "index.json").write_text(json.dumps(index))
    monkeypatch.setenv(real_pictures.FOLDER_VARIABLE, str(tmp_path))
    return tmp_path


def make_result(
    true: str, digits: str, text: str, *, kind: str = "scan", source: str = "mine"
) -> PictureResult:
    return PictureResult(LabelledPicture(true, kind, source, True, (), 0.1), digits, text)


@pytest.mark.usefixtures("folder")
def test_every_kind_and_source_is_measured(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["real_pictures", "--models", "lenet5"])
    assert real_pictures.main() == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "5 pictures, 1 refused" in printed
    assert "mean over kinds 75.0%" in printed  # both photographs, and one scan of two
    assert "mean over sources 75.0%" in printed
    assert '"?" 25.0%' in printed  # the blank scan
    assert "wrong answer 0.0%" in printed
    assert "whole photographs 2 of 2" in printed
    assert "several digits 1 of 1 pictures, 100.0% of digits" in printed


@pytest.mark.parametrize(
    ("digits", "text", "outcomes"),
    [
        ("7", "7", {"is_right", "is_answered_right"}),
        ("1", "1", {"is_wrong"}),
        ("7", "?", {"is_right", "is_refused"}),
        ("1", "?", {"is_refused"}),
        ("71", "7?", {"is_refused"}),
        ("71", "71", {"is_wrong"}),
        ("", "", {"is_refused"}),
    ],
)
def test_an_answer_is_right_or_wrong_or_a_question_mark(digits, text, outcomes):
    result = make_result("7", digits, text)
    flags = ("is_right", "is_answered_right", "is_wrong", "is_refused")
    assert {flag for flag in flags if getattr(result, flag)} == outcomes
    assert result.is_answered_right + result.is_wrong + result.is_refused == 1


def test_the_figures_of_a_card_give_every_kind_the_same_weight():
    results = [make_result("7", "7", "7", kind="scan")] * 8
    results += [
        make_result("7", "7", "?", kind="photo"),
        make_result("7", "1", "1", kind="photo"),
        make_result("42", "4", "4", kind="photo"),  # of two digits: not counted
    ]
    values = {name: one.value for name, one in real_pictures.measure_metrics(results).items()}
    assert values == {
        "real_pictures_accuracy": 0.75,
        "real_pictures_not_sure": 0.25,
        "real_pictures_wrong": 0.25,
        "real_pictures_photo_accuracy": 0.5,
        "real_pictures_scan_accuracy": 1.0,
    }


@pytest.mark.usefixtures("folder")
def test_figures_are_added_to_the_card_and_nothing_else_changes(monkeypatch, tmp_path):
    copy_models(tmp_path / "models", monkeypatch, "logistic_regression", "mlp")
    before = load_card("logistic_regression")
    command = ["real_pictures", "--models", "logistic_regression"]
    monkeypatch.setattr(sys, "argv", command)
    assert real_pictures.main() == 0
    assert load_card("logistic_regression") == before
    monkeypatch.setattr(sys, "argv", [*command, "--save"])
    assert real_pictures.main() == 0
    after = load_card("logistic_regression")
    added = {name for name in after.metrics if name.startswith("real_pictures_")}
    assert {"real_pictures_accuracy", "real_pictures_photo_accuracy"} <= added
    assert after.metrics["real_pictures_scan_accuracy"].value == 0.5
    others = [
        {name: one for name, one in card.metrics.items() if not name.startswith("real_pictures_")}
        for card in (before, after)
    ]
    assert others[0] == others[1]
    assert {**vars(after), "metrics": before.metrics} == vars(before)


def test_a_folder_without_an_index_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["real_pictures"])
    monkeypatch.delenv(real_pictures.FOLDER_VARIABLE, raising=False)
    assert real_pictures.main() == 1
    assert real_pictures.FOLDER_VARIABLE in capsys.readouterr().err
    monkeypatch.setenv(real_pictures.FOLDER_VARIABLE, str(tmp_path))
    assert real_pictures.main() == 1
    assert str(tmp_path) in capsys.readouterr().err
    (tmp_path / "index.json").write_text("[]")
    assert real_pictures.main() == 1
    assert "no picture of one digit" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("predicted", "true", "distance"),
    [("", "", 0), ("123", "123", 0), ("13", "123", 1), ("1234", "123", 1), ("321", "123", 2)],
)
def test_the_edit_distance_counts_digits(predicted, true, distance):
    assert measure_edit_distance(predicted, true) == distance


@pytest.mark.usefixtures("folder")
def test_the_report_has_every_model_and_kind_but_no_name_of_a_source(monkeypatch, tmp_path):
    report, model_ids = tmp_path / "real_pictures.md", ["lenet5", "logistic_regression", "mlp"]
    monkeypatch.setattr(bench_real_pictures, "REPORT", report)
    monkeypatch.setattr(bench_real_pictures, "list_model_ids", lambda: model_ids)
    assert bench_real_pictures.main() == 0
    text = report.read_text("utf-8")
    assert text.startswith(bench_real_pictures.write_introduction())
    assert "mine" not in text.removeprefix(bench_real_pictures.write_introduction())
    models, kinds, sources, times = parse_tables(text)
    assert [row[0] for row in models.rows] == [*model_ids, bench_real_pictures.VOTE]
    assert models.get_number("lenet5", 'Answers: "?"') == 25
    assert models.get_cell("lenet5", "Whole photographs") == "2 of 2"
    assert kinds.get_cell("photo", "lenet5") == "100.0% (34.2% to 100.0%)"
    assert kinds.get_number("scan", "lenet5") == 50
    assert [row[:2] for row in sources.rows] == [("1", "4")]
    assert times.get_cell("scan", "No digit found") == "1"
    assert times.get_cell("all", "Pictures") == "5"


def test_sources_are_numbered_from_the_largest():
    results = [make_result("7", "7", "7", source=source) for source in ("b", "a", "a", "c")]
    (table,) = parse_tables(bench_real_pictures.write_groups({"lenet5": results}, "source"))
    assert [row[:2] for row in table.rows] == [("1", "2"), ("2", "1"), ("3", "1")]


def test_without_pictures_the_report_stays(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv(real_pictures.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(bench_real_pictures, "REPORT", tmp_path / "real_pictures.md")
    assert bench_real_pictures.main() == 0
    assert real_pictures.FOLDER_VARIABLE in capsys.readouterr().out
    assert not bench_real_pictures.REPORT.exists()
