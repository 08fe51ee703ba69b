"""Browser: the routes with the networks that a page runs by itself, in ``pages/live``."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from core.api.client import recognise_client
from core.api.model_choice import check_model_id
from core.api.problems import RefusalError, describe_problems
from core.inference.browser_file import (
    MEDIA_TYPE,
    digest_browser_file,
    list_constants,
    write_browser_file,
)
from core.inference.browser_network import UnsupportedNetworkError
from core.inference.detector import read_detector
from core.models.files import LITERT_FILE, is_run, read_file
from core.server.model_cache import list_cards

router = APIRouter(tags=["Models"])

SECONDS_KEPT = 365 * 24 * 3600
FILE: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK.value: {"content": {MEDIA_TYPE: {}}},
    HTTPStatus.NOT_MODIFIED.value: {"description": "The browser has this file"},
}
Digest = Annotated[
    str,
    Query(description="The digest of the file, its ETag: with it, browsers keep the file for good"),
]


@router.get(
    "/models/{model_id}/browser",
    summary="The network of one model, for browsers",
    response_class=Response,
    responses={
        **FILE,
        **describe_problems(
            HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY
        ),
    },
    dependencies=[Depends(recognise_client)],
)
def send_network(request: Request, model_id: str, digest: Digest = "") -> Response:
    """The layers, weights and thresholds of a model, in the safetensors format."""
    cards = list_cards(request.state.owner)
    check_model_id(model_id, cards, HTTPStatus.NOT_FOUND)
    card = cards[model_id]
    return _send(
        request,
        digest,
        card.files[LITERT_FILE],
        list_constants(card),
        lambda: read_file(model_id, LITERT_FILE, card=card),
        shared=not is_run(model_id),
    )


@router.get(
    "/detector/browser",
    summary="The network of the detector, for browsers",
    response_class=Response,
    responses={**FILE, **describe_problems(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)},
)
def send_detector(request: Request, digest: Digest = "") -> Response:
    """The network that tells digits from non-digits, in the safetensors format."""
    try:
        settings, contents = read_detector()
    except (OSError, TypeError, ValueError) as error:
        raise RefusalError(
            HTTPStatus.NOT_FOUND, "The detector is missing or damaged. Predict on the server."
        ) from error
    constants = {"threshold": settings.threshold}
    return _send(request, digest, settings.sha256, constants, lambda: contents)


def _send(
    request: Request,
    digest: str,
    model_sha256: str,
    constants: Mapping[str, float],
    read: Callable[[], bytes],
    *,
    shared: bool = True,
) -> Response:
    """The file of a network; or 304, where the browser has it."""
    current = digest_browser_file(model_sha256, constants)
    headers = {"ETag": f'"{current}"', "Cache-Control": "no-cache"}
    if digest == current:
        scope = "public" if shared else "private"
        headers["Cache-Control"] = f"{scope}, max-age={SECONDS_KEPT}, immutable"
    if current in request.headers.get("If-None-Match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    try:
        contents = write_browser_file(read(), constants)
    except UnsupportedNetworkError as error:
        raise RefusalError(HTTPStatus.NOT_FOUND, f"{error} Predict on the server.") from error
    return Response(contents, media_type=MEDIA_TYPE, headers=headers)
