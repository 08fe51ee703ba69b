import csv
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.batch import parts
from core.batch.parts import (
    InputSlice,
    Part,
    Rejected,
    Source,
    cut_parts,
    list_shards,
    read_part,
    write_rejected,
)
from core.batch.reading import load_model, plan_reading
from core.digits.frame import digest_frame, frame_from_image
from core.digits.image_file import read_image
from core.inference.classifier import load_classifier
from tests.pictures import draw_picture, write_broken_pictures, write_pictures

CLASSIFIERS = [load_classifier("lenet5"), load_classifier("logistic_regression")]
MODELS = [load_model(one.model_id) for one in CLASSIFIERS]


def read(folder, output, *, column=None) -> tuple[int, int]:
    """Read what is left, in this process; gives how many parts there were, and pictures skipped."""
    source = Source(folder, column)
    plan = plan_reading(source, output, MODELS)
    for part in plan.parts:
        read_part(part, source, CLASSIFIERS, output / "parts")
    return len(plan.parts), plan.skipped


def write_parquet(file, contents, *, kind=None, row_group_size=None) -> None:
    column = pa.array(contents, kind or pa.struct({"bytes": pa.binary(), "path": pa.string()}))
    table = pa.table({"label": [0] * len(contents), "image": column})
    pq.write_table(table, file, row_group_size=row_group_size)


def test_a_picture_is_read_as_anywhere_else(tmp_path):
    write_pictures(tmp_path / "in", 12)
    assert read(tmp_path / "in", tmp_path / "out") == (1, 0)
    rows = pq.read_table(tmp_path / "out" / "parts").to_pylist()
    assert len(rows) == 12
    for row in rows:
        frame = frame_from_image(read_image((tmp_path / "in" / row["path"]).read_bytes()))
        assert row["frame_sha256"] == digest_frame(frame)
        assert row["row"] is None
        for classifier in CLASSIFIERS:
            expected, name = classifier.predict(frame), classifier.model_id
            assert np.allclose(row[f"{name}_probabilities"], expected.probabilities, atol=1e-5)
            assert row[f"{name}_digit"] == expected.digit
            assert row[f"{name}_confidence"] == pytest.approx(expected.confidence, abs=1e-5)
            assert row[f"{name}_not_sure"] == expected.not_sure
            assert row[f"{name}_model_sha256"] == classifier.digest


def test_what_is_done_is_skipped_and_what_is_new_is_read(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 8)
    read(folder, output)
    assert read(folder, output) == (0, 8)
    (folder / "new.png").write_bytes(draw_picture(5, np.random.default_rng(1)))
    assert read(folder, output) == (1, 8)
    assert pq.read_table(output / "parts").num_rows == 9


def test_a_picture_that_changed_is_read_anew_in_place_of_what_it_was(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 4)
    read(folder, output)
    before = pq.read_table(output / "parts").to_pylist()
    changed = folder / before[0]["path"]
    changed.write_bytes(draw_picture(9, np.random.default_rng(1)))
    assert read(folder, output) == (1, 3)
    after = {
        row["path"]: row["frame_sha256"] for row in pq.read_table(output / "parts").to_pylist()
    }
    assert len(after) == 4
    assert after[before[0]["path"]] != before[0]["frame_sha256"]
    assert all(after[row["path"]] == row["frame_sha256"] for row in before[1:])


def test_what_was_read_of_a_file_that_has_gone_is_kept(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 3)
    read(folder, output)
    next(folder.rglob("*.png")).unlink()
    assert read(folder, output) == (0, 2)
    assert pq.read_table(output / "parts").num_rows == 3


def test_broken_pictures_are_listed_with_their_reason_and_not_tried_again(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 2)
    reasons = write_broken_pictures(folder)
    read(folder, output)
    write_rejected([*list_shards(output / "parts").values()], output / "refused.csv")
    with (output / "refused.csv").open(newline="", encoding="utf-8") as file:
        refused = {row["path"]: row["reason"] for row in csv.DictReader(file)}
    assert refused.keys() == reasons.keys()
    assert all(reasons[name] in refused[name] for name in reasons)
    assert pq.read_table(output / "parts").num_rows == 2
    assert read(folder, output) == (0, 5)


def test_a_file_that_could_not_be_opened_is_tried_again(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 2)
    plan = plan_reading(Source(folder), output, MODELS)
    hidden = next(folder.rglob("*.png"))
    hidden.rename(tmp_path / "elsewhere")
    metadata = read_part(plan.parts[0], Source(folder), CLASSIFIERS, output / "parts")
    assert "can be opened" in metadata.rejected[0].reason
    (tmp_path / "elsewhere").rename(hidden)
    assert read(folder, output) == (1, 1)
    assert [one.rejected for one in list_shards(output / "parts").values()] == [(), ()]
    assert pq.read_table(output / "parts").num_rows == 2


@pytest.mark.parametrize("kind", [None, pa.binary(), pa.large_binary()], ids=str)
def test_rows_of_a_parquet_file_are_read_part_by_part(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(parts, "PART_SIZE", 4)
    monkeypatch.setattr(parts, "ROWS_AT_ONCE", 3)
    random = np.random.default_rng(2)
    pictures = [draw_picture(number % 10, random) for number in range(10)]
    contents = [*pictures[:6], None, *pictures[6:]]
    if kind is None:
        contents = [{"bytes": one, "path": "x.png"} for one in contents]
    write_parquet(tmp_path / "digits.parquet", contents, kind=kind, row_group_size=5)
    output = tmp_path / "out"
    assert read(tmp_path / "digits.parquet", output) == (3, 0)
    rows = {row["row"]: row for row in pq.read_table(output / "parts").to_pylist()}
    assert sorted(rows) == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10]
    for number, picture in zip(sorted(rows), pictures, strict=True):
        frame = frame_from_image(read_image(picture))
        assert rows[number]["frame_sha256"] == digest_frame(frame)
    rejected = [
        one for metadata in list_shards(output / "parts").values() for one in metadata.rejected
    ]
    assert rejected == [Rejected("digits.parquet", 6, "This file is empty. Choose a picture.")]
    # A part that was lost is the only one that is read again.
    os.unlink(next(iter(list_shards(output / "parts"))))
    assert read(tmp_path / "digits.parquet", output)[0] == 1
    assert pq.read_table(output / "parts").num_rows == 10


def test_every_row_of_a_parquet_file_that_has_gone_is_refused(tmp_path):
    write_parquet(tmp_path / "x.parquet", [b"x"] * 3, kind=pa.binary())
    source = Source(tmp_path, "image")
    (part,) = cut_parts(source.list_slices())
    (tmp_path / "x.parquet").unlink()
    metadata = read_part(part, source, CLASSIFIERS, tmp_path / "out")
    assert [one.row for one in metadata.rejected] == [0, 1, 2]
    assert metadata.slices == ()


@pytest.mark.parametrize(
    ("columns", "named", "reason"),
    [
        ({"label": pa.array([1])}, None, "got none among label"),
        ({"a": pa.array([b"x"]), "b": pa.array([b"x"])}, None, "got a, b among a, b"),
        ({"a": pa.array([b"x"])}, "image", "got a among a"),
    ],
)
def test_a_parquet_file_without_one_column_of_pictures_is_refused(tmp_path, columns, named, reason):
    pq.write_table(pa.table(columns), tmp_path / "x.parquet")
    with pytest.raises(ValueError, match=reason):
        Source(tmp_path / "x.parquet", named).list_slices()


def test_a_damaged_parquet_file_is_named(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match=r"expected a Parquet file, got .*x\.parquet"):
        Source(tmp_path).list_slices()


def test_a_file_larger_than_any_picture_is_not_opened(tmp_path, monkeypatch):
    write_pictures(tmp_path / "in", 1)
    monkeypatch.setattr(parts, "MAX_FILE_BYTES", 100)
    (part,) = cut_parts(Source(tmp_path / "in").list_slices())
    (refusal,) = read_part(part, Source(tmp_path / "in"), CLASSIFIERS, tmp_path).rejected
    assert "expected a file of at most" in refusal.reason


def test_parts_hold_every_span_once_and_no_more_than_fits(monkeypatch):
    monkeypatch.setattr(parts, "PART_SIZE", 10)
    slices = [
        InputSlice("a", 1, 1, 0, 10),
        InputSlice("a", 1, 1, 10, 3),
        *(InputSlice(f"{i}", 1, 1) for i in range(9)),
    ]
    cut = cut_parts(slices)
    assert [len(part) for part in cut] == [10, 10, 2]
    assert [input_slice for part in cut for input_slice in part.slices] == slices
    assert all(Part.from_json(part.to_json()) == part for part in cut)


def test_what_a_killed_reading_was_writing_is_removed(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 1)
    (output / "parts").mkdir(parents=True)
    (output / "parts" / ".part-0123.parquet.abcd").write_bytes(b"PAR1")
    read(folder, output)
    assert [file.suffix for file in (output / "parts").iterdir()] == [".parquet"]


def test_parts_that_other_models_read_are_not_mixed_with(tmp_path):
    write_pictures(tmp_path / "in", 1)
    read(tmp_path / "in", tmp_path / "out")
    with pytest.raises(ValueError, match="choose another folder"):
        plan_reading(Source(tmp_path / "in"), tmp_path / "out", MODELS[:1])


@pytest.mark.parametrize(
    ("output", "reason"), [("in/out", "outside of"), ("out", "there are none")]
)
def test_a_plan_that_cannot_be_is_refused(tmp_path, output, reason):
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match=reason):
        plan_reading(Source(tmp_path / "in"), tmp_path / output, MODELS)
