"""Browser: the routes with what a page computes with by itself, in ``pages/live``."""

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
from core.runs.samples import load_samples
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
    constants = list_constants(card)
    return _send(
        request,
        digest,
        digest_browser_file(card.files[LITERT_FILE], constants),
        lambda: _write_network(read_file(model_id, LITERT_FILE, card=card), constants),
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
    current = digest_browser_file(settings.sha256, constants)
    return _send(request, digest, current, lambda: _write_network(contents, constants))


@router.get(
    "/digits/browser",
    summary="Labelled digits, for browsers",
    response_class=Response,
    responses={**FILE, **describe_problems(HTTPStatus.UNPROCESSABLE_ENTITY)},
)
def send_digits(request: Request, digest: Digest = "") -> Response:
    """Digits to train with, and held-out ones, in the safetensors format."""
    samples = load_samples()
    is_compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    contents = samples.compressed if is_compressed else samples.contents
    answer = _send(request, digest, samples.digest, lambda: contents)
    answer.headers["Vary"] = "Accept-Encoding"
    if is_compressed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def _write_network(model: bytes, constants: Mapping[str, float]) -> bytes:
    try:
        return write_browser_file(model, constants)
    except UnsupportedNetworkError as error:
        raise RefusalError(HTTPStatus.NOT_FOUND, f"{error} Predict on the server.") from error


def _send(
    request: Request,
    digest: str,
    current: str,
    write: Callable[[], bytes],
    *,
    shared: bool = True,
) -> Response:
    """The file whose digest is ``current``; or 304, where the browser has it."""
    headers = {"ETag": f'"{current}"', "Cache-Control": "no-cache"}
    if digest == current:
        scope = "public" if shared else "private"
        headers["Cache-Control"] = f"{scope}, max-age={SECONDS_KEPT}, immutable"
    if current in request.headers.get("If-None-Match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(write(), media_type=MEDIA_TYPE, headers=headers)
