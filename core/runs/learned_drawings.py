"""Learned drawings: which of a visitor's drawings a model has seen, so that none of them tests it.

Drawings may be deleted between two trainings, so that a few others are held out, and earlier
versions of Digit Lab held out the newest. Cards therefore name the drawings by digests: those that
a model was trained or validated on, and those of the models that it started from or that taught it,
through all generations. A training is not tested on a held-out drawing that a model which it uses
has learned from. This module does not know how a network is trained.
"""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from core.digits.datasets import Dataset
from core.models.card import ModelCard
from core.models.files import is_run, load_card
from core.runs.plan import TrainingPlan
from core.runs.run import load_run
from core.runs.training_data import (
    MY_DRAWINGS,
    TAUGHT_DRAWINGS,
    drop_repeated,
    hold_out,
    split_drawings,
    take,
)

# Hexadecimal digits of a SHA-256: of 10,000 drawings, two have the same with probability 2e-7.
DIGEST_LENGTH = 12


def digest_images(drawings: Dataset) -> set[str]:
    """A digest of each image, whatever its label."""
    return {_digest(image) for image in drawings.images}


def list_learned(own: Iterable[Dataset], used: Iterable[ModelCard]) -> tuple[str, ...]:
    """What the card of a new model names.

    Args:
        own: the drawings that it was trained or validated on.
        used: cards of the models that it started from or that taught it.

    Returns:
        Digests in order; none where those of a model that it used are not known.
    """
    used = list(used)
    if any(_explain_unknown(card) for card in used):
        return ()
    digests = [digest_images(drawings) for drawings in own]
    return tuple(sorted(set().union(*digests, *(card.learned_drawings for card in used))))


def list_training_data(own: Iterable[str], used: Iterable[ModelCard]) -> tuple[str, ...]:
    """The ids of the training data that the card of a new model names.

    Args:
        own: what it was trained on.
        used: cards of the models that it started from or that taught it. Where one of them learned
            from drawings, the new card says so, even if that of the model does not.
    """
    found = [*own]
    for card in used:
        found += [*card.trained_on, *([MY_DRAWINGS] if _used_drawings(card) else [])]
    return tuple(dict.fromkeys(found))


def has_learned_from(card: ModelCard, dataset_id: str) -> bool:
    """Whether a model has learned from a part of a data set, or may have.

    What somebody taught it on the Draw page may be among the drawings of the data set.
    """
    if dataset_id != MY_DRAWINGS:
        return dataset_id in card.trained_on
    known = MY_DRAWINGS in card.trained_on or TAUGHT_DRAWINGS in card.trained_on
    return known or bool(card.learned_drawings)


def explain_learned(titles: Sequence[str], dataset_id: str) -> str:
    """What it means for the figures that models with these titles have learned from a data set."""
    verb = "has" if len(titles) == 1 else "have"
    if dataset_id == MY_DRAWINGS:  # those it learned from may have been deleted, or another's
        verb = "may have"
    return (
        f"{', '.join(titles)} {verb} learned from some of these digits, so the figures here can be "
        "better than on new digits."
    )


def check_held_out(plan: TrainingPlan, drawings: Dataset) -> None:
    """Check that the models which a plan uses leave enough drawings to test it on.

    Args:
        plan: uses drawings.
        drawings: all of the owner's, from the oldest to the newest.

    Raises:
        TooFewDrawingsError: the drawings cannot be split.
        ValueError: the models have learned from more than half of those that would be held out, or
            it is not known from which they have.
        FileNotFoundError: one of the models is gone.
    """
    cards = [load_card(model_id) for model_id in plan.used_models]
    for card in cards:
        if unknown := _explain_unknown(card):
            role = "The model to start from" if card.id == plan.start_from else "The teacher"
            raise ValueError(f"{role} {unknown}")
    held_out = _hold_out(plan, drawings)
    count, left = len(held_out), len(drop_learned(held_out, cards))
    if 2 * left < count:
        learned = "the drawing" if count == 1 else f"{count - left} of the {count} drawings"
        raise ValueError(
            f"The model to start from, or a teacher, has learned from {learned} that this training "
            "would be tested on. Draw more digits first, or choose another model."
        )


def drop_learned(held_out: Dataset, used: Iterable[ModelCard]) -> Dataset:
    """The held-out drawings without those that models with these cards have learned from."""
    learned = set().union(*(card.learned_drawings for card in used))
    return take(
        held_out, np.array([_digest(image) not in learned for image in held_out.images], bool)
    )


def _hold_out(plan: TrainingPlan, drawings: Dataset) -> Dataset:
    if plan.training_data == MY_DRAWINGS:
        return split_drawings(drawings).test
    return hold_out(drop_repeated(drawings))[1]


def _digest(image: npt.NDArray[np.uint8]) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()[:DIGEST_LENGTH]


def _explain_unknown(card: ModelCard) -> str:
    """Why it is not known what a model has learned from; empty where it is known.

    The sentence lacks its subject, which is the role of the model in the training.
    """
    if TAUGHT_DRAWINGS in card.trained_on:
        return (
            "was taught drawings on the Draw page, which may be those that this training would "
            "test it on. Choose another model."
        )
    if _used_drawings(card) and not card.learned_drawings:
        return (
            "was trained on drawings by an earlier version of Digit Lab, which did not note which "
            "ones, or it learned from a model that was. Train it again, or choose another model."
        )
    return ""


def _used_drawings(card: ModelCard) -> bool:
    """Whether a model learned from drawings; the oldest cards do not say so, but plans do."""
    if MY_DRAWINGS in card.trained_on:
        return True
    return is_run(card.id) and TrainingPlan.from_fields(load_run(card.id).plan).uses_drawings
