"""Models: the routes that describe the models, and the state of the server."""

from http import HTTPStatus

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse

from core.api.client import recognise_client
from core.api.metrics import report_metrics
from core.api.model_choice import check_model_id
from core.api.problems import describe_problems
from core.api.schemas import DamagedModel, Health, ModelSummary
from core.models.card import ModelCard
from core.models.files import DEFAULT_MODEL_IDS
from core.server.model_cache import (
    is_warm,
    list_built_in_cards,
    list_cards,
    list_damages,
    start_warm_up,
)

router = APIRouter()


@router.get(
    "/models",
    tags=["Models"],
    summary="All models",
    responses=describe_problems(HTTPStatus.UNAUTHORIZED),
    dependencies=[Depends(recognise_client)],
)
def list_models(request: Request) -> list[ModelSummary]:
    """List all models with their most important figures.

    Runs, which are models that a visitor trained, are listed only for the browser that owns them,
    and for requests with an access key of that visitor.
    """
    return [_summarise(card) for card in list_cards(request.state.owner).values()]


@router.get(
    "/models/{model_id}",
    tags=["Models"],
    summary="The card of one model",
    responses=describe_problems(
        HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY
    ),
    dependencies=[Depends(recognise_client)],
)
def show_model(request: Request, model_id: str) -> ModelCard:
    """The full card: layers, recipe, accuracy, calibration and the SHA-256 of each file."""
    cards = list_cards(request.state.owner)
    check_model_id(model_id, cards, HTTPStatus.NOT_FOUND)
    return cards[model_id]


@router.get(
    "/health",
    tags=["Server"],
    summary="Whether the server is ready",
    responses={HTTPStatus.SERVICE_UNAVAILABLE.value: {"model": Health}},
)
def check_health(response: Response) -> Health:
    """200 once every sound built-in model is loaded, 503 before; damaged models are named."""
    start_warm_up()
    ready = is_warm()
    if not ready:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Health(
        ready=ready,
        models=len(list_built_in_cards()),
        damaged=[DamagedModel(id=name, detail=damage) for name, damage in list_damages().items()],
    )


@router.get(
    "/metrics",
    tags=["Server"],
    summary="Metrics for Prometheus",
    response_class=PlainTextResponse,
)
def show_metrics() -> Response:
    """Numbers of requests and errors, and latencies, by route, for Prometheus."""
    return report_metrics()


def _summarise(card: ModelCard) -> ModelSummary:
    return ModelSummary(
        id=card.id,
        title=card.title,
        description=card.description,
        parameters=card.parameter_count,
        test_accuracy=card.metrics["test_accuracy"].value,
        test_set=card.test_set,
        default=card.id in DEFAULT_MODEL_IDS,
    )
