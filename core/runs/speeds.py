"""Speeds: what the parts of a training take on this machine, to forecast the time of the next.

``speeds.json`` in the runs directory has them, under the settings that they depend on. They are
only hints: where the file is missing or damaged, nothing is known. This module does not know how
they are measured.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from core.atomic_files import read_text, write_atomically
from core.models.files import runs_directory
from core.runs.layers import write_layers
from core.runs.plan import TrainingPlan

SPEEDS_FILE = "speeds.json"
NETWORKS, COPIES = "networks", "copies"
# Of each kind; the oldest are forgotten first.
MAX_ENTRIES = 500


@dataclass(frozen=True)
class Speeds:
    """Seconds that the parts of a training take, whatever its epochs, copies and images.

    Attributes:
        once: what happens once: loading the data, compiling the network, evaluating and saving the
            model. The start of TensorFlow is not in it.
        batch: one batch.
        between: what follows the batches of every epoch: validation, unchanged training images,
            and the files.
        predicted: how many predictions are in that, from ``count_predicted``; another training may
            have more.
        copy_image: for each training image, an augmented copy of it and the digits that are added
            to the copy, with the predictions of the teachers; 0 without augmentation.
    """

    once: float
    batch: float
    between: float
    predicted: float
    copy_image: float = 0.0

    def __post_init__(self) -> None:
        if not self.batch > 0:
            raise ValueError(f"expected a time above 0 for a batch, got {self.batch}")


def find_speeds(plan: TrainingPlan) -> Speeds | None:
    """The speeds of a plan; None where one of them was never measured on this machine."""
    known = _read()
    try:
        network = known[NETWORKS][_name_network(plan)]
        copies = known[COPIES][_name_copies(plan)] if plan.recipe.applied_amounts else {}
        return Speeds(**{name: float(value) for name, value in {**network, **copies}.items()})
    except (KeyError, TypeError, ValueError):
        return None


def save_speeds(plan: TrainingPlan, speeds: Speeds) -> None:
    """Keep the speeds of a plan in place of earlier ones.

    Raises:
        OSError: the file could not be written.
    """
    network = asdict(speeds)
    copies = {"copy_image": network.pop("copy_image")}
    known = _read()
    known[NETWORKS] = _add(known[NETWORKS], _name_network(plan), network)
    if plan.recipe.applied_amounts:
        known[COPIES] = _add(known[COPIES], _name_copies(plan), copies)
    write_atomically(runs_directory() / SPEEDS_FILE, json.dumps(known, indent=1))


def _name_network(plan: TrainingPlan) -> str:
    """What the speed of a batch and of a validation depends on, and what happens once."""
    recipe = plan.recipe
    return json.dumps(
        {
            "network": plan.architecture or write_layers(plan.layers),
            "data": plan.training_data,
            "batch_size": recipe.batch_size,
            "optimizer": recipe.optimizer,
            "weight_decay": recipe.weight_decay > 0,
            "averaging": recipe.averaging,
            "softened": recipe.teacher_temperature != 1,
            "bfloat16": recipe.bfloat16,
        }
    )


def _name_copies(plan: TrainingPlan) -> str:
    """A digest of what the speed of making augmented copies depends on."""
    origin = repr((plan.recipe.applied_amounts, plan.recipe.teachers))
    return hashlib.sha256(origin.encode()).hexdigest()[:12]


def _add(known: dict[str, Any], name: str, speeds: dict[str, float]) -> dict[str, Any]:
    others = {other: found for other, found in known.items() if other != name}
    return dict([*others.items(), (name, speeds)][-MAX_ENTRIES:])


def _read() -> dict[str, dict[str, Any]]:
    try:
        fields = json.loads(read_text(runs_directory() / SPEEDS_FILE))
        return {kind: dict(fields[kind]) for kind in (NETWORKS, COPIES)}
    except (OSError, ValueError, TypeError, KeyError):
        return {NETWORKS: {}, COPIES: {}}
