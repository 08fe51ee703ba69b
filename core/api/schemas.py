"""Schemas: the bodies of requests and responses, as OpenAPI describes them."""

from typing import Annotated

from pydantic import BaseModel, Field, FiniteFloat

# In pixels: larger than any screen, and small enough that squares of it are exact.
MAX_COORDINATE = 1_000_000

Probability = Annotated[float, Field(ge=0, le=1)]
Coordinate = Annotated[FiniteFloat, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
Point = tuple[Coordinate, Coordinate]

# A 4 with a closed top, drawn by a person on a canvas of 280 × 280 pixels.
EXAMPLE_STROKES = [
    [[168, 52], [142, 86], [112, 122], [84, 160], [128, 161], [172, 159], [206, 158]],
    [[170, 54], [169, 98], [168, 142], [167, 188], [166, 232]],
]


class Drawing(BaseModel):
    """A digit as pen strokes."""

    strokes: list[list[Point]] = Field(
        min_length=1,
        examples=[EXAMPLE_STROKES],
        description="Each stroke is a list of points [x, y] in pixels of any canvas, with x to "
        "the right and y down. Position, size and pen width do not matter.",
    )


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


class Result(BaseModel):
    """The predictions for one digit, and what identifies the frame that the models classified."""

    file: str | None = Field(description="The name of the picture; null for strokes")
    frame_sha256: str = Field(
        description="SHA-256 of the frame as 784 bytes by rows, from 0 (paper) to 255 (ink)"
    )
    frame_version: int = Field(
        description="The version of the preprocessing. Within one version, the same input always "
        "gives the same frame"
    )
    frame: list[list[Probability]] | None = Field(
        None, description="The frame as 28 rows of 28 values, from 0 (paper) to 1 (ink), on request"
    )
    predictions: list[ModelPrediction]


class Results(BaseModel):
    """One result for each digit in the request, in the same order."""

    results: list[Result]


class ModelSummary(BaseModel):
    """A model and its most important figures."""

    id: str
    title: str
    description: str
    parameters: int
    test_accuracy: Probability = Field(description="Accuracy on the MNIST test set")
    default: bool = Field(description="Whether it is used when a request names no model")


class Health(BaseModel):
    """Whether the server is ready."""

    ready: bool = Field(description="Whether every built-in model is loaded")
    models: int = Field(description="The number of built-in models")
