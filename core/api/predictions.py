"""Predictions: the routes that classify digits."""

from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Annotated, TypeVar

from anyio import to_thread
from fastapi import APIRouter, Depends, File, Query, Request, UploadFile

from core.api.client import recognise_client
from core.api.inputs import (
    check_digits,
    check_drawing,
    check_files,
    find_in_drawing,
    find_in_picture,
    find_or_refuse,
)
from core.api.model_choice import ALL, choose_classifiers, choose_default_ids
from core.api.problems import RefusalError, describe_problems, describe_refusal
from core.api.schemas import (
    Digit,
    DigitProbability,
    Drawing,
    ModelPrediction,
    PictureResults,
    RefusedPicture,
    Result,
    Results,
)
from core.digits.found_digits import DigitRows, list_digits
from core.digits.frame import FRAME_VERSION, digest_frame
from core.digits.image_file import FORMATS
from core.inference.classifier import Classifier
from core.inference.number_prediction import DigitPrediction, NumberPrediction, predict_numbers
from core.inference.prediction import Prediction
from core.models.files import DEFAULT_MODEL_IDS
from core.server.model_cache import list_cards

router = APIRouter(
    prefix="/predict", tags=["Predictions"], dependencies=[Depends(recognise_client)]
)

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
    bool, Query(alias="frame", description="Whether the response includes the frames")
]
Partial = Annotated[
    bool,
    Query(
        alias="partial",
        description="Whether the other pictures are classified if one of them cannot be read. It "
        "then has a `problem` in place of digits.",
    ),
]
T = TypeVar("T")
Refusals = (HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.TOO_MANY_REQUESTS)  # fmt: skip


@router.post(
    "",
    summary="Classify pictures",
    responses=describe_problems(*Refusals, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
)
async def predict_pictures(
    request: Request,
    files: Annotated[
        list[UploadFile],
        File(description=f"Pictures of one or more digits each: {', '.join(FORMATS)}"),
    ],
    model_ids: ModelChoice = list(DEFAULT_MODEL_IDS),  # noqa: B006  FastAPI copies it
    top_count: TopCount = 3,
    with_frame: WithFrame = False,
    is_partial: Partial = False,
) -> PictureResults:
    """Classify the digits in each picture, dark on light or light on dark, of any size."""
    check_files(len(files), request.app.state.settings)
    pictures = [(file.filename or "", await file.read()) for file in files]

    classifiers = await _run_in_thread(request, partial(_choose_classifiers, request, model_ids))
    # One by one, so that no request with many pictures keeps others waiting for long.
    find = find_or_refuse if is_partial else find_in_picture
    found = [
        await _run_in_thread(request, partial(find, name, contents)) for name, contents in pictures
    ]

    def predict() -> PictureResults:
        inputs = [one for one in found if not isinstance(one, RefusalError)]
        numbers = iter(_predict_numbers(request, inputs, classifiers))
        return PictureResults(
            results=[
                RefusedPicture(file=name, problem=describe_refusal(one))
                if isinstance(one, RefusalError)
                else _describe_number(next(numbers), top_count, with_frame=with_frame, file=name)
                for one, (name, _) in zip(found, pictures, strict=True)
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
    """Classify the digits that are given as pen strokes."""
    check_drawing(drawing, request.app.state.settings)

    def predict() -> Results:
        classifiers = _choose_classifiers(request, model_ids)
        (number,) = _predict_numbers(request, [find_in_drawing(drawing)], classifiers)
        return Results(results=[_describe_number(number, top_count, with_frame=with_frame)])

    return await _run_in_thread(request, predict)


async def _run_in_thread(request: Request, work: Callable[[], T]) -> T:
    # More threads at once than there are processors would only wait for one another.
    return await to_thread.run_sync(work, limiter=request.app.state.workers)


def _choose_classifiers(request: Request, model_ids: Sequence[str]) -> list[Classifier]:
    cards = list_cards(request.state.owner)
    named = model_ids if "model" in request.query_params else choose_default_ids(cards)
    return choose_classifiers(named, cards)


def _predict_numbers(
    request: Request, inputs: Sequence[DigitRows], classifiers: Sequence[Classifier]
) -> list[NumberPrediction]:
    check_digits(sum(map(len, map(list_digits, inputs))), request.app.state.settings)
    return predict_numbers(inputs, classifiers)


def _describe_number(
    number: NumberPrediction, top_count: int, *, with_frame: bool, file: str | None = None
) -> Result:
    digits = [_describe_digit(digit, top_count, with_frame=with_frame) for digit in number.digits]
    first = digits[0]
    return Result(
        file=file,
        text=number.text,
        frame_sha256=first.frame_sha256,
        frame_version=FRAME_VERSION,
        frame=first.frame,
        predictions=first.predictions,
        digits=digits,
    )


def _describe_digit(digit: DigitPrediction, top_count: int, *, with_frame: bool) -> Digit:
    frame = digit.found.frame
    return Digit(
        box=digit.found.box,
        row=digit.row,
        character=digit.vote.character,
        frame_sha256=digest_frame(frame),
        frame=frame.tolist() if with_frame else None,
        predictions=[_describe_prediction(one, top_count) for one in digit.predictions],
    )


def _describe_prediction(prediction: Prediction, top_count: int) -> ModelPrediction:
    return ModelPrediction(
        model=prediction.model_id,
        title=prediction.title,
        digit=prediction.digit,
        probabilities=prediction.probabilities.tolist(),
        top=[
            DigitProbability(digit=digit, probability=probability)
            for digit, probability in prediction.top(top_count)
        ],
        not_sure=prediction.not_sure,
        milliseconds=prediction.seconds * 1000,
        model_sha256=prediction.model_sha256,
    )
