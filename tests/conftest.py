"""What all tests share: digits to read, MNIST where it is at hand, and no drawings of the user."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.digits.datasets import Dataset, find_mnist, load_bundled_digits, load_mnist
from core.drawings.store import DATABASE_VARIABLE


@pytest.fixture(scope="session", autouse=True)
def database_of_tests(tmp_path_factory) -> Iterator[None]:
    """No test, and no server that one starts, writes among the drawings of who runs it."""
    file = tmp_path_factory.mktemp("database") / "drawings.sqlite3"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATABASE_VARIABLE, f"sqlite:///{file}")
        yield


@pytest.fixture(scope="session")
def bundled_digits() -> Dataset:
    return load_bundled_digits()


@pytest.fixture(scope="session")
def mnist_test() -> Dataset:
    if find_mnist() is None:
        pytest.skip("MNIST is not on this machine: set DIGITLAB_MNIST or download it")
    return load_mnist("test")


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)
