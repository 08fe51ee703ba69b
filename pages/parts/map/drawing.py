"""The drawing on the pad: where its digits are on a map, and which digits are similar to them."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.analysis.digit_map import DigitMap
from core.analysis.neighbours import Neighbour, find_nearest
from core.digits.datasets import Dataset
from core.digits.frame import EmptyDrawingError
from core.figures.digit import png_address
from core.inference.number_prediction import DigitPrediction, predict_number
from core.models.card import ModelCard
from core.server.model_cache import get_classifier
from pages.parts.map.computed import get_extractor, get_features, get_training_digits
from pages.widgets.images import Picture, show_pictures
from pages.widgets.pad import Pad
from pages.widgets.prediction import describe_agreement
from pages.widgets.wording import escape_markdown, with_article

NEIGHBOUR_SIDE = 60  # pixels of the screen


@dataclass(frozen=True, eq=False)
class PlacedDigit:
    """A digit of the drawing on the pad.

    Attributes:
        prediction: of one model.
        place: its coordinates on the map.
        neighbours: the most similar training digits, the nearest first.
    """

    prediction: DigitPrediction
    place: tuple[float, float]
    neighbours: Sequence[Neighbour]


def place_drawing(card: ModelCard, dataset: Dataset, digit_map: DigitMap) -> list[PlacedDigit]:
    """The digits on the pad, from left to right; none while there is no digit on it."""
    try:
        given = Pad().read_input()
    except EmptyDrawingError:
        given = None
    if given is None:
        return []
    shown = get_features(card, dataset)
    trained = get_features(card, get_training_digits(card, dataset))
    placed = []
    for digit in predict_number(given.rows, [get_classifier(card)]).digits:
        (features,) = get_extractor(card).run(digit.found.frame[None])
        place = digit_map.place(find_nearest(features, shown))
        placed.append(PlacedDigit(digit, place, find_nearest(features, trained)))
    return placed


def show_neighbours(digits: Sequence[PlacedDigit], card: ModelCard, dataset: Dataset) -> None:
    """Show the training digits that are the most similar to each digit of the drawing."""
    st.subheader("Your drawing")
    if not digits:
        st.markdown(
            "Draw a digit to see where it is on the map, and which digits it is similar to."
        )
        st.page_link("draw.py", label="Draw a digit", icon=":material/draw:")
        return
    training = get_training_digits(card, dataset)
    for digit in digits:
        _show_digit(digit, training)
    st.caption(
        "A star on the map is your digit, placed between the digits of the map that are most "
        "similar to it. Below each picture: its label, and its distance from your digit in the "
        "input of the last layer. The smaller the distance, the more similar."
    )


def _show_digit(digit: PlacedDigit, training: Dataset) -> None:
    prediction = digit.prediction
    says = describe_agreement(prediction.vote, prediction.predictions, question=prediction.question)
    st.markdown(
        f"{escape_markdown(says)} Of {len(training):,} digits of {training.title}, these "
        f"{len(digit.neighbours)} are the most similar to yours for this model:"
    )
    show_pictures(
        [
            Picture(
                png_address(training.images[neighbour.index]),
                f"Number {neighbour.index}, {with_article(label)}, at a distance of "
                f"{neighbour.distance:.2f}",
                f"{label} · {neighbour.distance:.2f}",
            )
            for neighbour in digit.neighbours
            for label in [int(training.labels[neighbour.index])]
        ],
        width=NEIGHBOUR_SIDE,
    )
