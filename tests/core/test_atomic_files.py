"""Files that are complete or not there."""

import os

import numpy as np
import pytest

from core.atomic_files import explain_full_disk, read_text, replace_file, write_atomically


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path):
    write_atomically(tmp_path / "file.json", "first")
    write_atomically(tmp_path / "file.json", "second")
    assert [file.name for file in tmp_path.iterdir()] == ["file.json"]
    assert read_text(tmp_path / "file.json") == "second"


def test_an_error_leaves_the_last_complete_file(tmp_path):
    file = tmp_path / "file.txt"
    write_atomically(file, "complete")

    def write_half() -> None:
        with replace_file(file) as temporary:
            temporary.write_text("half")
            raise OSError("disk is full")

    with pytest.raises(OSError, match="disk is full"):
        write_half()
    assert read_text(file) == "complete"
    assert [*tmp_path.iterdir()] == [file]


def test_two_processes_write_to_different_files_with_the_suffix_that_libraries_expect(tmp_path):
    file = tmp_path / "array.npy"
    with replace_file(file) as first, replace_file(file) as second:
        assert first != second
        for temporary in (first, second):
            np.save(temporary, np.arange(3))  # appends .npy to any other suffix
            assert temporary.exists()
    assert np.load(file).tolist() == [0, 1, 2]


def test_a_file_that_is_open_on_windows_is_replaced_a_moment_later(tmp_path, monkeypatch):
    refused, replace = iter("no"), os.replace

    def refuse_twice(temporary: object, file: object) -> None:
        if next(refused, None):
            raise PermissionError("used by another process")
        replace(temporary, file)

    monkeypatch.setattr("os.replace", refuse_twice)
    write_atomically(tmp_path / "file", "whole")
    assert read_text(tmp_path / "file") == "whole"
    monkeypatch.setattr("core.atomic_files.MAX_ATTEMPTS", 3)
    refused = iter("never")
    with pytest.raises(PermissionError):
        write_atomically(tmp_path / "file", "other")


def test_an_array_that_does_not_fit_on_the_disk_is_explained(tmp_path):
    resource = pytest.importorskip("resource")  # Windows has no such limit
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
    try:
        with pytest.raises(OSError, match="requested") as raised:
            np.save(tmp_path / "array.npy", np.ones(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert explain_full_disk(raised.value).startswith("The disk of the server is full.")
