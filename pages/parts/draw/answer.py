"""The answer: the digit or the number in large type, with a sentence."""

from html import escape

import numpy as np
import streamlit as st

from core.digits.frame import FRAME_SIZE
from core.figures.digit import picture_from_frame, png_address
from core.inference.number_prediction import DigitPrediction, NumberPrediction
from pages.widgets.prediction import describe_agreement
from pages.widgets.wording import with_article

# Of the picture of the frame, in pixels of the screen.
FRAME_SIDE = 112
# Larger numbers scroll in their place, so the keyboard must reach them.
MAX_ROWS, MAX_COLUMNS = 10, 24
# A digit of a number is mentioned if its confidence is lower than that.
SURE = 0.95


def show_answer(number: NumberPrediction) -> None:
    """The number in large type, with "?" for what is no digit, and a sentence."""
    lines = number.text.split("\n")
    rows, columns = len(lines), max(map(len, lines))
    focus = ' tabindex="0"' if rows > MAX_ROWS or columns > MAX_COLUMNS else ""
    # One element, because the browser paints one element sooner than several.
    st.html(
        f'<div class="answer{" rows" if rows > 1 else ""}" '
        f'style="--columns: {columns}; --rows: {rows}">'
        f'<b{focus} data-testid="answer">{number.text}</b>'
        f"{_write_details(number)}</div>"
    )


def describe_answer(number: NumberPrediction) -> str:
    """The whole answer as sentences, for those who do not see it."""
    digits = number.digits
    sentences = _describe_digit(digits[0]) if len(digits) == 1 else describe_number(number)
    return f"{', '.join(number.text.split())}. {sentences}"


def _write_details(number: NumberPrediction) -> str:
    if len(number.digits) > 1:
        return f"<p>{describe_number(number)}</p>"
    (digit,) = number.digits
    # The picture is part of the element, because a file of its own would take another request.
    picture = png_address(np.asarray(picture_from_frame(digit.found.frame, side=FRAME_SIZE)))
    return (
        f'<img class="digit-picture" src="{picture}" alt="The 28×28 frame the models classify" '
        f'width="{FRAME_SIDE}" height="{FRAME_SIDE}">'
        f"<p>{escape(_describe_digit(digit))}"
        "<small>Left: the 28×28 frame the models classify.</small></p>"
    )


def _describe_digit(digit: DigitPrediction) -> str:
    return describe_agreement(digit.vote, digit.predictions, question=digit.question)


def describe_number(number: NumberPrediction) -> str:
    """How many digits there are, how many may be none, and the least certain of them, if any is."""
    votes = [digit.vote for digit in number.digits]
    rows = number.digits[-1].row + 1
    doubtful = sum(not vote.is_digit for vote in votes)
    sentences = [f"{len(votes)} digits{f' in {rows} rows' if rows > 1 else ''}."]
    if doubtful:
        sentences.append(f"{doubtful} of them may be no digit.")
    uncertain = [
        (place, vote)
        for place, vote in enumerate(votes, start=1)
        if vote.is_digit and vote.confidence < SURE
    ]
    if uncertain:
        place, least = min(uncertain, key=lambda item: item[1].confidence)
        sentences.append(
            f"Least certain: digit {place}, {with_article(least.digit)}, with "
            f"{least.confidence:.0%} confidence."
        )
    return " ".join(sentences)
