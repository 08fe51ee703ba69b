"""Digits for browsers: what is held out is in no training and no test set."""

import json

import numpy as np
import pytest

from core.digits.datasets import MNIST_VARIABLE, Dataset, load_bundled_digits
from core.runs.samples import load_samples
from core.runs.training_data import Split, split_bundled_digits, split_mnist


def read_part(part: str) -> tuple[str, Dataset]:
    """The title of the data set, and the digits of a part of the file."""
    contents = load_samples().contents
    start = 8 + int.from_bytes(contents[:8], "little")
    header = json.loads(contents[8:start])
    arrays = []
    for name in (f"{part}_images", f"{part}_labels"):
        first, end = header[name]["data_offsets"]
        assert header[name]["dtype"] == "U8"
        array = np.frombuffer(contents[start + first : start + end], np.uint8)
        arrays.append(array.reshape(header[name]["shape"]))
    return header["__metadata__"]["title"], Dataset("", "", *arrays)


def list_digits(dataset: Dataset) -> set[tuple[bytes, int]]:
    return {
        (image.tobytes(), int(label))
        for image, label in zip(dataset.images, dataset.labels, strict=True)
    }


def assert_parts(split: Split, title: str) -> None:
    for part, source in (("rehearsal", split.training), ("held_out", split.validation)):
        found, digits = read_part(part)
        assert found == title
        assert list_digits(digits) <= list_digits(source)
        assert not list_digits(digits) & list_digits(split.test)


@pytest.mark.parametrize("named", ["missing.npz", "damaged.npz"])
def test_without_mnist_they_are_of_the_bundled_digits(monkeypatch, tmp_path, named):
    (tmp_path / "damaged.npz").write_bytes(b"something else")
    monkeypatch.setenv(MNIST_VARIABLE, str(tmp_path / named))
    assert_parts(split_bundled_digits(), load_bundled_digits().title)


@pytest.mark.usefixtures("mnist_test")
def test_where_mnist_is_there_they_are_of_its_training_images():
    assert_parts(split_mnist(), "MNIST")


def test_every_digit_is_rehearsed_equally_often_and_the_held_out_ones_are_many():
    _, rehearsal = read_part("rehearsal")
    assert len(set(np.bincount(rehearsal.labels, minlength=10))) == 1
    _, held_out = read_part("held_out")
    assert len(held_out) >= 300
