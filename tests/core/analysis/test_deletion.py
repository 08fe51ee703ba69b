"""Deletion curves tell a true attribution from a wrong one."""

import numpy as np
import pytest

from core.analysis.deletion import DeletionCurve, rank_attributions
from core.analysis.gradient import map_gradient
from core.analysis.occlusion import map_occlusion

RANDOM = np.random.default_rng(5)


class PlantedModel:
    """A model whose probability of a 3 is the mean ink of some pixels, and depends on no other."""

    def __init__(self, planted: np.ndarray) -> None:
        self.planted = planted

    def probabilities(self, frames: np.ndarray) -> np.ndarray:
        own = 0.05 + 0.9 * frames[:, self.planted].mean(axis=1)
        probabilities = np.repeat((1 - own)[:, None] / 9, 10, axis=1)
        probabilities[:, 3] = own
        return probabilities


def plant() -> tuple[PlantedModel, np.ndarray, np.ndarray]:
    """A model, a frame with ink in its middle, and the 12 pixels of it that count, in a patch."""
    frame = np.zeros((28, 28), np.float32)
    frame[6:22, 8:20] = RANDOM.uniform(0.6, 1, (16, 12))
    top, left = RANDOM.integers((6, 8), (19, 17))
    planted = np.zeros((28, 28), bool)
    planted[top : top + 3, left : left + 4] = True
    return PlantedModel(planted), frame, planted


def test_the_planted_attribution_comes_before_a_wrong_one():
    for _ in range(10):
        model, frame, planted = plant()
        elsewhere = planted[::-1, ::-1] & ~planted  # in the ink, too
        maps = {"wrong": elsewhere.astype(np.float32), "true": planted.astype(np.float32)}
        ranking = rank_attributions(model, frame, 3, maps)
        assert list(ranking.curves) == ["true", "wrong"]
        assert ranking.believable == ["true"]


@pytest.mark.parametrize("method", [map_occlusion, map_gradient])
def test_both_methods_find_what_was_planted_and_their_opposites_do_not(method):
    model, frame, _ = plant()
    found = method(model, frame, 3)
    ranking = rank_attributions(model, frame, 3, {"opposite": -found, "found": found})
    assert list(ranking.curves) == ["found", "opposite"]
    assert ranking.believable == ["found"]


def test_two_equal_attributions_are_both_believed_and_noise_is_not():
    model, frame, planted = plant()
    true = planted.astype(np.float32)
    noise = RANDOM.normal(size=(28, 28)).astype(np.float32)
    assert len(rank_attributions(model, frame, 3, {"a": true, "b": 2 * true}).believable) == 2
    chance = sum(
        bool(rank_attributions(plant()[0], frame, 3, {"noise": noise}).believable)
        for _ in range(20)
    )
    assert chance <= 4  # 1 in 21 is expected


def test_curves_begin_with_the_whole_digit_and_end_with_paper():
    model, frame, planted = plant()
    ranking = rank_attributions(model, frame, 3, {"true": planted.astype(np.float32)})
    whole, paper = model.probabilities(np.stack([frame, np.zeros_like(frame)]))[:, 3]
    for curve in (*ranking.curves.values(), *ranking.random):
        assert (curve.erased[0], curve.erased[-1]) == (0, 1)
        assert (curve.probabilities[0], curve.probabilities[-1]) == pytest.approx((whole, paper))


def test_the_area_is_that_under_the_curve():
    curve = DeletionCurve(np.array([0, 0.5, 1]), np.array([1.0, 0, 0]))
    assert curve.area == pytest.approx(0.25)
