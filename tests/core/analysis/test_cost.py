"""Latency is measured prediction by prediction."""

import numpy as np
import pytest

from core.analysis import cost
from core.models.files import LITERT_FILE, read_file


class Clock:
    """A clock that a classifier moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class SlowAtTimes:
    """A classifier that takes 1 s, and 10 s for one prediction in ten."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.shapes: list[tuple[int, ...]] = []

    def probabilities(self, frames: np.ndarray) -> np.ndarray:
        self.clock.now += 10 if len(self.shapes) % 10 == 9 else 1
        self.shapes.append(frames.shape)
        return np.full((len(frames), 10), 0.1, np.float32)


def test_the_median_ignores_slow_predictions_and_the_percentile_shows_them(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(cost, "perf_counter", clock)
    classifier = SlowAtTimes(clock)
    model = read_file("lenet5", LITERT_FILE)
    measured = cost.measure_cost(classifier, model)
    assert (measured.median, measured.percentile_95) == (pytest.approx(1), pytest.approx(10))
    assert measured.file_size == len(model)
    assert {*classifier.shapes} == {(1, 28, 28)}
