"""Data sets of labelled digits: MNIST where it is available, scikit-learn's digits everywhere.

MNIST is loaded from the file or folder that ``DIGITLAB_MNIST`` names, or from the user's cache
directory, into which it can be downloaded. Its arrays are checked against known SHA-256 digests,
whatever the file format. This module does not know about models.
"""

import functools
import gzip
import hashlib
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import platformdirs

from core.digits.frame import (
    FRAME_SIZE,
    bytes_from_frames,
    frame_from_ink,
    frames_from_bytes,
)
from core.digits.ink import normalise

MNIST_VARIABLE = "DIGITLAB_MNIST"
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_FILE_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
# SHA-256 of each array's raw bytes (C order, uint8), which are the same in every file format.
MNIST_ARRAY_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
IDX_FILES = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}

# The digits 0 to 9.
CLASSES = 10

Split = Literal["train", "test"]
Bytes = npt.NDArray[np.uint8]


class MnistUnavailableError(FileNotFoundError):
    """MNIST is not on this machine, or could not be downloaded."""


class DamagedDatasetError(ValueError):
    """A file that should contain MNIST is damaged or contains something else."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled digits.

    Attributes:
        id: the name used in URLs.
        title: the name shown on a page.
        images: ``(N, 28, 28)`` uint8 frames, 0 paper … 255 ink.
        labels: ``(N,)`` uint8 classes 0…9.
    """

    id: str
    title: str
    images: Bytes
    labels: Bytes

    def __post_init__(self) -> None:
        expected = (len(self.labels), FRAME_SIZE, FRAME_SIZE)
        if self.images.shape != expected or self.images.dtype != np.uint8:
            raise ValueError(
                f"expected images of shape {expected} and type uint8, got {self.images.shape} "
                f"and {self.images.dtype}"
            )
        if self.labels.ndim != 1 or (self.labels.size and self.labels.max() > 9):
            raise ValueError("expected one label from 0 to 9 an image")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def frames(self) -> npt.NDArray[np.float32]:
        """All images as ``(N, 28, 28)`` float32 frames in 0…1, converted at each call."""
        return frames_from_bytes(self.images)

    def frame(self, index: int) -> npt.NDArray[np.float32]:
        """One image as a ``(28, 28)`` float32 frame in 0…1."""
        return frames_from_bytes(self.images[index])


def find_mnist() -> Path | None:
    """Find the file or folder with MNIST on this machine.

    Returns:
        The path of ``mnist.npz`` or of a folder with MNIST's four IDX files; None if there is none.

    Raises:
        MnistUnavailableError: ``DIGITLAB_MNIST`` names a file that does not exist.
    """
    named = os.environ.get(MNIST_VARIABLE)
    if named:
        path = Path(named).expanduser()
        if not path.exists():
            raise MnistUnavailableError(
                "The file of MNIST does not exist. Who runs this server can set "
                f"{MNIST_VARIABLE} to mnist.npz, or to a folder with MNIST's IDX files; now it is "
                f"{named!r}."
            )
        return path
    folder = mnist_cache_directory()
    if (folder / "mnist.npz").exists():
        return folder / "mnist.npz"
    return folder if all((folder / name).exists() for name in IDX_FILES.values()) else None


def mnist_cache_directory() -> Path:
    """The directory that MNIST is downloaded to."""
    return Path(platformdirs.user_cache_dir("digitlab")) / "mnist"


def load_mnist(split: Split) -> Dataset:
    """Load the 60,000 training or the 10,000 test images of MNIST, in their original order.

    Y. LeCun, C. Cortes, C. Burges, http://yann.lecun.com/exdb/mnist/, CC BY-SA 3.0.

    Raises:
        MnistUnavailableError: MNIST is not on this machine; ``download_mnist`` downloads it.
        DamagedDatasetError: the file is damaged or does not contain MNIST.
    """
    path = find_mnist()
    if path is None:
        raise MnistUnavailableError(
            "MNIST is not on this machine. Download it first. Who runs this server can also set "
            f"{MNIST_VARIABLE} to its file."
        )
    read = _read_idx if path.is_dir() else _read_npz
    images, labels = (_verify(name, read(path, name)) for name in (f"x_{split}", f"y_{split}"))
    return Dataset(id=f"mnist_{split}", title=f"MNIST {split}", images=images, labels=labels)


def download_mnist(report: Callable[[float], None] | None = None) -> Path:
    """Download MNIST (11 MB) into the cache directory and check it.

    Args:
        report: called with the share of the file that was downloaded so far, 0…1.

    Returns:
        The path of the file. A partial download is never left there.

    Raises:
        MnistUnavailableError: the download failed or gave a different file.
    """
    import pooch  # noqa: PLC0415  only a download needs it, and it imports requests

    try:
        return Path(
            pooch.retrieve(
                MNIST_URL,
                known_hash=f"sha256:{MNIST_FILE_SHA256}",
                fname="mnist.npz",
                path=mnist_cache_directory(),
                downloader=pooch.HTTPDownloader(
                    progressbar=_ProgressReport(report) if report else False, timeout=30
                ),
            )
        )
    except (OSError, ValueError) as error:
        unavailable = MnistUnavailableError(
            "MNIST could not be downloaded. Check the internet connection. Who runs this server "
            f"can also copy mnist.npz to this machine and set {MNIST_VARIABLE} to its path."
        )
        unavailable.add_note(f"expected to download {MNIST_URL}, got {error!r}")
        raise unavailable from error


@functools.cache
def load_bundled_digits() -> Dataset:
    """Load the 1,797 handwritten digits that come with scikit-learn, converted to frames.

    Every call returns the same arrays, which are read-only.

    E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998,
    https://doi.org/10.24432/C50P49, CC BY 4.0: 8×8 pixels of 0…16.
    """
    from sklearn.datasets import load_digits  # noqa: PLC0415  takes a second that few pages need

    raw = load_digits()
    frames = np.stack([_frame_from_bundled_digit(image) for image in raw.images])
    images, labels = bytes_from_frames(frames), raw.target.astype(np.uint8)
    images.flags.writeable = labels.flags.writeable = False
    return Dataset(id="bundled_digits", title="Bundled digits", images=images, labels=labels)


def _frame_from_bundled_digit(image: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return frame_from_ink(normalise(frames_from_bytes(np.round(image / 16 * 255))))


def _verify(name: str, array: Bytes) -> Bytes:
    digest = hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
    if digest != MNIST_ARRAY_SHA256[name]:
        error = DamagedDatasetError(
            "The file for MNIST contains different data. Delete it and download MNIST again."
        )
        error.add_note(
            f"expected {name} with SHA-256 {MNIST_ARRAY_SHA256[name][:12]}…, got {digest[:12]}…"
        )
        raise error
    return array


def _read_npz(path: Path, name: str) -> Bytes:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return np.asarray(arrays[name])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise _build_damaged_error(path, f"{name} in a NumPy archive", error) from error


def _read_idx(folder: Path, name: str) -> Bytes:
    """Read MNIST's IDX format: magic number, dimensions as big-endian 32 bits, then bytes."""
    path = folder / IDX_FILES[name]
    try:
        contents = gzip.decompress(path.read_bytes())
        dimensions = contents[3]
        shape = np.frombuffer(contents, ">i4", count=dimensions, offset=4)
        return np.frombuffer(contents, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
    except (OSError, EOFError, ValueError, IndexError) as error:
        raise _build_damaged_error(path, f"{name} in an IDX file", error) from error


def _build_damaged_error(path: Path, expected: str, cause: Exception) -> DamagedDatasetError:
    error = DamagedDatasetError(
        f"The file {path.name} is damaged, or it is not a file of MNIST. "
        "Delete it and download MNIST again."
    )
    error.add_note(f"expected {expected}, got {cause!r}")
    return error


class _ProgressReport:
    """The part of tqdm's interface that pooch calls; reports the share of the download."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self.total = 0
        self._done = 0
        self._report = report

    def update(self, count: int) -> None:
        self._done += count
        if self.total:
            self._report(min(self._done / self.total, 1.0))

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        self._report(1.0)
