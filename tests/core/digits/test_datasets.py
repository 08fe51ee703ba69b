import gzip
import http.server
import threading
from pathlib import Path

import numpy as np
import pytest

from core.digits import datasets
from core.digits.datasets import (
    DamagedDatasetError,
    Dataset,
    MnistUnavailableError,
    download_mnist,
    find_mnist,
    load_mnist,
)
from tests.messages import assert_plain


@pytest.fixture
def no_mnist(monkeypatch, tmp_path) -> Path:
    """A machine without MNIST; returns the path that its cache would have."""
    monkeypatch.delenv("DIGITLAB_MNIST", raising=False)
    monkeypatch.setattr(datasets, "mnist_cache_directory", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def write_idx(path: Path, array: np.ndarray) -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=1))


def test_bundled_digits_are_1797_frames(bundled_digits):
    assert len(bundled_digits) == 1797
    assert bundled_digits.images.shape == (1797, 28, 28)
    assert np.bincount(bundled_digits.labels).tolist() == [
        178, 182, 177, 183, 181, 182, 181, 179, 174, 180,
    ]  # fmt: skip
    rows = bundled_digits.images.any(axis=2).sum(axis=1)
    columns = bundled_digits.images.any(axis=1).sum(axis=1)
    assert np.maximum(rows, columns).min() >= 19


def test_mnist_has_its_known_size_and_classes(mnist_test):
    assert mnist_test.images.shape == (10000, 28, 28)
    assert np.bincount(mnist_test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip


def test_frames_are_the_images_in_0_to_1(bundled_digits):
    frames = bundled_digits.frames
    assert frames.dtype == np.float32
    assert frames.max() == 1
    assert np.array_equal(frames[17], bundled_digits.frame(17))


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((3, 28, 28), np.float32), np.zeros(3, np.uint8)),
        (np.zeros((3, 8, 8), np.uint8), np.zeros(3, np.uint8)),
        (np.zeros((3, 28, 28), np.uint8), np.zeros(4, np.uint8)),
        (np.zeros((3, 28, 28), np.uint8), np.array([0, 1, 10], np.uint8)),
    ],
)
def test_a_malformed_dataset_is_refused(images, labels):
    with pytest.raises(ValueError, match="expected"):
        Dataset("x", "X", images, labels)


@pytest.mark.usefixtures("no_mnist")
def test_without_mnist_the_message_says_what_to_do():
    assert find_mnist() is None
    with pytest.raises(MnistUnavailableError, match="Download it first") as error:
        load_mnist("test")
    assert_plain(str(error.value))


def test_a_variable_that_names_no_file_is_reported(monkeypatch):
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere/mnist.npz")
    with pytest.raises(
        MnistUnavailableError, match=r"does not exist.*'/nowhere/mnist\.npz'"
    ) as error:
        find_mnist()
    assert_plain(str(error.value))


@pytest.mark.parametrize("contents", [b"", b"not an archive", b"PK\x03\x04 cut short"])
def test_a_file_that_is_not_mnist_is_refused(monkeypatch, tmp_path, contents):
    (tmp_path / "mnist.npz").write_bytes(contents)
    monkeypatch.setenv("DIGITLAB_MNIST", str(tmp_path / "mnist.npz"))
    with pytest.raises(DamagedDatasetError, match=r"The file mnist\.npz is damaged") as error:
        load_mnist("test")
    assert_plain(str(error.value))
    assert error.value.__notes__[0].startswith("expected x_test in a NumPy archive, got ")


def test_an_archive_of_other_arrays_is_refused(monkeypatch, tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, x_test=np.zeros((10000, 28, 28), np.uint8), y_test=np.zeros(10000, np.uint8))
    monkeypatch.setenv("DIGITLAB_MNIST", str(path))
    with pytest.raises(DamagedDatasetError, match="contains different data") as error:
        load_mnist("test")
    assert_plain(str(error.value))
    assert error.value.__notes__[0].startswith("expected x_test with SHA-256 6d87418db22c…")


def test_idx_files_hold_the_same_mnist(monkeypatch, tmp_path, mnist_test):
    for name, array in [("x_test", mnist_test.images), ("y_test", mnist_test.labels)]:
        write_idx(tmp_path / datasets.IDX_FILES[name], array)
    monkeypatch.setenv("DIGITLAB_MNIST", str(tmp_path))
    loaded = load_mnist("test")
    assert np.array_equal(loaded.images, mnist_test.images)
    assert np.array_equal(loaded.labels, mnist_test.labels)


def test_an_incomplete_idx_file_is_refused(monkeypatch, tmp_path):
    (tmp_path / datasets.IDX_FILES["x_test"]).write_bytes(gzip.compress(b"\0\0\x08\x03\0\0"))
    monkeypatch.setenv("DIGITLAB_MNIST", str(tmp_path))
    with pytest.raises(DamagedDatasetError, match=r"-images-idx3-ubyte\.gz is damaged") as error:
        load_mnist("test")
    assert error.value.__notes__[0].startswith("expected x_test in an IDX file, got ")


@pytest.fixture
def web_server(tmp_path):
    """A web server for the folder ``tmp_path / "web"``; yields the folder and its address."""
    folder = tmp_path / "web"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_download_is_checked_reported_and_found_again(no_mnist, web_server, monkeypatch):
    import hashlib

    folder, address = web_server
    contents = bytes(range(256)) * 4000
    (folder / "mnist.npz").write_bytes(contents)
    monkeypatch.setattr(datasets, "MNIST_URL", f"{address}/mnist.npz")
    monkeypatch.setattr(datasets, "MNIST_FILE_SHA256", hashlib.sha256(contents).hexdigest())
    shares: list[float] = []
    assert download_mnist(shares.append) == no_mnist / "mnist.npz"
    assert find_mnist() == no_mnist / "mnist.npz"
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("path", ["mnist.npz", "missing.npz"])
def test_a_failed_download_leaves_nothing_behind(no_mnist, web_server, monkeypatch, path):
    folder, address = web_server
    (folder / "mnist.npz").write_bytes(b"another file")
    monkeypatch.setattr(datasets, "MNIST_URL", f"{address}/{path}")
    with pytest.raises(MnistUnavailableError, match="Check the internet connection") as error:
        download_mnist()
    assert_plain(str(error.value))
    assert f"expected to download {address}/{path}, got " in error.value.__notes__[0]
    assert find_mnist() is None
    assert not no_mnist.exists() or not list(no_mnist.iterdir())
