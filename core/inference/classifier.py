"""Classifiers: trained models as functions from frames to probabilities, run by LiteRT.

TensorFlow is never imported here. A classifier may be shared between threads.
"""

import copy
import hashlib
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt

from core.digits.frame import FRAME_SIZE
from core.inference.network import Network
from core.inference.prediction import Prediction
from core.models.card import ModelCard
from core.models.files import LITERT_FILE, read_file, read_with_card


class Classifier:
    """One trained model, ready to predict."""

    def __init__(
        self,
        model_id: str,
        title: str,
        model: bytes,
        *,
        not_sure_below: float = 0.0,
        weight: float = 1.0,
        threads: int = 1,
    ) -> None:
        """Build the interpreter from the contents of a LiteRT file.

        Args:
            model_id: the id in URLs and in the API.
            title: the name on pages.
            model: the contents of its LiteRT file.
            not_sure_below: the confidence, 0…1, below which a prediction is marked "not sure".
            weight: in a vote of several models, above 0.
            threads: of the processor that one prediction uses.
        """
        self.model_id = model_id
        self.title = title
        self.digest = hashlib.sha256(model).hexdigest()
        self.not_sure_below = not_sure_below
        self.weight = weight
        self._network = Network(model, threads=threads)

    def with_card(self, card: ModelCard) -> "Classifier":
        """The same network with the title and the threshold of a card.

        Both share the interpreter. The card is one of the same model: a run that got another name,
        for example.
        """
        twin = copy.copy(self)
        twin.title = card.title
        twin.not_sure_below = card.calibration.not_sure_below
        twin.weight = card.calibration.vote_weight
        return twin

    def probabilities(self, frames: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Predict one frame or thousands.

        Args:
            frames: ``(N, 28, 28)`` of 0 paper … 1 ink.

        Returns:
            ``(N, 10)`` float32, each row a distribution over the digits 0…9.

        Raises:
            ValueError: the frames have another shape.
        """
        batch = np.asarray(frames, dtype=np.float32)
        if batch.ndim != 3 or batch.shape[1:] != (FRAME_SIZE, FRAME_SIZE):
            raise ValueError(
                f"expected frames of shape (N, {FRAME_SIZE}, {FRAME_SIZE}), got {batch.shape}"
            )
        return self._network.run(batch)

    def predict(self, frame: npt.ArrayLike) -> Prediction:
        """Predict one ``(28, 28)`` frame and time it. Raises ValueError for another shape."""
        return self.predict_all(np.asarray(frame)[None])[0]

    def predict_all(self, frames: npt.ArrayLike) -> list[Prediction]:
        """Predict ``(N, 28, 28)`` frames in one batch; each has its share of the time.

        Raises:
            ValueError: the frames have another shape.
        """
        started = perf_counter()
        batch = self.probabilities(frames)
        seconds = (perf_counter() - started) / max(len(batch), 1)
        return [
            Prediction(
                self.model_id,
                self.title,
                probabilities,
                seconds,
                not_sure_below=self.not_sure_below,
                weight=self.weight,
                model_sha256=self.digest,
            )
            for probabilities in batch
        ]


def load_classifier(
    model_id: str,
    directory: Path | None = None,
    *,
    card: ModelCard | None = None,
    threads: int = 1,
) -> Classifier:
    """Load a trained model.

    Args:
        model_id: of a built-in model or of a run.
        directory: where models are; by default, where those of this kind are.
        card: of the model, where its caller has it; by default, the one on disk.
        threads: of the processor that one prediction uses.

    Raises:
        FileNotFoundError: there is no such model; the message lists the choices.
        DamagedArtifactError: its file is missing, or is not the one on the card.
    """
    if card is None:
        card, model = read_with_card(model_id, LITERT_FILE, directory)
    else:
        model = read_file(model_id, LITERT_FILE, directory, card=card)
    return Classifier(
        card.id,
        card.title,
        model,
        not_sure_below=card.calibration.not_sure_below,
        weight=card.calibration.vote_weight,
        threads=threads,
    )
