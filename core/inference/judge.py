"""The judge: how much frames look like digits, by fixed built-in models.

Segmentation proposes more frames than there are digits, and the judge's scores decide between them
(Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
recognition", Proceedings of the IEEE 86 (1998), section V, doi:10.1109/5.726791). It does not
depend on the models that a visitor has chosen, so the same input gives the same frames for all.
"""

from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from itertools import islice

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
# Where none of these is sound, the first of these that is sound judges alone.
SUBSTITUTE_MODEL_IDS = ("regularised_lenet5", "regularised_cnn", "cnn", "deep_cnn")
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


def choose_judges(model_ids: Container[str]) -> list[str]:
    """Which of these models judge: those that should, or another one where there is none."""
    judges = [model_id for model_id in JUDGE_MODEL_IDS if model_id in model_ids]
    substitutes = (model_id for model_id in SUBSTITUTE_MODEL_IDS if model_id in model_ids)
    return judges or [*islice(substitutes, 1)]


def load_judge() -> Judge:
    """The judge of the built-in models, loaded once and again after a model was replaced.

    A model that is missing or damaged is left out. Where all are, another built-in model judges.

    Raises:
        FileNotFoundError, DamagedArtifactError: no model that may judge is sound.
    """
    model_ids = (*JUDGE_MODEL_IDS, *SUBSTITUTE_MODEL_IDS)
    return _load(tuple(sign_model_file(model_id, LITERT_FILE) for model_id in model_ids))


@lru_cache(maxsize=1)
def _load(_signatures: tuple[FileSignature | None, ...]) -> Judge:
    failures: list[Exception] = []
    classifiers = list(_load_sound(JUDGE_MODEL_IDS, failures))
    classifiers = classifiers or list(islice(_load_sound(SUBSTITUTE_MODEL_IDS, failures), 1))
    if not classifiers:
        raise failures[0]
    return Judge(classifiers)


def _load_sound(model_ids: Sequence[str], failures: list[Exception]) -> Iterator[Classifier]:
    """Load those of the models that are sound; add the errors of the others to ``failures``."""
    for model_id in model_ids:
        try:
            yield load_classifier(model_id)
        except (FileNotFoundError, DamagedArtifactError) as error:
            failures.append(error)
