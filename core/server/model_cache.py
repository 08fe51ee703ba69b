"""The model cache: cards and loaded models, the same ones for all pages and the API.

A card is read again when its file changes, so a model that was trained again is served at once. A
loaded model is known by its id and by the SHA-256 of its LiteRT file: under one id, the old and the
new model are two. Visitors' runs are kept in the same cache.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier, load_classifier
from core.models.card import ModelCard
from core.models.files import (
    CARD_FILE,
    LITERT_FILE,
    DamagedArtifactError,
    FileSignature,
    list_candidates,
    read_with_card,
    sign_model_file,
)
from core.runs.finished import cards_by_id, check_metrics, list_finished

# Built-in models and runs of all visitors together. Each takes a few MB; one that was dropped is
# loaded again, in about 10 ms, when it is needed.
MAX_CACHED_MODELS = 64

Signatures = tuple[FileSignature | None, ...]
logger = logging.getLogger(__name__)


class CardCache:
    """The built-in models that are sound, and what is wrong with the others.

    A model is looked at again when its card or its LiteRT file changes.
    """

    def __init__(self) -> None:
        """No model is known yet."""
        self._known: dict[str, tuple[Signatures, ModelCard | str]] = {}

    def list_cards(self) -> dict[str, ModelCard]:
        """The cards of sound models by id; looks at each file, which takes 0.2 ms for all.

        Raises:
            DamagedArtifactError: there are models, and none is sound.
        """
        found = self._look_at_all()
        cards = {model_id: card for model_id, card in found.items() if isinstance(card, ModelCard)}
        if found and not cards:
            raise DamagedArtifactError(next(iter(found.values())))
        return cards

    def list_damages(self) -> dict[str, str]:
        """What is wrong with each model that is not sound, in a sentence, by id."""
        found = self._look_at_all()
        return {model_id: damage for model_id, damage in found.items() if isinstance(damage, str)}

    def _look_at_all(self) -> dict[str, ModelCard | str]:
        # Known ids as well: a listing of the directory may miss a model that is just being moved.
        ids = {*list_candidates(), *self._known}
        return {model_id: found for model_id in sorted(ids) if (found := self._look_at(model_id))}

    def _look_at(self, model_id: str) -> ModelCard | str | None:
        signatures = tuple(sign_model_file(model_id, name) for name in (CARD_FILE, LITERT_FILE))
        if not any(signatures):
            self._known.pop(model_id, None)
            return None
        known = self._known.get(model_id)
        if known and known[0] == signatures:
            return known[1]
        found = _read_card(model_id)
        self._known[model_id] = signatures, found
        return found


def _read_card(model_id: str) -> ModelCard | str:
    """The card of a model whose LiteRT file is the one on it; otherwise what is wrong."""
    try:
        card, _ = read_with_card(model_id, LITERT_FILE)
        check_metrics(card)
    except FileNotFoundError:
        damage = f"The {CARD_FILE} of {model_id} is missing. Restore it or train the model again."
        logger.warning("%s", damage)
        return damage
    except DamagedArtifactError as error:
        logger.warning("%s", error, exc_info=error)
        return str(error)
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
    """The cards of the built-in models by id, as they are on disk now; damaged ones are left out.

    Raises:
        DamagedArtifactError: there are models, and none is sound.
    """
    return _cards.list_cards()


def list_damages() -> dict[str, str]:
    """What is wrong with each built-in model that is left out, in a sentence, by id."""
    return _cards.list_damages()


def list_cards(owner: str | None) -> dict[str, ModelCard]:
    """The cards of all models that a visitor may use: built-in ones, then their finished runs.

    Args:
        owner: the visitor's name; None for a client without one, who sees only the runs that
            belong to everybody.
    """
    return cards_by_id(list_finished(owner), list_built_in_cards())


def warm_up() -> None:
    """Load every sound built-in model; a second call at the same time waits for the first."""
    with _warm_up_lock:
        for card in list_built_in_cards().values():
            _classifiers.get(card)
        _warm.set()


def is_warm() -> bool:
    """Whether every sound built-in model has been loaded since the start."""
    return _warm.is_set()


def start_warm_up() -> None:
    """Load every built-in model in the background, unless that is done or in progress."""
    if not is_warm() and not _warm_up_lock.locked():
        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
