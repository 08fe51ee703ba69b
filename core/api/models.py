"""Catalogue: the routes that tell of the models, and of the server itself."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from core.api.metrics import report_metrics
from core.api.problems import MAX_QUOTE_LENGTH, RefusalError, describe_problems
from core.api.schemas import Health, ModelSummary
from core.models.card import ModelCard
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids
from core.server.model_cache import is_warm, list_cards, start_warm_up
from core.server.visitors import read_visitor

router = APIRouter()


@router.get("/models", tags=["Models"], summary="All models")
def list_models(request: Request) -> list[ModelSummary]:
    """The models that can be asked, in a few words each.

    Runs, which are models that somebody trained, are listed for the browser they belong to.
    """
    return [_summarise(card) for card in list_cards(read_visitor(request.cookies)).values()]


@router.get(
    "/models/{model_id}",
    tags=["Models"],
    summary="The card of one model",
    responses=describe_problems(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def show_model(request: Request, model_id: str) -> ModelCard:
    """All that is known of a model: layers, recipe, accuracy, calibration, digests of its files."""
    known = list_cards(read_visitor(request.cookies))
    if model_id not in known:
        raise RefusalError(
            HTTPStatus.NOT_FOUND,
            f"expected the id of a model, got {model_id[:MAX_QUOTE_LENGTH]!r}; choices are "
            f"{', '.join(known)}",
        )
    return known[model_id]


@router.get(
    "/health",
    tags=["Server"],
    summary="Whether the server is ready",
    responses={HTTPStatus.SERVICE_UNAVAILABLE.value: {"model": Health}},
)
def check_health(response: Response) -> Health:
    """200 when every built-in model is loaded and warm, 503 before."""
    start_warm_up()
    ready = is_warm()
    if not ready:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Health(ready=ready, models=len(list_model_ids()))


@router.get(
    "/metrics",
    tags=["Server"],
    summary="Counts and latencies",
    response_class=PlainTextResponse,
)
def show_metrics() -> Response:
    """Requests, errors and latencies by route, in the text format of Prometheus."""
    return report_metrics()


def _summarise(card: ModelCard) -> ModelSummary:
    return ModelSummary(
        id=card.id,
        title=card.title,
        description=card.description,
        parameters=card.parameter_count,
        test_accuracy=card.metrics["test_accuracy"].value,
        default=card.id in DEFAULT_MODEL_IDS,
    )
