"""Predictions: the routes that classify digits."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated

import numpy as np
from anyio import to_thread
from fastapi import APIRouter, File, Query, Request, UploadFile

from core.api.model_choice import ALL, choose_classifiers
from core.api.problems import MAX_QUOTE_LENGTH, RefusalError, describe_problems
from core.api.schemas import DigitProbability, Drawing, ModelPrediction, Result, Results
from core.api.settings import Settings
from core.digits.frame import (
    FRAME_VERSION,
    EmptyDrawingError,
    Frame,
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

router = APIRouter(prefix="/predict", tags=["Predictions"])

ModelChoice = Annotated[
    list[str],
    Query(
        alias="model",
        description=f"The id of a model, or `{ALL}`. Repeat the parameter for several models.",
    ),
]
TopCount = Annotated[
    int, Query(alias="top", ge=1, le=10, description="The number of digits in `top`")
]
WithFrame = Annotated[
    bool, Query(alias="frame", description="Whether the response includes the frame")
]
Refusals = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.TOO_MANY_REQUESTS)  # fmt: skip


@router.post(
    "",
    summary="Classify pictures",
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
    """Classify one digit in each picture, dark on light or light on dark, of any size."""
    settings: Settings = request.app.state.settings
    if len(files) > settings.max_files:
        raise RefusalError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The request has {len(files)} files, but at most {settings.max_files} files are "
            "allowed. Send them in several requests.",
        )
    pictures = [(file.filename or "", await file.read()) for file in files]

    def predict() -> Results:
        classifiers = choose_classifiers(model_ids, list_cards(read_visitor(request.cookies)))
        return Results(
            results=[
                _predict_frame(
                    _frame_from_file(name, contents),
                    classifiers,
                    top_count,
                    with_frame=with_frame,
                    file=name,
                )
                for name, contents in pictures
            ]
        )

    return await _run_in_thread(request, predict)


@router.post("/strokes", summary="Classify pen strokes", responses=describe_problems(*Refusals))
async def predict_strokes(
    request: Request,
    drawing: Drawing,
    model_ids: ModelChoice = list(DEFAULT_MODEL_IDS),  # noqa: B006  FastAPI copies it
    top_count: TopCount = 3,
    with_frame: WithFrame = False,
) -> Results:
    """Classify one digit that is given as pen strokes."""
    _check_length(drawing, request.app.state.settings)

    def predict() -> Results:
        classifiers = choose_classifiers(model_ids, list_cards(read_visitor(request.cookies)))
        frame = _frame_from_drawing(drawing)
        result = _predict_frame(frame, classifiers, top_count, with_frame=with_frame)
        return Results(results=[result])

    return await _run_in_thread(request, predict)


async def _run_in_thread(request: Request, predict: Callable[[], Results]) -> Results:
    # More threads at once than there are processors would only wait for one another.
    return await to_thread.run_sync(predict, limiter=request.app.state.workers)


def _check_length(drawing: Drawing, settings: Settings) -> None:
    points = sum(map(len, drawing.strokes))
    if len(drawing.strokes) > settings.max_strokes or points > settings.max_points:
        raise RefusalError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The drawing has {len(drawing.strokes):,} strokes with {points:,} points, but at most "
            f"{settings.max_strokes:,} strokes and {settings.max_points:,} points are allowed. "
            "Leave out points that lie close together.",
        )


def _frame_from_drawing(drawing: Drawing) -> Frame:
    try:
        return frame_from_strokes([np.array(stroke).reshape(-1, 2) for stroke in drawing.strokes])
    except EmptyDrawingError as error:
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error


def _frame_from_file(name: str, contents: bytes) -> Frame:
    quoted = name[:MAX_QUOTE_LENGTH]
    try:
        return frame_from_image(read_image(contents))
    except UnknownFormatError as error:
        raise RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error), file=quoted) from error
    except TooLargeImageError as error:
        raise RefusalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error), file=quoted) from error
    except (UnreadableImageError, EmptyDrawingError) as error:
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), file=quoted) from error


def _predict_frame(
    frame: Frame,
    classifiers: Sequence[Classifier],
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
        predictions=[_predict(classifier, frame, top_count) for classifier in classifiers],
    )


def _predict(classifier: Classifier, frame: Frame, top_count: int) -> ModelPrediction:
    prediction = classifier.predict(frame)
    return ModelPrediction(
        model=classifier.model_id,
        title=classifier.title,
        digit=prediction.digit,
        probabilities=prediction.probabilities.tolist(),
        top=[
            DigitProbability(digit=digit, probability=probability)
            for digit, probability in prediction.top(top_count)
        ],
        not_sure=prediction.not_sure,
        milliseconds=prediction.seconds * 1000,
        model_sha256=classifier.digest,
    )
