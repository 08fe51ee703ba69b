"""The models that a request names."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from core.api.problems import MAX_QUOTE_LENGTH, RefusalError
from core.inference.classifier import Classifier
from core.models.card import ModelCard
from core.server.model_cache import get_classifier

ALL = "all"


def choose_classifiers(
    requested: Sequence[str], cards: Mapping[str, ModelCard]
) -> list[Classifier]:
    """The classifiers of the models that a request names, each once.

    Args:
        requested: ids, or ``all`` for every model in ``cards``.
        cards: of the models that the client may use, by id.

    Raises:
        RefusalError: there is no such model; 422.
    """
    for model_id in requested:
        if model_id != ALL:
            check_model_id(model_id, cards, HTTPStatus.UNPROCESSABLE_ENTITY)
    chosen = cards if ALL in requested else dict.fromkeys(requested)
    return [get_classifier(cards[model_id]) for model_id in chosen]


def check_model_id(model_id: str, cards: Mapping[str, ModelCard], status: HTTPStatus) -> None:
    """Raises RefusalError with this status where there is no model of that id."""
    if model_id not in cards:
        raise RefusalError(
            status,
            f"There is no model {model_id[:MAX_QUOTE_LENGTH]!r}. The models are: "
            f"{', '.join(cards)}.",
        )
