"""The model cache: every trained model is loaded once for all pages and requests; and runs."""

import threading
from functools import cache, lru_cache

import numpy as np

from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier, load_classifier
from core.models.card import ModelCard
from core.models.files import LITERT_FILE, is_run, list_model_ids, load_card
from core.runs.finished import cards_by_id, list_finished

# Of all visitors together; each takes a few MB, and is loaded again when it is asked again.
MAX_CACHED_RUNS = 64
_warm_up_lock = threading.Lock()
_warm = threading.Event()


def get_classifier(card: ModelCard) -> Classifier:
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
    return cards_by_id(list_finished(owner), _load_built_in_cards())


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


@lru_cache(maxsize=MAX_CACHED_RUNS)
def _load_run(run_id: str, _digest: str) -> Classifier:
    """A run may go on to be trained, and is another model then."""
    return load_classifier(run_id)
