"""Schemas: the bodies of requests and responses, as OpenAPI describes them."""

from typing import Annotated

import numpy as np
from pydantic import BaseModel, Field, FiniteFloat, field_validator

from core.api.problems import ProblemDetails
from core.digits.strokes import strokes_from_lists

# Larger than any screen in pixels, and small enough that squares of it are exact.
MAX_COORDINATE = 1_000_000

Probability = Annotated[float, Field(ge=0, le=1)]
Frame = list[list[Probability]]

# A 4 with a closed top, drawn by a person on a canvas of 280 × 280 pixels.
EXAMPLE_STROKES = [
    [[168, 52], [142, 86], [112, 122], [84, 160], [128, 161], [172, 159], [206, 158]],
    [[170, 54], [169, 98], [168, 142], [167, 188], [166, 232]],
]


class Drawing(BaseModel):
    """One or more digits as pen strokes."""

    strokes: list[list[list[FiniteFloat]]] = Field(
        min_length=1,
        examples=[EXAMPLE_STROKES],
        description="Each stroke is a list of points [x, y], with x to the right and y down, in "
        "any unit. Position, size and pen width do not matter. A third number in a point, such as "
        "a time, is ignored. The form [[x, x, …], [y, y, …]] of a stroke is allowed too, if all "
        "strokes have it.",
    )

    @field_validator("strokes")
    @classmethod
    def convert_to_points(cls, lists: list[list[list[float]]]) -> list[list[list[float]]]:
        """Convert every allowed form to points [x, y]; ValueError for any other form."""
        strokes = strokes_from_lists(lists)
        if any(np.abs(stroke).max() > MAX_COORDINATE for stroke in strokes):
            raise ValueError(f"x and y must be from -{MAX_COORDINATE:,} to {MAX_COORDINATE:,}.")
        return [stroke.tolist() for stroke in strokes]


class DigitProbability(BaseModel):
    """A digit and how probable it is."""

    digit: int = Field(ge=0, le=9)
    probability: Probability


class ModelPrediction(BaseModel):
    """The prediction of one model for one frame."""

    model: str = Field(description="The id of the model")
    title: str
    digit: int = Field(ge=0, le=9, description="The most probable digit")
    probabilities: list[Probability] = Field(
        min_length=10, max_length=10, description="Calibrated probabilities of the digits 0 to 9"
    )
    top: list[DigitProbability] = Field(description="The most probable digits, best first")
    not_sure: bool = Field(
        description="Whether the confidence is lower than for nearly all real digits: the input "
        "may not be a digit"
    )
    milliseconds: float = Field(ge=0, description="Time that the model took")
    model_sha256: str = Field(description="SHA-256 of the model's LiteRT file")


class Digit(BaseModel):
    """One digit: where it is, the frame that the models classified, and their predictions."""

    box: tuple[float, float, float, float] = Field(
        description="Left, top, right and bottom of its ink, in pixels of the upright picture or "
        "in the unit of the strokes"
    )
    row: int = Field(ge=0, description="Its row, counted from 0 at the top")
    character: str = Field(description="The digit that the models predict together, or ?")
    frame_sha256: str = Field(
        description="SHA-256 of the frame as 784 bytes by rows, from 0 (paper) to 255 (ink)"
    )
    frame: Frame | None = Field(
        None, description="The frame as 28 rows of 28 values, from 0 (paper) to 1 (ink), on request"
    )
    predictions: list[ModelPrediction]


class Result(BaseModel):
    """The digits of one picture or drawing. What stands beside ``digits`` is of the first one."""

    file: str | None = Field(description="The name of the picture; null for strokes")
    text: str = Field(
        description="A character for each digit, ? for what is no digit; rows apart by a newline"
    )
    frame_sha256: str = Field(description="That of the first digit")
    frame_version: int = Field(
        description="The version of the preprocessing. Within one version, the same input always "
        "gives the same frames"
    )
    frame: Frame | None = Field(None, description="That of the first digit, on request")
    predictions: list[ModelPrediction] = Field(description="Those of the first digit")
    digits: list[Digit] = Field(min_length=1, description="All digits in reading order")


class Results(BaseModel):
    """One result for the drawing in the request."""

    results: list[Result]


class RefusedPicture(BaseModel):
    """A picture that cannot be read."""

    file: str = Field(description="The name of the picture")
    problem: ProblemDetails = Field(description="What a request with this picture alone would get")


class PictureResults(BaseModel):
    """One entry for each picture in the request, in the same order."""

    results: list[Result | RefusedPicture]


class ModelSummary(BaseModel):
    """A model and its most important figures."""

    id: str
    title: str
    description: str
    parameters: int
    test_accuracy: Probability = Field(description="Accuracy on the test set")
    test_set: str = Field(
        description="Data set of the test accuracy: ``mnist_test``, or for a run that was trained "
        "on other data ``bundled_digits_test`` or ``my_drawings_test``. Accuracies on different "
        "test sets cannot be compared."
    )
    default: bool = Field(description="Whether it is used when a request names no model")


class DamagedModel(BaseModel):
    """A built-in model that is left out."""

    id: str
    detail: str = Field(description="What is wrong with it, and what to do")


class Health(BaseModel):
    """Whether the server is ready."""

    ready: bool = Field(description="Whether every sound built-in model is loaded")
    models: int = Field(description="The number of sound built-in models")
    damaged: list[DamagedModel] = Field(description="The built-in models that are not sound")
