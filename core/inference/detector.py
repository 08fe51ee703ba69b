"""The detector: whether a frame shows one digit, several digits, or no digit.

It was trained to tell these apart, and does not know which digit it is. Segmentation and the vote
ask it, because a classifier that has only ten answers is often sure of letters.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from core.inference.network import Network
from core.models.files import ARTIFACTS_DIRECTORY, FileSignature, sign_file

DETECTOR_FILE = "detector.tflite"
SETTINGS_FILE = "detector.json"
# Keeps logarithms finite.
MIN_PROBABILITY = 1e-6

log = logging.getLogger(__name__)


class FrameKind(IntEnum):
    """What a frame shows: the outputs of the network in their order."""

    DIGIT = 0
    SEVERAL = 1
    NONE = 2


KINDS = tuple(FrameKind)


@dataclass(frozen=True)
class Detection:
    """What the detector takes a frame for.

    Attributes:
        is_digit: whether it shows one digit.
        may_be_several: whether several digits are likelier than something that is no digit.
    """

    is_digit: bool
    may_be_several: bool


@dataclass(frozen=True)
class DetectorSettings:
    """What is kept beside the network.

    Attributes:
        sha256: of the network's file.
        threshold: a frame whose probability of being a digit is lower is none.
        refused: the share of each sample below the threshold: of digits by the names on cards, and
            of non-digits.
    """

    sha256: str
    threshold: float
    refused: Mapping[str, float]


class Detector:
    """The network with its threshold; without a network, every frame counts as a digit."""

    def __init__(self, network: Network | None = None, threshold: float = 0.0) -> None:
        """A detector that takes frames below the threshold for no digit."""
        self._network = network
        self._threshold = threshold

    def probabilities(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The probabilities of the kinds, ``(N, 3)``, for ``(N, 28, 28)`` frames in 0…1."""
        if self._network is None or not len(frames):
            return np.tile(np.eye(len(KINDS), dtype=np.float32)[FrameKind.DIGIT], (len(frames), 1))
        return self._network.run(frames)

    def detect(self, frames: npt.NDArray[np.float32]) -> list[Detection]:
        """What each of ``(N, 28, 28)`` frames in 0…1 shows."""
        return [
            Detection(is_digit=digit >= self._threshold, may_be_several=several > none)
            for digit, several, none in self.probabilities(frames).tolist()
        ]

    def weigh_division(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """What speaks against dividing the ink of each frame, ``(N,)``.

        The log-odds of no digit against several digits; 0 where several are likelier.
        """
        _, several, none = np.log(np.maximum(self.probabilities(frames), MIN_PROBABILITY)).T
        return np.maximum(none - several, 0).astype(np.float64)


def load_detector() -> Detector:
    """The detector, loaded once and again after it was replaced.

    Where its files are missing or damaged, the log says so, and every frame is taken for a digit:
    the models still predict.
    """
    return _load(
        *(sign_file(ARTIFACTS_DIRECTORY / name) for name in (DETECTOR_FILE, SETTINGS_FILE))
    )


@lru_cache(maxsize=1)
def _load(*_signatures: FileSignature | None) -> Detector:
    try:
        settings, contents = read_detector()
    except (OSError, TypeError, ValueError):
        log.exception(
            "The detector (%s, %s) cannot be loaded, so everything counts as a digit.",
            DETECTOR_FILE,
            SETTINGS_FILE,
        )
        return Detector()
    return Detector(Network(contents), settings.threshold)


def read_detector() -> tuple[DetectorSettings, bytes]:
    """The settings of the detector and the contents of its LiteRT file.

    Raises:
        OSError, TypeError, ValueError: one of the two is missing or damaged.
    """
    settings = DetectorSettings(**json.loads((ARTIFACTS_DIRECTORY / SETTINGS_FILE).read_text()))
    contents = (ARTIFACTS_DIRECTORY / DETECTOR_FILE).read_bytes()
    if sha256(contents).hexdigest() != settings.sha256:
        raise ValueError(f"{DETECTOR_FILE} does not have the SHA-256 in {SETTINGS_FILE}")
    return settings, contents
