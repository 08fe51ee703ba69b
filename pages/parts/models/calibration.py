"""Calibration of one model: whether its confidence matches its accuracy."""

from collections.abc import Mapping

import streamlit as st

from core.analysis.calibration import BINS, ConfidenceBin, apply_temperature, bin_by_confidence
from core.analysis.evaluation import Evaluation
from core.digits.datasets import MnistUnavailableError
from core.figures.reliability import GREY, describe_reliability, draw_reliability
from core.models.card import Calibration, ModelCard
from pages.widgets.cache import get_colours, get_evaluation
from pages.widgets.data import CARD_DATASET_TITLES, NoDrawingsError, choose_dataset, get_dataset
from pages.widgets.empty_states import (
    explain_bundled_digits,
    invite_to_draw,
    offer_download,
)
from pages.widgets.pickers import pick_dataset
from pages.widgets.test_sets import warn_of_training_digits
from pages.widgets.wording import to_sentence


def show_calibration(card: ModelCard) -> None:
    """Show the calibration errors of a model, and a reliability diagram beside them."""
    left, right = st.columns(2, gap="large")
    with left:
        show_calibration_errors(card)
    with right:
        show_reliability(card)


def show_calibration_errors(card: ModelCard) -> None:
    """Show the temperature, the calibration errors and how often the model is not sure."""
    calibration = card.calibration
    st.markdown(
        "When a calibrated model is 90% confident, 90% of its predictions are correct. The "
        "expected calibration error (ECE) is the mean gap between confidence and accuracy."
    )
    with st.container(horizontal=True):
        st.metric("Temperature", f"{calibration.temperature:.2f}", width="content")
        st.metric("Not sure below", f"{calibration.not_sure_below:.0%}", width="content")
    st.table(
        _list_errors(calibration),
        hide_index=True,
        border="horizontal",
        width="content",
        alt=f"Expected calibration error of {card.title} before and after calibration",
    )
    shares = {name: calibration.not_sure.get(name) for name in ("validation", "scribbles")}
    if None not in shares.values():
        st.caption(
            f"The model is “not sure” about {shares['scribbles']:.0%} of generated non-digits, and "
            f"about {shares['validation']:.1%} of the validation digits."
        )


def show_reliability(card: ModelCard) -> None:
    """Show accuracy against confidence on a data set, before and after calibration."""
    dataset_id = pick_dataset(key="calibration", default=choose_dataset())
    explain_bundled_digits(dataset_id)
    warn_of_training_digits([card], dataset_id)
    try:
        dataset = get_dataset(dataset_id)
        evaluation = get_evaluation(card, dataset)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
        return
    except NoDrawingsError:
        invite_to_draw()
        return
    series = _bin_series(evaluation, card.calibration.temperature)
    colours = [GREY, get_colours([card.id])[card.id]][-len(series) :]
    st.plotly_chart(
        draw_reliability(series, colours),
        key="reliability",
        config={"displayModeBar": False},
        alt=f"Reliability diagram of {card.title} on {dataset.title}. "
        + describe_reliability(series),
    )
    st.caption(
        f"{len(dataset):,} digits in {BINS} bins of equal width, with 95% intervals. Below the "
        "diagonal, confidence is higher than accuracy. The histogram has a log scale."
    )


def _list_errors(calibration: Calibration) -> list[dict[str, str]]:
    """A row for each data set that was measured before and after calibration."""
    return [
        {
            "Data set": CARD_DATASET_TITLES.get(name, name),
            "ECE before": f"{calibration.error_before[name]:.2%}",
            "ECE after": f"{after:.2%}",
            "Not sure": f"{calibration.not_sure[name]:.1%}"
            if name in calibration.not_sure
            else "–",
        }
        for name, after in calibration.error_after.items()
        if name in calibration.error_before
    ]


def _bin_series(evaluation: Evaluation, temperature: float) -> Mapping[str, list[ConfidenceBin]]:
    """The bins after calibration and, if the model has a temperature, before it."""
    labels, probabilities = evaluation.labels, evaluation.probabilities
    series = {}
    if temperature != 1:
        # The served model contains the temperature; its inverse removes it again.
        before = apply_temperature(probabilities, 1 / temperature)
        series["Before calibration"] = bin_by_confidence(labels, before)
    series["After calibration"] = bin_by_confidence(labels, probabilities)
    return series
