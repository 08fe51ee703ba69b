"""Sensitivity: how each model's prediction changes as the frame is changed, step by step."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.analysis.sensitivity import PERTURBATIONS, Perturbation, measure_curve, perturb
from core.digits.frame import Frame
from core.figures.digit import picture_from_frame
from core.figures.sensitivity import draw_sensitivity
from core.inference.classifier import Classifier
from core.inference.prediction import Prediction
from core.inference.vote import combine_predictions
from pages.widgets import prediction
from pages.widgets.cache import get_colours
from pages.widgets.wording import escape_markdown


def show_sensitivity(frame: Frame, classifiers: Sequence[Classifier]) -> None:
    """A curve per model for one kind of change, and sliders to apply all kinds at once."""
    _show_curves(frame, _pick_change(), classifiers)
    st.caption(
        "Dotted line: the unchanged frame. Diamond: the amount from which a model predicts another "
        "digit, which is written beside it. Perturbations are applied after preprocessing, because "
        "preprocessing would undo a shift or a change of size."
    )
    with st.expander("Combine perturbations", key="by_hand", bind="query-params") as by_hand:
        if by_hand.open:
            _change_by_hand(frame, classifiers)


def _pick_change() -> Perturbation:
    changes = {change.title: change for change in PERTURBATIONS}
    title = st.pills(
        "Perturbation",
        list(changes),
        default=PERTURBATIONS[0].title,
        required=True,
        key="change",
        wrap=True,
        bind="query-params",
    )
    return changes[title]


def _show_curves(frame: Frame, change: Perturbation, classifiers: Sequence[Classifier]) -> None:
    digit = combine_predictions([classifier.predict(frame) for classifier in classifiers]).digit
    titles = {classifier.model_id: classifier.title for classifier in classifiers}
    curve = measure_curve(frame, change, classifiers)
    flips = [
        f"{title} predicts {new_digit} beyond {amount:.3g}."
        for model_id, title in titles.items()
        for amount, new_digit in curve.list_flips(model_id)
    ]
    st.plotly_chart(
        draw_sensitivity(curve, digit, titles, get_colours(titles)),
        key="sensitivity",
        config={"displayModeBar": False},
        alt=f"Probability of {digit} against {change.title.lower()} in {change.unit}. "
        + (" ".join(flips) or "No model changes its prediction."),
    )


def _change_by_hand(frame: Frame, classifiers: Sequence[Classifier]) -> None:
    sliders, outcome = st.columns(2, gap="medium")
    with sliders:
        amounts = {change.id: _pick_amount(change) for change in PERTURBATIONS}
    changed = perturb(frame, **amounts)
    predictions = [classifier.predict(changed) for classifier in classifiers]
    with outcome:
        _show_outcome(changed, predictions)


def _pick_amount(change: Perturbation) -> float:
    return st.slider(
        f"{change.title}, {change.unit}",
        float(change.minimum),
        float(change.maximum),
        float(change.neutral),
        step=(change.maximum - change.minimum) / 40,
        key=f"amount_{change.id}",
        bind="query-params",
    )


def _show_outcome(changed: np.ndarray, predictions: Sequence[Prediction]) -> None:
    st.image(picture_from_frame(changed, side=112), alt="The changed frame")
    agreement = prediction.describe_agreement(combine_predictions(predictions), predictions)
    st.markdown(escape_markdown(agreement))
    for predicted in predictions:
        st.markdown(
            f"{escape_markdown(predicted.title)}: **{predicted.digit}** {predicted.confidence:.1%}"
        )
