import csv
import io
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from core.batch import shards
from core.batch.job import load_model, plan_batch
from core.batch.shards import (
    InputSlice,
    Rejected,
    Shard,
    ShardMetadata,
    Source,
    group_slices,
    list_shards,
    predict_shard,
    write_rejected,
)
from core.digits.found_digits import list_digits
from core.digits.frame import Frame, digest_frame
from core.digits.image_file import read_image
from core.inference.classifier import load_classifier
from core.inference.number import find_in_image
from core.inference.number_prediction import predict_number
from tests.messages import assert_plain
from tests.pictures import draw_picture, encode, write_broken_pictures, write_pictures

CLASSIFIERS = [load_classifier("lenet5"), load_classifier("logistic_regression")]
MODELS = [load_model(classifier.model_id) for classifier in CLASSIFIERS]


def find_first_frame(contents: bytes) -> Frame:
    return list_digits(find_in_image(read_image(contents)))[0].frame


def classify(folder, output, *, column=None) -> tuple[int, int]:
    """Process what is left; returns the number of shards and of skipped pictures."""
    source = Source(folder, column)
    plan = plan_batch(source, output, MODELS)
    for shard in plan.shards:
        predict_shard(shard, source, CLASSIFIERS, output / "parts")
    return len(plan.shards), plan.skipped


def write_parquet(file, contents, *, kind=None, row_group_size=None) -> None:
    column = pa.array(contents, kind or pa.struct({"bytes": pa.binary(), "path": pa.string()}))
    table = pa.table({"label": [0] * len(contents), "image": column})
    pq.write_table(table, file, row_group_size=row_group_size)


def test_predictions_are_the_same_as_those_of_the_classifier(tmp_path):
    write_pictures(tmp_path / "in", 12)
    assert classify(tmp_path / "in", tmp_path / "out") == (1, 0)
    rows = pq.read_table(tmp_path / "out" / "parts").to_pylist()
    assert len(rows) == 12
    for row in rows:
        frame = find_first_frame((tmp_path / "in" / row["path"]).read_bytes())
        assert row["frame_sha256"] == digest_frame(frame)
        assert row["row"] is None
        for classifier in CLASSIFIERS:
            expected, name = classifier.predict(frame), classifier.model_id
            assert np.allclose(row[f"{name}_probabilities"], expected.probabilities, atol=1e-5)
            assert row[f"{name}_digit"] == expected.digit
            assert row[f"{name}_confidence"] == pytest.approx(expected.confidence, abs=1e-5)
            assert row[f"{name}_not_sure"] == expected.not_sure
            assert row[f"{name}_model_sha256"] == classifier.digest


def test_the_text_has_all_digits_and_the_other_columns_are_those_of_the_first(tmp_path):
    random = np.random.default_rng(5)
    left, right = (Image.open(io.BytesIO(draw_picture(digit, random))) for digit in (4, 2))
    both = Image.new("L", (left.width + right.width, left.height), 255)
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "42.png").write_bytes(encode(both))
    classify(tmp_path / "in", tmp_path / "out")
    (row,) = pq.read_table(tmp_path / "out" / "parts").to_pylist()
    found = find_in_image(both)
    assert row["text"] == predict_number(found, CLASSIFIERS).text == "42"
    assert row["frame_sha256"] == digest_frame(found[0][0].frame)
    assert {row[f"{classifier.model_id}_digit"] for classifier in CLASSIFIERS} == {4}


def test_finished_pictures_are_skipped_and_new_ones_are_classified(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 8)
    classify(folder, output)
    assert classify(folder, output) == (0, 8)
    (folder / "new.png").write_bytes(draw_picture(5, np.random.default_rng(1)))
    assert classify(folder, output) == (1, 8)
    assert pq.read_table(output / "parts").num_rows == 9


def test_a_changed_picture_is_classified_again_and_its_old_row_removed(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 4)
    classify(folder, output)
    before = pq.read_table(output / "parts").to_pylist()
    changed = folder / before[0]["path"]
    changed.write_bytes(draw_picture(9, np.random.default_rng(1)))
    assert classify(folder, output) == (1, 3)
    after = {
        row["path"]: row["frame_sha256"] for row in pq.read_table(output / "parts").to_pylist()
    }
    assert len(after) == 4
    assert after[before[0]["path"]] != before[0]["frame_sha256"]
    assert all(after[row["path"]] == row["frame_sha256"] for row in before[1:])


def test_the_results_of_a_deleted_file_are_kept(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 3)
    classify(folder, output)
    next(folder.rglob("*.png")).unlink()
    assert classify(folder, output) == (0, 2)
    assert pq.read_table(output / "parts").num_rows == 3


def test_broken_pictures_are_listed_with_their_reason_and_not_tried_again(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 2)
    reasons = write_broken_pictures(folder)
    classify(folder, output)
    write_rejected([*list_shards(output / "parts").values()], output / "refused.csv")
    with (output / "refused.csv").open(newline="", encoding="utf-8") as file:
        rejected = {row["path"]: row["reason"] for row in csv.DictReader(file)}
    assert rejected.keys() == reasons.keys()
    for name, reason in reasons.items():
        assert reason in rejected[name]
        assert_plain(rejected[name])
    assert pq.read_table(output / "parts").num_rows == 2
    assert classify(folder, output) == (0, 5)


def test_a_file_that_could_not_be_opened_is_tried_again(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 2)
    plan = plan_batch(Source(folder), output, MODELS)
    hidden = next(folder.rglob("*.png"))
    hidden.rename(tmp_path / "elsewhere")
    metadata = predict_shard(plan.shards[0], Source(folder), CLASSIFIERS, output / "parts")
    assert metadata.rejected[0].reason.startswith("This file cannot be opened: ")
    (tmp_path / "elsewhere").rename(hidden)
    assert classify(folder, output) == (1, 1)
    assert [shard.rejected for shard in list_shards(output / "parts").values()] == [(), ()]
    assert pq.read_table(output / "parts").num_rows == 2


def test_a_shard_of_which_no_file_could_be_opened_is_done_again(tmp_path):
    write_pictures(tmp_path / "in", 3)
    source = Source(tmp_path / "in")
    (shard,) = plan_batch(source, tmp_path / "out", MODELS).shards
    (tmp_path / "in").rename(tmp_path / "away")
    assert predict_shard(shard, source, CLASSIFIERS, tmp_path / "out" / "parts").slices == ()
    (tmp_path / "away").rename(tmp_path / "in")
    assert classify(tmp_path / "in", tmp_path / "out") == (1, 0)
    assert classify(tmp_path / "in", tmp_path / "out") == (0, 3)


def test_the_metadata_of_earlier_versions_is_read():
    text = (
        b'{"spans": [{"path": "a.png", "size": 7, "modified": 9, "first": null, "count": 1}], '
        b'"refusals": [{"path": "a.png", "row": null, "reason": "No."}], '
        b'"models": {"mlp": "ab"}, "frame_version": 1}'
    )
    metadata = ShardMetadata.from_metadata({b"digitlab": text})
    assert metadata.slices == (InputSlice("a.png", 7, 9),)
    assert metadata.rejected == (Rejected("a.png", None, "No."),)
    assert ShardMetadata.from_metadata(metadata.to_metadata()) == metadata


@pytest.mark.parametrize("kind", [None, pa.binary(), pa.large_binary()], ids=str)
def test_rows_of_a_parquet_file_are_classified_shard_by_shard(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(shards, "SHARD_SIZE", 4)
    monkeypatch.setattr(shards, "MAX_ROWS_IN_MEMORY", 3)
    random = np.random.default_rng(2)
    pictures = [draw_picture(number % 10, random) for number in range(10)]
    contents = [*pictures[:6], None, *pictures[6:]]
    if kind is None:
        contents = [{"bytes": picture, "path": "x.png"} for picture in contents]
    write_parquet(tmp_path / "digits.parquet", contents, kind=kind, row_group_size=5)
    output = tmp_path / "out"
    assert classify(tmp_path / "digits.parquet", output) == (3, 0)
    rows = {row["row"]: row for row in pq.read_table(output / "parts").to_pylist()}
    assert sorted(rows) == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10]
    for number, picture in zip(sorted(rows), pictures, strict=True):
        frame = find_first_frame(picture)
        assert rows[number]["frame_sha256"] == digest_frame(frame)
    rejected = [
        item for metadata in list_shards(output / "parts").values() for item in metadata.rejected
    ]
    assert rejected == [Rejected("digits.parquet", 6, "This row contains no picture.")]
    # Only a deleted shard is processed again.
    os.unlink(next(iter(list_shards(output / "parts"))))
    assert classify(tmp_path / "digits.parquet", output)[0] == 1
    assert pq.read_table(output / "parts").num_rows == 10


def test_every_row_of_a_deleted_parquet_file_is_rejected(tmp_path):
    write_parquet(tmp_path / "x.parquet", [b"x"] * 3, kind=pa.binary())
    source = Source(tmp_path, "image")
    (shard,) = group_slices(source.list_slices())
    (tmp_path / "x.parquet").unlink()
    metadata = predict_shard(shard, source, CLASSIFIERS, tmp_path / "out")
    assert [item.row for item in metadata.rejected] == [0, 1, 2]
    assert metadata.slices == ()


@pytest.mark.parametrize(
    ("columns", "named", "reason"),
    [
        ({"label": pa.array([1])}, None, "has no column with pictures"),
        (
            {"a": pa.array([b"x"]), "b": pa.array([b"x"])},
            None,
            "several columns with pictures: a, b. Choose one with --column",
        ),
        (
            {"a": pa.array([b"x"])},
            "image",
            "no column 'image' with pictures. Its columns with pictures are: a",
        ),
    ],
)
def test_a_parquet_file_without_one_column_of_pictures_is_refused(tmp_path, columns, named, reason):
    pq.write_table(pa.table(columns), tmp_path / "x.parquet")
    with pytest.raises(ValueError, match=reason) as refused:
        Source(tmp_path / "x.parquet", named).list_slices()
    assert_plain(str(refused.value))


def test_a_damaged_parquet_file_is_named(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match=r"The Parquet file .*x\.parquet is damaged"):
        Source(tmp_path).list_slices()


def test_a_file_larger_than_any_picture_is_not_opened(tmp_path, monkeypatch):
    write_pictures(tmp_path / "in", 1)
    monkeypatch.setattr(shards, "MAX_PICTURE_BYTES", 100)
    (shard,) = group_slices(Source(tmp_path / "in").list_slices())
    (rejected,) = predict_shard(shard, Source(tmp_path / "in"), CLASSIFIERS, tmp_path).rejected
    assert rejected.reason.startswith("This file is larger than")
    assert_plain(rejected.reason)


def test_shards_contain_every_slice_once_and_at_most_their_size(monkeypatch):
    monkeypatch.setattr(shards, "SHARD_SIZE", 10)
    slices = [
        InputSlice("a", 1, 1, 0, 10),
        InputSlice("a", 1, 1, 10, 3),
        *(InputSlice(f"{i}", 1, 1) for i in range(9)),
    ]
    groups = group_slices(slices)
    assert [len(shard) for shard in groups] == [10, 10, 2]
    assert [input_slice for shard in groups for input_slice in shard.slices] == slices
    assert all(Shard.from_json(shard.to_json()) == shard for shard in groups)


def test_incomplete_files_of_a_killed_job_are_removed(tmp_path):
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, 1)
    (output / "parts").mkdir(parents=True)
    (output / "parts" / ".part-0123.parquet.abcd").write_bytes(b"PAR1")
    classify(folder, output)
    assert [file.suffix for file in (output / "parts").iterdir()] == [".parquet"]


def test_results_of_other_models_are_not_mixed(tmp_path):
    write_pictures(tmp_path / "in", 1)
    classify(tmp_path / "in", tmp_path / "out")
    with pytest.raises(ValueError, match="Choose another output folder") as refused:
        plan_batch(Source(tmp_path / "in"), tmp_path / "out", MODELS[:1])
    assert_plain(str(refused.value))


@pytest.mark.parametrize(
    ("output", "reason"),
    [("in/out", "is inside the input folder"), ("out", "There are no pictures")],
)
def test_an_output_inside_the_input_and_an_empty_input_are_refused(tmp_path, output, reason):
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match=reason) as refused:
        plan_batch(Source(tmp_path / "in"), tmp_path / output, MODELS)
    assert_plain(str(refused.value))


def test_a_folder_as_phones_and_macs_leave_it_is_classified(tmp_path):
    folder = Path(__file__).parents[2] / "cases" / "13-batch-folder"
    classify(folder, tmp_path)
    rows = pq.read_table(tmp_path / "parts").to_pylist()
    names = {"0.png", "1.png", "2.png", "3.png", "4.png", "IMG_0006.JPG", "phone.jpg"}
    assert {row["path"] for row in rows} == names
    assert all(row["text"] == row["path"][0] for row in rows if row["path"][0].isdigit())
    rejected = [one for shard in list_shards(tmp_path / "parts").values() for one in shard.rejected]
    assert [one.path for one in rejected] == ["._0.png"]
    assert_plain(rejected[0].reason)
