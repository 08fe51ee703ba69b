"""The time that a training will take on this machine, or a button that measures it."""

import streamlit as st

from core.counts import describe_count
from core.runs.forecast import Forecast, count_copies, forecast_training
from core.runs.plan import TrainingPlan
from core.runs.time_measurement import explain_busy, measure_time
from pages.widgets.wording import format_duration, to_sentence


def show_time(plan: TrainingPlan, images: int, validation: int) -> None:
    """The forecast of a plan with so many training images, and so many for validation."""
    forecast = forecast_training(plan, images, validation)
    if forecast is None:
        _offer_measurement(plan)
        return
    st.markdown(f":material/schedule: **About {_describe(forecast.seconds)}** on this machine")
    st.caption(_describe_parts(plan, forecast))


def _offer_measurement(plan: TrainingPlan) -> None:
    busy = explain_busy()
    pressed = st.button(
        "Estimate the training time",
        icon=":material/timer:",
        key="measure",
        disabled=bool(busy),
        help="Trains for some seconds, to forecast how long the whole training will take.",
    )
    if busy:
        st.caption(busy)
    if pressed:
        _measure(plan)


def _measure(plan: TrainingPlan) -> None:
    waiting = st.empty()
    try:
        with st.spinner("Training a few batches …", show_time=True):
            # Another click of the visitor ends the measurement, at the next change of the page.
            measure_time(plan, on_wait=waiting.empty)
    except (OSError, RuntimeError, ValueError) as error:
        st.error(to_sentence(error), icon=":material/error:")
    else:
        st.rerun()


def _describe(seconds: float) -> str:
    if seconds < 90:
        return f"{max(5 * round(seconds / 5), 5)} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


def _describe_parts(plan: TrainingPlan, forecast: Forecast) -> str:
    epochs, copies = plan.recipe.epochs, count_copies(plan.recipe)
    parts = [f"Start and evaluation {format_duration(forecast.once)}"]
    if copies:
        made = describe_count(copies, "augmented copy", "augmented copies")
        parts.append(f"{made} {format_duration(forecast.copies)}")
    trained = describe_count(epochs, "epoch")
    return " · ".join([*parts, f"{trained} {format_duration(forecast.epochs)}"])
