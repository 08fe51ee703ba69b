"""The files of an imported run, checked in memory: the card, the history, the arrays and the plan.

They may come from a stranger. Every function raises ValueError with a sentence for a person, and
none of them writes anything. This module knows no zip.
"""

import hashlib
import io
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import JsonValue, TypeAdapter

from core.archives import CHOOSE_EXPORT, MAX_QUOTE_LENGTH, refuse_damaged, refuse_invalid
from core.digits.frame import FRAME_VERSION
from core.models.card import MNIST_TEST, ModelCard
from core.models.files import (
    CARD_FILE,
    HISTORY_FILE,
    TEST_PROBABILITIES_FILE,
    VALIDATION_CONFUSIONS_FILE,
    WEIGHTS_FILE,
    parse_history,
)
from core.runs.finished import check_metrics
from core.runs.plan import TrainingPlan, describe_plan, list_architectures
from core.runs.training_data import (
    BUNDLED_DIGITS_TEST,
    TEST_SETS,
    TRAINED_ON_TITLES,
    split_bundled_digits,
)

MNIST_TEST_DIGITS = MAX_TEST_DIGITS = 10_000
MAX_IMPORTED_EPOCHS = 1000
# The largest depth of nested lists and mappings; a recipe has some.
MAX_DEPTH = 6


def read_card(files: Mapping[str, bytes]) -> ModelCard:
    """The card, after a check of its fields, figures and digests."""
    text = files[CARD_FILE]
    check_json(text, CARD_FILE)
    with refuse_invalid(CARD_FILE):
        TypeAdapter(ModelCard).validate_json(text, strict=True)
    with refuse_damaged(f"The file {CARD_FILE} is not a valid model card. {CHOOSE_EXPORT}"):
        card = ModelCard.from_json(text.decode("utf-8"))
        check_metrics(card)
    listed = files.keys() & card.files.keys()
    if {name: card.files[name] for name in listed} != {
        name: digest(files[name]) for name in listed
    }:
        raise ValueError(
            f"The file {CARD_FILE} does not have the SHA-256 of the other files. "
            "Export the run again."
        )
    if card.frame_version != FRAME_VERSION:
        raise ValueError(
            f"This model was trained on frames of version {card.frame_version}, but this Digit Lab "
            f"uses version {FRAME_VERSION}. Train the model again."
        )
    if "members" in card.recipe or not card.layers:
        raise ValueError("This model is an ensemble, which cannot be imported as a run.")
    _check_training_data(card)
    _check_figures(card)
    return card


def _check_figures(card: ModelCard) -> None:
    """Raises ValueError where the figures on a card contradict each other."""
    confusion = np.array(card.test_confusion)
    right, total = int(np.trace(confusion)), int(confusion.sum())
    least, most = _count_test_digits(card)
    if confusion.min() < 0 or not least <= total <= most:
        expected = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        raise ValueError(
            f"The confusion matrix in {CARD_FILE} must have counts of {expected} digits, not "
            f"{total:,}. {CHOOSE_EXPORT}"
        )
    if abs(right / total - card.metrics["test_accuracy"].value) > 1e-6:
        raise ValueError(
            f"The accuracy in {CARD_FILE} does not agree with its confusion matrix. {CHOOSE_EXPORT}"
        )
    shares = [share for row in card.accuracy_by_digit.values() for share in row]
    if any(len(row) != 10 for row in card.accuracy_by_digit.values()) or not all(
        0 <= share <= 1 for share in shares
    ):
        raise ValueError(
            f"The accuracies by digit in {CARD_FILE} must be ten numbers from 0 to 1 for each data "
            f"set. {CHOOSE_EXPORT}"
        )


def _check_training_data(card: ModelCard) -> None:
    """Raises ValueError where a card names training data or a test set that there is not."""
    known = card.trained_on and set(card.trained_on) <= set(TRAINED_ON_TITLES)
    if not known or card.test_set != TEST_SETS.get(card.trained_on[0]):
        raise ValueError(
            f"The training data or the test set in {CARD_FILE} is not known to this Digit Lab, or "
            "they do not belong together. The run may come from a newer version."
        )


def _count_test_digits(card: ModelCard) -> tuple[int, int]:
    """The least and the largest number of digits in a card's test set."""
    if card.test_set == MNIST_TEST:
        return MNIST_TEST_DIGITS, MNIST_TEST_DIGITS
    if card.test_set == BUNDLED_DIGITS_TEST:
        count = len(split_bundled_digits().test)
        return count, count
    return 1, MAX_TEST_DIGITS


def check_history(card: ModelCard, files: Mapping[str, bytes]) -> None:
    """Check the figures of all epochs; raises ValueError."""
    message = (
        f"The file {HISTORY_FILE} must have a row with four numbers for each epoch. {CHOOSE_EXPORT}"
    )
    with refuse_damaged(message, KeyError, TypeError):
        history = parse_history(files[HISTORY_FILE])
    columns = (
        history.loss, history.accuracy, history.validation_loss, history.validation_accuracy,
    )  # fmt: skip
    unchanged = (history.unchanged_loss, history.unchanged_accuracy)  # NaN: not measured
    if not all(np.isfinite(column).all() for column in columns) or np.isinf(unchanged).any():
        raise ValueError(
            f"The file {HISTORY_FILE} has numbers that are not finite. {CHOOSE_EXPORT}"
        )
    if not 1 <= card.best_epoch <= history.epochs <= MAX_IMPORTED_EPOCHS:
        raise ValueError(
            f"The file {HISTORY_FILE} must have 1 to {MAX_IMPORTED_EPOCHS:,} epochs, with the best "
            f"epoch of {CARD_FILE} among them. It has {history.epochs:,} epochs, and the best one "
            f"is {card.best_epoch}."
        )


def check_arrays(card: ModelCard, files: Mapping[str, bytes]) -> None:
    """Check the shapes and the values of the arrays; raises ValueError."""
    epochs = parse_history(files[HISTORY_FILE]).epochs
    confusions = _read_array(files, VALIDATION_CONFUSIONS_FILE, (epochs, 10, 10), "iu")
    if confusions.min() < 0 or confusions.sum(axis=(1, 2)).min() < 1:
        raise ValueError(
            f"The file {VALIDATION_CONFUSIONS_FILE} must have counts of 0 or more, and at least "
            f"one digit for each epoch. {CHOOSE_EXPORT}"
        )
    if WEIGHTS_FILE in files:
        weights = _read_array(files, WEIGHTS_FILE, (card.parameter_count,), "f")
        if not np.isfinite(weights).all():
            raise ValueError(
                f"The file {WEIGHTS_FILE} has numbers that are not finite. {CHOOSE_EXPORT}"
            )
    digits = int(np.sum(card.test_confusion))
    probabilities = _read_array(files, TEST_PROBABILITIES_FILE, (digits, 10), "f")
    probabilities = probabilities.astype(np.float32)
    sums = probabilities.sum(axis=1)
    if not (probabilities.min() >= 0 and np.allclose(sums, 1, atol=1e-2)):
        raise ValueError(
            f"The file {TEST_PROBABILITIES_FILE} must have probabilities that add up to 1 for each "
            f"digit. {CHOOSE_EXPORT}"
        )


def _read_array(
    files: Mapping[str, bytes], name: str, shape: tuple[int, ...], kinds: str
) -> np.ndarray:
    """Read an array, its header first: it may declare more numbers than fit into memory."""
    stream = io.BytesIO(files[name])
    damaged = f"The file {name} is not a NumPy array, or it is damaged. {CHOOSE_EXPORT}"
    with refuse_damaged(damaged):
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("another version")
        found, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if found != shape or dtype.kind not in kinds:
        raise ValueError(
            f"The array in {name} must have the shape {shape}. It has the shape "
            f"{str(found)[:MAX_QUOTE_LENGTH]} and the type {str(dtype)[:MAX_QUOTE_LENGTH]}."
        )
    with refuse_damaged(damaged):
        return np.load(io.BytesIO(files[name]), allow_pickle=False)


def check_json(text: bytes, name: str) -> None:
    """Raises ValueError unless a file is JSON with finite numbers and without deep nesting."""
    damaged = f"The file {name} is not valid JSON. {CHOOSE_EXPORT}"
    with refuse_damaged(damaged, RecursionError):
        value = json.loads(text, parse_constant=_refuse)
    _check_depth(value, name, MAX_DEPTH)


def _check_depth(value: Any, name: str, depth: int) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"The file {name} has a number that is not finite. {CHOOSE_EXPORT}")
    if isinstance(value, dict | list):
        if not depth:
            raise ValueError(
                f"The file {name} has more than {MAX_DEPTH} nested levels. {CHOOSE_EXPORT}"
            )
        for item in value.values() if isinstance(value, dict) else value:
            _check_depth(item, name, depth - 1)


def _refuse(constant: str) -> None:
    raise ValueError(f"expected a number, got {constant}")


def check_plan(values: Mapping[str, JsonValue], card: ModelCard) -> None:
    """Check that this program can build the network of a plan, and that it is the card's.

    Args:
        values: the fields of the plan.
        card: of the imported run.

    Raises:
        ValueError: it cannot, or it is not.
    """
    invalid = f"The training plan of this run is not valid. {CHOOSE_EXPORT}"
    with refuse_damaged(invalid, AttributeError, KeyError, TypeError):
        plan = TrainingPlan.from_fields(values)
    if plan.architecture is not None and plan.architecture not in list_architectures(plan):
        raise ValueError(
            f"This Digit Lab has no architecture {plan.architecture[:MAX_QUOTE_LENGTH]!r}, which "
            "this run was trained with. Install a newer version."
        )
    if plan.training_data != card.trained_on[0]:
        raise ValueError(
            f"The training data in {CARD_FILE} is not that of the training plan. {CHOOSE_EXPORT}"
        )
    expected, found = (
        [(layer.kind, layer.output_shape, layer.parameters) for layer in layers]
        for layers in (describe_plan(plan), card.layers)
    )
    if expected != found:
        raise ValueError(
            f"The layers in {CARD_FILE} are not those that this Digit Lab builds for the training "
            "plan of this run. It may come from another version."
        )


def digest(contents: bytes) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(contents).hexdigest()
