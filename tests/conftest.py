"""What all tests share: digits to read, and MNIST where it is at hand."""

import numpy as np
import pytest

from core.digits.datasets import Dataset, find_mnist, load_bundled_digits, load_mnist


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
