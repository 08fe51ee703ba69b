"""The model cache: cards and loaded models, the same ones for all pages and the API.

A card is read again when its file changes, so a model that was trained again is served at once. A
loaded model is known by its id and by the SHA-256 of its LiteRT file: under one id, the old and the
new model are two. Visitors' runs are kept in the same cache.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier, load_classifier
from core.models.card import ModelCard
from core.models.files import (
    LITERT_FILE,
    FileSignature,
    list_candidates,
    load_card,
    sign_model_file,
)
from core.runs.finished import cards_by_id, list_finished

# Built-in models and runs of all visitors together. Each takes a few MB; one that was dropped is
# loaded again, in about 10 ms, when it is needed.
MAX_CACHED_MODELS = 64


class CardCache:
    """The cards of the built-in models, each read again when its file changes."""

    def __init__(self) -> None:
        """No card is known yet."""
        self._cards: dict[str, tuple[FileSignature, ModelCard]] = {}

    def list_cards(self) -> dict[str, ModelCard]:
        """The cards by id; looks at each file, which takes 0.1 ms for all.

        Raises:
            DamagedArtifactError: a card cannot be read or is another model's.
        """
        # Known ids as well: a listing of the directory may miss a model that is just being moved.
        ids = {*list_candidates(), *self._cards}
        return {model_id: card for model_id in sorted(ids) if (card := self._find(model_id))}

    def _find(self, model_id: str) -> ModelCard | None:
        signature = sign_model_file(model_id)
        if signature is None:
            self._cards.pop(model_id, None)
            return None
        known = self._cards.get(model_id)
        if known and known[0] == signature:
            return known[1]
        card = load_card(model_id)
        self._cards[model_id] = signature, card
        return card


class ClassifierCache:
    """Loaded models by id and digest; the one that was not needed for longest is dropped first."""

    def __init__(self, load: Callable[[ModelCard], Classifier], max_models: int) -> None:
        """An empty cache.

        Args:
            load: gives the classifier of a card.
            max_models: how many are kept at most.
        """
        self._load = load
        self._max_models = max_models
        self._classifiers: OrderedDict[tuple[str, str], Classifier] = OrderedDict()
        self._guard = threading.Lock()  # held for a moment
        self._loading = threading.Lock()  # held while a file is read, so that none is read twice

    def get(self, card: ModelCard) -> Classifier:
        """The classifier of a card, loaded unless it is there. Raises as loading it does."""
        key = card.id, card.files.get(LITERT_FILE, "")
        found = self._find(key)
        if found is None:
            with self._loading:
                found = self._find(key) or self._add(key, self._load(card))
        return found

    def clear(self) -> None:
        """Drop all models."""
        with self._guard:
            self._classifiers.clear()

    def __len__(self) -> int:
        """How many models are loaded."""
        return len(self._classifiers)

    def _find(self, key: tuple[str, str]) -> Classifier | None:
        with self._guard:
            if key in self._classifiers:
                self._classifiers.move_to_end(key)
            return self._classifiers.get(key)

    def _add(self, key: tuple[str, str], classifier: Classifier) -> Classifier:
        with self._guard:
            self._classifiers[key] = classifier
            while len(self._classifiers) > self._max_models:
                self._classifiers.popitem(last=False)
        return classifier


def _load_warm(card: ModelCard) -> Classifier:
    """A classifier that has predicted once: the first prediction takes longer than later ones."""
    classifier = load_classifier(card.id, card=card)
    classifier.probabilities(np.zeros((1, FRAME_SIZE, FRAME_SIZE), np.float32))
    return classifier


_cards = CardCache()
_classifiers = ClassifierCache(_load_warm, MAX_CACHED_MODELS)
_warm_up_lock = threading.Lock()
_warm = threading.Event()


def get_classifier(card: ModelCard) -> Classifier:
    """The classifier of a card, with the title and the threshold of that card.

    It does not check whether the visitor may use the model.

    Raises:
        DamagedArtifactError: its file is missing, or is not the one on the card.
        ModelReplacedError: its file belongs to a newer card, and this model is no longer loaded.
    """
    return _classifiers.get(card).with_card(card)


def list_built_in_cards() -> dict[str, ModelCard]:
    """The cards of the built-in models by id, as they are on disk now.

    Raises:
        DamagedArtifactError: a card cannot be read or is another model's.
    """
    return _cards.list_cards()


def list_cards(owner: str | None) -> dict[str, ModelCard]:
    """The cards of all models that a visitor may use: built-in ones, then their finished runs.

    Args:
        owner: the visitor's name; None for a client without one, who sees only the runs that
            belong to everybody.
    """
    return cards_by_id(list_finished(owner), list_built_in_cards())


def warm_up() -> None:
    """Load every built-in model; a second call at the same time waits for the first."""
    with _warm_up_lock:
        for card in list_built_in_cards().values():
            _classifiers.get(card)
        _warm.set()


def is_warm() -> bool:
    """Whether every built-in model has been loaded since the start."""
    return _warm.is_set()


def start_warm_up() -> None:
    """Load every built-in model in the background, unless that is done or in progress."""
    if not is_warm() and not _warm_up_lock.locked():
        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
