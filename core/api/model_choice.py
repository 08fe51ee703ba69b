"""The models that a request names."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from core.api.problems import MAX_QUOTE_LENGTH, RefusalError
from core.inference.classifier import Classifier
from core.models.card import ModelCard
from core.models.files import DEFAULT_MODEL_IDS, is_run
from core.server.model_cache import get_classifier, list_damages

ALL = "all"
KEY_HINT = (
    " To use a run of yours, send an access key, which the Runs page makes, as a bearer token."
)


def choose_classifiers(
    requested: Sequence[str], cards: Mapping[str, ModelCard]
) -> list[Classifier]:
    """The classifiers of the models that a request names, each once.

    Args:
        requested: ids, or ``all`` for every model in ``cards``.
        cards: of the models that the client may use, by id.

    Raises:
        RefusalError: there is no such model, 422; or it is damaged, 503.
    """
    for model_id in requested:
        if model_id != ALL:
            check_model_id(model_id, cards, HTTPStatus.UNPROCESSABLE_ENTITY)
    chosen = cards if ALL in requested else dict.fromkeys(requested)
    return [get_classifier(cards[model_id]) for model_id in chosen]


def choose_default_ids(cards: Mapping[str, ModelCard]) -> list[str]:
    """The models of a request that names none: the default ones that are sound, or else all."""
    return [model_id for model_id in DEFAULT_MODEL_IDS if model_id in cards] or [ALL]


def check_model_id(model_id: str, cards: Mapping[str, ModelCard], status: HTTPStatus) -> None:
    """Raises RefusalError with this status where there is no such model, with 503 if damaged."""
    if model_id not in cards:
        if damage := list_damages().get(model_id):
            raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, damage)
        raise RefusalError(
            status,
            f"There is no model {model_id[:MAX_QUOTE_LENGTH]!r}. The models are: "
            f"{', '.join(cards)}.{KEY_HINT * is_run(model_id)}",
        )
