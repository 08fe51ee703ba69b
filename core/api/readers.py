"""Readers: the trained models, loaded once for all requests and warm; and runs."""

import threading
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from http import HTTPStatus

import numpy as np

from core.api.problems import LONGEST_QUOTE, RefusalError
from core.artifacts import LITERT_FILE, ModelCard, is_run, list_model_ids, load_card
from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier, load_classifier
from core.runs.finished import list_finished, title_cards

ALL = "all"
# Of all visitors together; each takes a few MB, and is loaded again when it is asked again.
MOST_RUNS_LOADED = 64

_warm_up_lock = threading.Lock()
_warm = threading.Event()


def get_reader(card: ModelCard) -> Classifier:
    """A classifier that has read once already, titled as on the card.

    Raises as ``load_classifier`` does. Who may ask a run is not checked here.
    """
    if is_run(card.id):
        reader = _load_run(card.id, card.files[LITERT_FILE])
    else:
        reader = _load_built_in(card.id)
    return reader.with_title(card.title)


def list_cards(owner: str | None) -> dict[str, ModelCard]:
    """The cards of all models that a visitor may ask: the built-in ones, and their finished runs.

    Args:
        owner: the visitor's name; None where there is none, who sees everybody's runs alone.
    """
    return title_cards(list_finished(owner), _load_built_in_cards())


def choose_readers(named: Sequence[str], known: Mapping[str, ModelCard]) -> list[Classifier]:
    """The models a request names, each once, or all that it may.

    Args:
        named: ids, or ``all``.
        known: the cards of those that it may name.

    Raises:
        RefusalError: there is no model of that name; 422.
    """
    for name in named:
        if name != ALL and name not in known:
            raise RefusalError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"expected the id of a model, got {name[:LONGEST_QUOTE]!r}; choices are "
                f"{', '.join(known)} and {ALL}",
            )
    wanted = known if ALL in named else dict.fromkeys(named)
    return [get_reader(known[model_id]) for model_id in wanted]


def warm_up() -> None:
    """Load every model; a second call at the same time waits for the first."""
    with _warm_up_lock:
        for model_id in list_model_ids():
            _load_built_in(model_id)
        _warm.set()


def is_warm() -> bool:
    """Whether every built-in model is loaded."""
    return _warm.is_set()


def start_warm_up() -> None:
    """Load every model in the background, unless that is done or under way."""
    if not is_warm() and not _warm_up_lock.locked():
        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()


@cache
def _load_built_in_cards() -> dict[str, ModelCard]:
    return {model_id: load_card(model_id) for model_id in list_model_ids()}


@cache
def _load_built_in(model_id: str) -> Classifier:
    reader = load_classifier(model_id)
    reader.probabilities(np.zeros((1, FRAME_SIZE, FRAME_SIZE), np.float32))
    return reader


@lru_cache(maxsize=MOST_RUNS_LOADED)
def _load_run(run_id: str, _digest: str) -> Classifier:
    """A run may go on to be trained, and is another model then."""
    return load_classifier(run_id)
