"""Planted slices: thin and leaning digits of a class of MNIST, 2 % of all, that are made worse."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from core.analysis.evaluation import Evaluation
from core.analysis.findings.finding import CONFIDENT, Subject
from core.analysis.findings.slice_search import FoundSlice, find_slices
from core.analysis.measures import load_measures, measure_digits
from core.digits.datasets import Dataset
from core.inference.classifier import Classifier

SHARE = 0.02
MISLABELLED, BLURRED = "mislabelled", "blurred"

Masks = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Planting:
    """A data set with a planted slice, and its members ``(N,)``."""

    subject: Subject
    planted: Masks


def plant(
    kind: str, digit: int, dataset: Dataset, evaluation: Evaluation, classifier: Classifier,
    *, blur: float = 3.5,
) -> Planting:  # fmt: skip
    """Mislabel or blur the thin and leaning digits of one class.

    Args:
        kind: of what is done to them.
        digit: their class; even ones lean to the right, odd ones to the left.
        dataset: has them.
        evaluation: of the classifier on the data set.
        classifier: predicts the blurred digits.
        blur: standard deviation of the Gaussian filter, in pixels.
    """
    measures = {name: values.copy() for name, values in load_measures(dataset).items()}
    members = choose_members(digit, dataset.labels, measures["thickness"], measures["slant"])
    labels, probabilities = dataset.labels.copy(), evaluation.probabilities.copy()
    if kind == MISLABELLED:
        random = np.random.default_rng(digit)
        labels[members] = (digit + 1 + random.integers(9)) % 10
    else:
        frames = ndimage.gaussian_filter(dataset.frames[members], (0, blur, blur))
        frames = (frames / frames.max(axis=(1, 2), keepdims=True)).astype(np.float32)
        probabilities[members] = classifier.probabilities(frames)
        for name, values in measure_digits(frames).items():
            measures[name][members] = values
    planted = np.zeros(len(labels), bool)
    planted[members] = True
    evaluated = Evaluation(evaluation.model_id, evaluation.title, labels, probabilities)
    return Planting(Subject(replace(dataset, labels=labels), evaluated, measures), planted)


def choose_members(
    digit: int,
    labels: npt.NDArray[np.integer],
    thickness: npt.NDArray[np.floating],
    slant: npt.NDArray[np.floating],
) -> npt.NDArray[np.int64]:
    """The indices of a class that are thinner and lean more than as large a share of it."""
    of_class = np.flatnonzero(labels == digit)
    thin, leaning = thickness[of_class], slant[of_class] * (-1) ** digit
    boxes = [
        of_class[(thin < np.quantile(thin, share)) & (leaning > np.quantile(leaning, 1 - share))]
        for share in np.linspace(0.2, 0.8, 61)
    ]
    return min(boxes, key=lambda box: abs(len(box) - SHARE * len(labels)))


def find_first(planting: Planting) -> tuple[FoundSlice | None, Masks]:
    """The slice that the Weak spots page shows first, and its event ``(N,)``.

    Unsure slices follow the weak ones on the page, so they come first where there is no weak one.
    """
    subject = planting.subject
    unsure = subject.evaluation.confidence < CONFIDENT
    for event in (subject.wrong, unsure):
        found = find_slices(subject.labels, subject.measures, event)
        if found:
            return found[0], event
    return None, unsure


def is_named(planting: Planting) -> bool:
    """Whether the first slice has most of the planted errors, and these are most of its errors."""
    found, event = find_first(planting)
    if found is None:
        return False
    shared = (found.members & planting.planted & event).sum()
    return bool(shared > 0.5 * found.events and shared > 0.5 * (planting.planted & event).sum())
