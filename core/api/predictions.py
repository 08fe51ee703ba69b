"""Predictions: the routes that read digits."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated

import numpy as np
import numpy.typing as npt
from anyio import to_thread
from fastapi import APIRouter, File, Query, Request, UploadFile

from core.api.model_choice import ALL, choose_classifiers
from core.api.problems import MAX_QUOTE_LENGTH, RefusalError, describe_problems
from core.api.schemas import DigitProbability, Drawing, ModelPrediction, Result, Results
from core.api.settings import Settings
from core.digits.frame import (
    FRAME_VERSION,
    EmptyDrawingError,
    digest_frame,
    frame_from_image,
    frame_from_strokes,
)
from core.digits.image_file import (
    TooLargeImageError,
    UnknownFormatError,
    UnreadableImageError,
    read_image,
)
from core.inference.classifier import Classifier
from core.models.files import DEFAULT_MODEL_IDS
from core.server.model_cache import list_cards
from core.server.visitors import read_visitor

router = APIRouter(prefix="/predict", tags=["Read digits"])

ModelChoice = Annotated[
    list[str],
    Query(
        alias="model",
        description=f"Id of a model, `{ALL}`, or several ids, the parameter once for each",
    ),
]
TopCount = Annotated[int, Query(alias="top", ge=1, le=10, description="How many digits `top` has")]
WithFrame = Annotated[bool, Query(alias="frame", description="Whether to give the frame as well")]
Refusals = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.TOO_MANY_REQUESTS)  # fmt: skip


@router.post(
    "",
    summary="Read pictures",
    responses=describe_problems(*Refusals, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
)
async def predict_pictures(
    request: Request,
    files: Annotated[
        list[UploadFile],
        File(description="Pictures of one digit each: PNG, JPEG, WebP, BMP, GIF or TIFF"),
    ],
    model_ids: ModelChoice = list(DEFAULT_MODEL_IDS),  # noqa: B006  FastAPI copies it
    top_count: TopCount = 3,
    with_frame: WithFrame = False,
) -> Results:
    """Read a digit in each picture: dark on light or light on dark, anywhere, in any size."""
    settings: Settings = request.app.state.settings
    if len(files) > settings.max_files:
        raise RefusalError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"expected at most {settings.max_files} files in one request, got {len(files)}",
        )
    pictures = [(file.filename or "", await file.read()) for file in files]

    def read() -> Results:
        readers = choose_classifiers(model_ids, list_cards(read_visitor(request.cookies)))
        return Results(
            results=[
                _read_frame(
                    _take_frame(name, contents),
                    readers,
                    top_count,
                    with_frame=with_frame,
                    file=name,
                )
                for name, contents in pictures
            ]
        )

    return await _work(request, read)


@router.post("/strokes", summary="Read pen strokes", responses=describe_problems(*Refusals))
async def predict_strokes(
    request: Request,
    drawing: Drawing,
    model_ids: ModelChoice = list(DEFAULT_MODEL_IDS),  # noqa: B006  FastAPI copies it
    top_count: TopCount = 3,
    with_frame: WithFrame = False,
) -> Results:
    """Read one digit as the pen wrote it."""
    _check_length(drawing, request.app.state.settings)

    def read() -> Results:
        readers = choose_classifiers(model_ids, list_cards(read_visitor(request.cookies)))
        frame = _draw_frame(drawing)
        return Results(results=[_read_frame(frame, readers, top_count, with_frame=with_frame)])

    return await _work(request, read)


async def _work(request: Request, read: Callable[[], Results]) -> Results:
    # No more threads at once than there are processors: they would only wait for one another.
    return await to_thread.run_sync(read, limiter=request.app.state.workers)


def _check_length(drawing: Drawing, settings: Settings) -> None:
    points = sum(map(len, drawing.strokes))
    if len(drawing.strokes) > settings.max_strokes or points > settings.max_points:
        raise RefusalError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"expected at most {settings.max_strokes} strokes and {settings.max_points} points, "
            f"got {len(drawing.strokes)} and {points}; leave out points that lie close together",
        )


def _draw_frame(drawing: Drawing) -> npt.NDArray[np.float32]:
    try:
        return frame_from_strokes([np.array(stroke).reshape(-1, 2) for stroke in drawing.strokes])
    except EmptyDrawingError as error:
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error


def _take_frame(name: str, contents: bytes) -> npt.NDArray[np.float32]:
    quoted = name[:MAX_QUOTE_LENGTH]
    try:
        return frame_from_image(read_image(contents))
    except UnknownFormatError as error:
        raise RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error), file=quoted) from error
    except TooLargeImageError as error:
        raise RefusalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error), file=quoted) from error
    except (UnreadableImageError, EmptyDrawingError) as error:
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), file=quoted) from error


def _read_frame(
    frame: npt.NDArray[np.float32],
    readers: Sequence[Classifier],
    top_count: int,
    *,
    with_frame: bool,
    file: str | None = None,
) -> Result:
    return Result(
        file=file,
        frame_sha256=digest_frame(frame),
        frame_version=FRAME_VERSION,
        frame=frame.tolist() if with_frame else None,
        predictions=[_predict(reader, frame, top_count) for reader in readers],
    )


def _predict(reader: Classifier, frame: npt.NDArray[np.float32], top_count: int) -> ModelPrediction:
    prediction = reader.predict(frame)
    return ModelPrediction(
        model=reader.model_id,
        title=reader.title,
        digit=prediction.digit,
        probabilities=prediction.probabilities.tolist(),
        top=[
            DigitProbability(digit=digit, probability=probability)
            for digit, probability in prediction.top(top_count)
        ],
        not_sure=prediction.not_sure,
        milliseconds=prediction.seconds * 1000,
        model_sha256=reader.digest,
    )
