"""The judge: how much frames look like digits, by fixed built-in models.

Segmentation proposes more frames than there are digits, and the judge's scores decide between them
(Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
recognition", Proceedings of the IEEE 86 (1998), section V, doi:10.1109/5.726791). It does not
depend on the models that a visitor has chosen, so the same input gives the same frames for all.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.digits.segmentation import SegmentationGraph, SegmentationPath, choose_path
from core.inference.classifier import Classifier, load_classifier
from core.inference.detector import load_detector
from core.models.files import (
    LITERT_FILE,
    DamagedArtifactError,
    FileSignature,
    sign_model_file,
)

# Built-in models that have learned from non-digits and predict a frame in about 0.02 ms.
JUDGE_MODEL_IDS = ("lenet5", "mlp")
# Keeps the logarithm finite.
MIN_PROBABILITY = 1e-6


class Judge:
    """One or more models that score frames together."""

    def __init__(self, classifiers: Sequence[Classifier]) -> None:
        """A judge of these models, all with the same weight."""
        self._classifiers = tuple(classifiers)

    def log_confidences(self, frames: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Score frames by the logarithm of the confidence in their most probable digit.

        The probabilities of a digit by several models are combined by their geometric mean, which
        is low where the models disagree.

        Args:
            frames: ``(N, 28, 28)`` of 0 paper … 1 ink; N may be 0.

        Returns:
            ``(N,)`` float32 of 0 or less: near 0 for a clear digit, near log 0.1 = −2.3 or below
            for a non-digit.
        """
        batch = np.asarray(frames, np.float32)
        if not len(batch):
            return np.zeros(0, np.float32)
        logs = [
            np.log(np.maximum(classifier.probabilities(batch), MIN_PROBABILITY))
            for classifier in self._classifiers
        ]
        return np.mean(logs, axis=0, dtype=np.float32).max(axis=1)


def choose_digits(graph: SegmentationGraph, judge: Judge) -> SegmentationPath:
    """The best path through a graph: the judge scores its frames, the detector its divisions."""
    divisions = np.zeros(len(graph.candidates))
    divisions[graph.clusters] = load_detector().weigh_division(graph.frames[graph.clusters])
    return choose_path(graph, judge.log_confidences(graph.frames), divisions)


def load_judge() -> Judge:
    """The judge of the built-in models, loaded once and again after a model was replaced.

    A model that is missing or damaged is left out.

    Raises:
        FileNotFoundError, DamagedArtifactError: all of them are.
    """
    return _load(tuple(sign_model_file(model_id, LITERT_FILE) for model_id in JUDGE_MODEL_IDS))


@lru_cache(maxsize=1)
def _load(_signatures: tuple[FileSignature | None, ...]) -> Judge:
    classifiers, failure = [], None
    for model_id in JUDGE_MODEL_IDS:
        try:
            classifiers.append(load_classifier(model_id))
        except (FileNotFoundError, DamagedArtifactError) as error:
            failure = error
    if failure and not classifiers:
        raise failure
    return Judge(classifiers)
