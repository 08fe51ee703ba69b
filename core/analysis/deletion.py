"""Deletion curves: how fast a prediction falls when the most important ink is erased first.

An attribution says which pixels a prediction depends on. If it is right, the probability of the
predicted digit falls early, and the area under the curve is small: V. Petsiuk, A. Das, K. Saenko,
"RISE: randomized input sampling for explanation of black-box models", BMVC 2018, arXiv:1806.07421.
Only ink is erased: a pixel of paper would stay as it is. This module does not know how the
attributions were computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.inference.classifier import Classifier

# Steps in which the ink is erased, as evenly as its pixels allow.
STEPS = 25
# Orders at random, with which those of the attributions are compared.
RANDOM_ORDERS = 20
SEED = 1

Frame = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DeletionCurve:
    """The probability of a digit while its ink is erased.

    Attributes:
        erased: ``(STEPS + 1,)``, the share of the pixels with ink that are erased, from 0 to 1.
        probabilities: ``(STEPS + 1,)``, 0…1.
    """

    erased: npt.NDArray[np.float64]
    probabilities: npt.NDArray[np.float64]

    @property
    def area(self) -> float:
        """The area under the curve, 0…1; the smaller, the better the order of the pixels."""
        return float(np.trapezoid(self.probabilities, self.erased))


@dataclass(frozen=True, eq=False)
class DeletionRanking:
    """Attributions of one prediction, compared by their deletion curves.

    Attributes:
        curves: by the name of the attribution, the smallest area first.
        random: curves of pixels in random order.
    """

    curves: Mapping[str, DeletionCurve]
    random: tuple[DeletionCurve, ...]

    @property
    def believable(self) -> list[str]:
        """The attributions to believe, the best first.

        The best one is believed if its area is smaller than that of every random order, and the
        others if theirs is, too, and exceeds the best one's by less than the standard deviation of
        the areas of random orders.
        """
        by_chance = [curve.area for curve in self.random]
        best = next(iter(self.curves.values())).area
        limit = min(*by_chance, best + float(np.std(by_chance)))
        return [name for name, curve in self.curves.items() if curve.area < limit]


def rank_attributions(
    classifier: Classifier, frame: Frame, digit: int, attributions: Mapping[str, Frame]
) -> DeletionRanking:
    """Rank attributions of a model's prediction by the areas under their deletion curves.

    Args:
        classifier: the model.
        frame: ``(28, 28)``, 0 paper … 1 ink, with some ink.
        digit: the class whose probability is followed, 0…9.
        attributions: ``(28, 28)`` each, by name, at least one; the largest value is the most
            important.
    """
    pixels = np.flatnonzero(frame)
    orders = [
        pixels[np.argsort(-values.ravel()[pixels], kind="stable")]
        for values in attributions.values()
    ]
    random = np.random.default_rng(SEED)
    orders += [random.permutation(pixels) for _ in range(RANDOM_ORDERS)]
    curves = _follow(classifier, frame, digit, orders)
    named = zip(attributions, curves, strict=False)
    return DeletionRanking(
        dict(sorted(named, key=lambda item: item[1].area)), tuple(curves[len(attributions) :])
    )


def _follow(
    classifier: Classifier, frame: Frame, digit: int, orders: list[npt.NDArray[np.intp]]
) -> list[DeletionCurve]:
    """The curve of each order in which the pixels with ink are erased."""
    total = len(orders[0])
    counts = np.linspace(0, total, STEPS + 1).round().astype(int)
    frames = np.repeat(frame.reshape(1, 1, -1), len(orders), axis=0).repeat(STEPS + 1, axis=1)
    for place, order in enumerate(orders):
        for step, count in enumerate(counts):
            frames[place, step, order[:count]] = 0
    probabilities = classifier.probabilities(frames.reshape(-1, *frame.shape))[:, digit]
    return [
        DeletionCurve(counts / total, followed)
        for followed in probabilities.astype(np.float64).reshape(len(orders), -1)
    ]
