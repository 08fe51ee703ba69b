"""What would change the models' minds: curves, and sliders to change a frame by hand."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.analysis.sensitivity import PERTURBATIONS, measure_curve, perturb
from core.figures.digit import picture_from_frame
from core.figures.sensitivity import draw_sensitivity
from core.inference.classifier import Classifier
from core.inference.prediction import majority_vote
from pages.widgets import prediction
from pages.widgets.cache import get_colours


def show_changes(frame: np.ndarray, classifiers: Sequence[Classifier]) -> None:
    """Curves of each model's belief as the frame is changed, and sliders to change it by hand."""
    digit = majority_vote([one.predict(frame) for one in classifiers]).digit
    changes = {one.title: one for one in PERTURBATIONS}
    change = changes[
        st.pills(
            "Change", list(changes), default=PERTURBATIONS[0].title, required=True, key="change",
            wrap=True, bind="query-params",
        )
    ]  # fmt: skip
    colours = get_colours([one.model_id for one in classifiers])
    swept = measure_curve(frame, change, classifiers)
    flips = [
        f"{one.title} predicts {answer} beyond {place:.3g}."
        for one in classifiers
        for place, answer in swept.list_flips(one.model_id)
    ]
    st.plotly_chart(
        draw_sensitivity(swept, digit, {one.model_id: one.title for one in classifiers}, colours),
        key="sweep",
        config={"displayModeBar": False},
        alt=f"Probability of {digit} against {change.title.lower()} in {change.unit}. "
        + (" ".join(flips) or "No model changes its answer."),
    )
    st.caption(
        "From the dotted line outwards, a diamond marks where a model starts to predict the digit "
        "beside it. The frame is changed after preprocessing, which would undo a shift or a scale."
    )
    with st.expander("Change it by hand", key="by_hand", bind="query-params") as by_hand:
        if by_hand.open:
            _change_by_hand(frame, classifiers)


def _change_by_hand(frame: np.ndarray, classifiers: Sequence[Classifier]) -> None:
    sliders, answer = st.columns(2, gap="medium")
    with sliders:
        amounts = {
            one.id: st.slider(
                f"{one.title}, {one.unit}",
                float(one.least),
                float(one.greatest),
                float(one.neutral),
                step=(one.greatest - one.least) / 40,
                key=f"amount_{one.id}",
                bind="query-params",
            )
            for one in PERTURBATIONS
        }
    changed = perturb(frame, **amounts)
    predictions = [one.predict(changed) for one in classifiers]
    with answer:
        st.image(picture_from_frame(changed, side=112), alt="The frame as changed")
        st.markdown(prediction.describe_agreement(predictions))
        for one in predictions:
            st.markdown(f"{one.title}: **{one.digit}** {one.confidence:.1%}")
