import gzip
import json
import sys

import numpy as np
import pytest

from core.analysis import handwriting
from core.synthesis.glyphs import draw_sample


@pytest.fixture
def collection_file(tmp_path, random):
    items = [
        {
            "label": digit,
            "strokes": [
                stroke.tolist() for stroke in draw_sample(digit, canvas_size=1000, random=random)
            ],
        }
        for digit in (2, 3, 5, 8, 2)
    ]
    path = tmp_path / "drawings.json.gz"
    path.write_bytes(gzip.compress(json.dumps(items).encode()))
    return path


def test_the_report_has_two_lines_for_each_model(collection_file, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["handwriting", str(collection_file)])
    assert handwriting.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("5 drawings")
    assert [line.split()[1] for line in lines if line.startswith("lenet5")] == [
        "strokes",
        "pictures",
    ]
    assert "100.00%" in next(line for line in lines if line.startswith("lenet5"))


@pytest.mark.parametrize(
    "contents", [b"", b"plain", gzip.compress(b"{", mtime=0), gzip.compress(b"[1]", mtime=0)]
)
def test_a_file_that_is_not_a_collection_is_refused(tmp_path, contents):
    path = tmp_path / "drawings.json.gz"
    path.write_bytes(contents)
    with pytest.raises(ValueError, match=r"drawings\.json\.gz is not a gzipped JSON list"):
        handwriting.load_collection(path)


def test_pictures_are_dark_on_white_and_inside_the_edges(random):
    strokes = draw_sample(8, canvas_size=1000, random=random)
    for _ in range(10):
        picture = np.asarray(handwriting.picture_from_strokes(strokes, random=random))
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert picture.shape == (280, 280)
        assert border.min() == 255
        assert picture.min() == 0
