"""Sentences about the predictions of one frame."""

from collections.abc import Sequence

from core.inference.prediction import Prediction
from core.inference.vote import Vote
from pages.widgets.wording import name_all


def describe_agreement(vote: Vote, predictions: Sequence[Prediction], *, question: str = "") -> str:
    """How far the models agree on a frame, how confident they are, and how many doubt.

    Args:
        vote: of the models.
        predictions: of the models for the frame.
        question: what the frame may be instead of a digit.
    """
    doubts = _describe_doubts(vote, len(predictions))
    if not vote.is_digit:
        likely = f"The most likely digit is {vote.digit}, with {vote.confidence:.1%} confidence."
        return _join_sentences(question, doubts, likely)
    return _join_sentences(_describe_digit(vote, predictions), doubts)


def _describe_digit(vote: Vote, predictions: Sequence[Prediction]) -> str:
    if len(predictions) == 1:
        return (
            f"{predictions[0].title} predicts {vote.digit} with {vote.confidence:.1%} confidence."
        )
    others = [
        f"{prediction.title} predicts {prediction.digit}"
        for prediction in predictions
        if prediction.digit != vote.digit
    ]
    agreement = f"{name_all(len(predictions)).capitalize()} predict {vote.digit}."
    if others:
        agreement = f"The models disagree: {' and '.join(others)}."
    return f"{agreement} Confidence in {vote.digit}: {vote.confidence:.1%}."


def _describe_doubts(vote: Vote, models: int) -> str:
    if not vote.doubts:
        return "" if vote.looks_like_digit else "This does not look like a digit."
    verb = "doubts" if vote.doubts == 1 else "doubt"
    who = "The model" if models == 1 else f"{vote.doubts} of {models} models"
    return f"{who} {verb} that this is a digit."


def _join_sentences(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
