"""Schemas: what the API takes and gives, as types that OpenAPI describes."""

from typing import Annotated

from pydantic import BaseModel, Field, FiniteFloat

# A coordinate beyond this comes from no screen; squares of it are still exact enough.
MAX_COORDINATE = 1_000_000

Probability = Annotated[float, Field(ge=0, le=1)]
Coordinate = Annotated[FiniteFloat, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
Point = tuple[Coordinate, Coordinate]

# A four with a closed top, as somebody drew it on a pad of 280 pixels.
EXAMPLE_STROKES = [
    [[168, 52], [142, 86], [112, 122], [84, 160], [128, 161], [172, 159], [206, 158]],
    [[170, 54], [169, 98], [168, 142], [167, 188], [166, 232]],
]


class Drawing(BaseModel):
    """A digit as pen strokes."""

    strokes: list[list[Point]] = Field(
        min_length=1,
        examples=[EXAMPLE_STROKES],
        description="Each stroke a list of points x (rightwards) and y (downwards), in pixels of "
        "any canvas. Place, size and pen do not matter.",
    )


class DigitProbability(BaseModel):
    """A digit and how probable it is."""

    digit: int = Field(ge=0, le=9)
    probability: Probability


class ModelPrediction(BaseModel):
    """What one model says of one frame."""

    model: str = Field(description="Its id")
    title: str
    digit: int = Field(ge=0, le=9, description="The most probable digit")
    probabilities: list[Probability] = Field(
        min_length=10, max_length=10, description="Of the digits 0 to 9, calibrated"
    )
    top: list[DigitProbability] = Field(description="The most probable digits, best first")
    not_sure: bool = Field(
        description="Less sure than the model is of nearly every real digit; it may be none"
    )
    milliseconds: float = Field(ge=0, description="How long the model took")
    model_sha256: str = Field(description="Of the model's file")


class Result(BaseModel):
    """What the models say of one digit, with the receipt of what they saw."""

    file: str | None = Field(description="The name of the picture; null for strokes")
    frame_sha256: str = Field(description="Of the frame's 784 bytes, 0 paper to 255 ink, by rows")
    frame_version: int = Field(description="Rises when the same drawing gives another frame")
    frame: list[list[Probability]] | None = Field(
        None, description="The frame as 28 rows of 28, 0 paper to 1 ink, if it was asked for"
    )
    predictions: list[ModelPrediction]


class Results(BaseModel):
    """One result for each digit that was sent, in order."""

    results: list[Result]


class ModelSummary(BaseModel):
    """A model that can be asked."""

    id: str
    title: str
    description: str
    parameters: int
    test_accuracy: Probability = Field(description="On the MNIST test set")
    default: bool = Field(description="Whether it is asked when a request names no model")


class Health(BaseModel):
    """Whether requests are answered without delay."""

    ready: bool = Field(description="Every built-in model is loaded and warm")
    models: int = Field(description="How many built-in models there are")
