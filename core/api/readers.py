"""Readers: the trained models, loaded once for all requests and warm."""

import threading
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus

import numpy as np

from core.api.problems import LONGEST_QUOTE, RefusalError
from core.artifacts import list_model_ids
from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier, load_classifier

ALL = "all"

_warm_up_lock = threading.Lock()
_warm = threading.Event()


@cache
def get_reader(model_id: str) -> Classifier:
    """A classifier that has read once already; raises as ``load_classifier`` does."""
    reader = load_classifier(model_id)
    reader.probabilities(np.zeros((1, FRAME_SIZE, FRAME_SIZE), np.float32))
    return reader


def choose_readers(named: Sequence[str]) -> list[Classifier]:
    """The models a request names, each once, or all of them.

    Raises:
        RefusalError: there is no model of that name; 422.
    """
    known = list_model_ids()
    for name in named:
        if name != ALL and name not in known:
            raise RefusalError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"expected the id of a model, got {name[:LONGEST_QUOTE]!r}; choices are "
                f"{', '.join(known)} and {ALL}",
            )
    wanted = known if ALL in named else dict.fromkeys(named)
    return [get_reader(model_id) for model_id in wanted]


def warm_up() -> None:
    """Load every model; a second call at the same time waits for the first."""
    with _warm_up_lock:
        for model_id in list_model_ids():
            get_reader(model_id)
        _warm.set()


def is_warm() -> bool:
    """Whether every model is loaded."""
    return _warm.is_set()


def start_warm_up() -> None:
    """Load every model in the background, unless that is done or under way."""
    if not is_warm() and not _warm_up_lock.locked():
        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
