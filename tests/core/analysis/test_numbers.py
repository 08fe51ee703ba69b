import gzip
import json
import sys

import numpy as np
import pytest

from core.analysis import numbers
from core.analysis.handwriting import load_collection
from core.synthesis.glyphs import draw_sample


@pytest.fixture
def collection_file(tmp_path, random):
    items = [
        {
            "writer": writer,
            "label": digit,
            "strokes": [
                stroke.tolist() for stroke in draw_sample(digit, canvas_size=1000, random=random)
            ],
        }
        for writer in ("w1", "w2")
        for digit in (2, 3, 5, 8, 0, 6)
    ]
    path = tmp_path / "drawings.json.gz"
    path.write_bytes(gzip.compress(json.dumps(items).encode()))
    return path


@pytest.mark.parametrize("add_pen_to_gaps", [False, True])
def test_each_drawing_occurs_in_one_number_of_its_writer(collection_file, random, add_pen_to_gaps):
    collection = load_collection(collection_file)
    made = [*numbers.compose_numbers(collection, random=random, add_pen_to_gaps=add_pen_to_gaps)]
    assert sorted("".join(number.text.replace("\n", "") for number in made)) == sorted(
        "".join(map(str, collection.labels))
    )
    for number in made:
        assert all(1 <= len(row) <= 4 for row in number.text.split("\n"))
    strokes = sum(len(number.strokes) for number in made)
    assert strokes == sum(map(len, collection.drawings))


def test_a_picture_of_a_number_is_dark_on_white_and_inside_the_edges(collection_file, random):
    for number in numbers.compose_numbers(load_collection(collection_file), random=random):
        picture = np.asarray(numbers.draw_number(number))
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert border.min() == 255
        assert picture.min() == 0


def test_the_result_is_the_share_of_whole_numbers():
    texts = ["1", "23", "456", "7\n8"]
    shares = numbers.format_result(texts, ["1", "23", "457", "78"])
    assert shares.split()[0] == "50.00%"
    assert shares.split()[-4:] == ["100.0%", "100.0%", "0.0%", "0.0%"]


def test_the_report_has_two_lines_for_each_model(collection_file, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["numbers", str(collection_file)])
    assert numbers.main() == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[1] for line in lines if line[0] == "lenet5"] == ["strokes", "pictures"]


def test_a_file_that_is_no_collection_is_refused(tmp_path, monkeypatch, capsys):
    path = tmp_path / "drawings.json.gz"
    path.write_bytes(b"plain")
    monkeypatch.setattr(sys, "argv", ["numbers", str(path)])
    assert numbers.main() == 1
    assert "is not a gzipped JSON list" in capsys.readouterr().err
