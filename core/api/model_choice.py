"""The models that a request names."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from core.api.problems import MAX_QUOTE_LENGTH, RefusalError
from core.inference.classifier import Classifier
from core.models.card import ModelCard
from core.server.model_cache import get_classifier

ALL = "all"


def choose_classifiers(named: Sequence[str], known: Mapping[str, ModelCard]) -> list[Classifier]:
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
                f"expected the id of a model, got {name[:MAX_QUOTE_LENGTH]!r}; choices are "
                f"{', '.join(known)} and {ALL}",
            )
    wanted = known if ALL in named else dict.fromkeys(named)
    return [get_classifier(known[model_id]) for model_id in wanted]
