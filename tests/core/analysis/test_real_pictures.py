import json
import sys

import numpy as np
import pytest
from PIL import Image

from core.analysis import real_pictures
from core.synthesis.glyphs import draw_sample, list_styles
from tests.numbers import draw_ink, write_number
from tests.variations import draw_plain, to_image


@pytest.fixture
def folder(tmp_path, random):
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
    return tmp_path


def test_every_kind_and_source_is_measured_and_a_refusal_is_wrong(folder, monkeypatch, capsys):
    monkeypatch.setenv(real_pictures.FOLDER_VARIABLE, str(folder))
    monkeypatch.setattr(sys, "argv", ["real_pictures", "--models", "lenet5"])
    assert real_pictures.main() == 0
    printed = capsys.readouterr().out
    assert "5 pictures, 1 refused" in printed
    assert "mean over kinds  75.0%" in printed  # both photographs, and one scan of two
    assert "mean over sources  75.0%" in printed
    assert "whole photographs  2 of 2" in printed
    assert "several digits  1 of 1 pictures, 100.0% of digits" in printed


def test_a_folder_without_an_index_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["real_pictures"])
    monkeypatch.delenv(real_pictures.FOLDER_VARIABLE, raising=False)
    assert real_pictures.main() == 1
    monkeypatch.setenv(real_pictures.FOLDER_VARIABLE, str(tmp_path))
    assert real_pictures.main() == 1
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("predicted", "true", "distance"),
    [("", "", 0), ("123", "123", 0), ("13", "123", 1), ("1234", "123", 1), ("321", "123", 2)],
)
def test_the_edit_distance_counts_digits(predicted, true, distance):
    assert real_pictures.measure_edit_distance(predicted, true) == distance
