"""Rebuilding a model: the network of a run's plan with weights that may come from a stranger.

The network is built by this program alone, and the weights are read as numbers.
"""

import traceback
from pathlib import Path

import numpy as np

from core.atomic_files import read_text
from core.digits.frame import FRAME_SIZE
from core.models.files import WEIGHTS_FILE
from core.runs.plan import TrainingPlan
from core.runs.run import RUN_FILE, Run
from core.training.measurement import save_model
from core.training.train_run import build_entry
from core.training.weights import load_keras_weights, load_weights, save_weights


def rebuild(place: Path) -> None:
    """Make the Keras, LiteRT and weights file of a run.

    Args:
        place: a directory with the file of the run, and its weights as ``weights.npy`` or, in runs
            of earlier versions, in ``model.keras``.

    Raises:
        ValueError: the plan cannot be trained, or the weights are not those of its network.
    """
    run = Run.from_json(read_text(place / RUN_FILE))
    entry = build_entry(run, TrainingPlan.from_fields(run.plan))
    model = entry.build()
    if (place / WEIGHTS_FILE).exists():
        load_weights(model, place)
    else:
        load_keras_weights(model, place)
    save_weights(model, place)
    classifier = save_model(entry, model, place)
    frames = np.stack([np.zeros((FRAME_SIZE, FRAME_SIZE)), np.eye(FRAME_SIZE)])
    probabilities = classifier.probabilities(frames)
    if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3) or probabilities.min() < 0:
        raise ValueError("The model of this run gives no probabilities: its weights are damaged.")


def explain_failure(place: Path) -> str:
    """Rebuild a model; returns why that failed in a sentence, empty if it did not."""
    try:
        rebuild(place)
    except ValueError as error:
        traceback.print_exc()
        return str(error)
    return ""
