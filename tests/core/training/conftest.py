"""A training set that takes no time."""

from dataclasses import replace

import pytest

from core.digits.datasets import Dataset
from core.runs import training_data
from core.runs.jobs import can_train

collect_ignore_glob = [] if can_train() else ["test_*.py"]


@pytest.fixture
def small_mnist(bundled_digits, monkeypatch) -> Dataset:
    """Bundled digits in MNIST's place: 1,097 to train on, 200 held out, 500 to test."""

    def load(part: str) -> Dataset:
        chosen = slice(0, 1297) if part == "train" else slice(1297, 1797)
        return replace(
            bundled_digits,
            id=f"mnist_{part}",
            images=bundled_digits.images[chosen],
            labels=bundled_digits.labels[chosen],
        )

    # Here, so that tests of NumPy alone need not wait for TensorFlow.
    from core.training import measurement

    monkeypatch.setattr(training_data, "load_mnist", load)
    monkeypatch.setattr(measurement, "load_mnist", load)
    monkeypatch.setattr(training_data, "MNIST_VALIDATION_SIZE", 200)
    monkeypatch.setattr(measurement, "NON_DIGITS", 100)
    return load("test")
