"""How far a model can be trusted: digit by digit, and when it says how sure it is."""

import streamlit as st

from core.analysis.calibration import apply_temperature, bin_by_confidence
from core.digits.datasets import MnistUnavailableError
from core.figures.accuracy import draw_misread_digits
from core.figures.reliability import GREY, draw_reliability
from core.models.card import ModelCard
from pages.widgets.cache import get_colours, get_evaluation
from pages.widgets.data import CARD_DATASET_TITLES, NoDrawingsError, choose_dataset, get_dataset
from pages.widgets.empty_states import invite_to_draw, offer_download
from pages.widgets.pickers import pick_dataset
from pages.widgets.wording import to_sentence

PEN_DATASETS = ("pen_strokes", "pen_pictures")


def show_digits(card: ModelCard) -> None:
    """Which of the pen digits it misreads."""
    found = {
        name_dataset(name): card.accuracy_by_digit[name]
        for name in PEN_DATASETS
        if name in card.accuracy_by_digit
    }
    if not found:
        st.info("This model was not measured on the pen digits.", icon=":material/info:")
        return
    st.plotly_chart(
        draw_misread_digits(found),
        key="misread_digits",
        config={"displayModeBar": False},
        alt=f"Share of each pen digit that {card.title} misreads. "
        + " ".join(
            f"{name}: "
            + ", ".join(f"{digit} {1 - share:.1%}" for digit, share in enumerate(shares))
            + "."
            for name, shares in found.items()
        ),
    )


def show_calibration(card: ModelCard) -> None:
    """How well its confidence matches its accuracy, and when it says that it is not sure."""
    left, right = st.columns(2, gap="large")
    with left:
        show_calibration_errors(card)
    with right:
        show_reliability(card)


def show_calibration_errors(card: ModelCard) -> None:
    """Its temperature, its expected calibration errors and how often it is not sure."""
    found = card.calibration
    st.markdown(
        "A calibrated model that says 90 % is right nine times in ten. The expected calibration "
        "error is how far confidence and accuracy lie apart on average."
    )
    with st.container(horizontal=True):
        st.metric("Temperature", f"{found.temperature:.2f}", width="content")
        st.metric("Not sure below", f"{found.not_sure_below:.0%}", width="content")
    st.table(
        [
            {
                "Data set": name_dataset(name),
                "Error before": f"{found.error_before[name]:.2%}",
                "Error after": f"{after:.2%}",
                "Not sure": f"{found.not_sure[name]:.1%}" if name in found.not_sure else "–",
            }
            for name, after in found.error_after.items()
            if name in found.error_before
        ],
        hide_index=True,
        border="horizontal",
        width="content",
        alt=f"Expected calibration error of {card.title} before and after calibration",
    )
    shares = {name: found.not_sure.get(name) for name in ("validation", "scribbles")}
    if None not in shares.values():
        st.caption(
            f"“Not sure” catches {shares['scribbles']:.0%} of scribbles that are no digit, and "
            f"holds back {shares['validation']:.1%} of the digits held out from training."
        )


def show_reliability(card: ModelCard) -> None:
    """Accuracy against confidence on a data set, before the temperature and with it."""
    dataset_id = pick_dataset(key="calibration", default=choose_dataset())
    try:
        dataset = get_dataset(dataset_id)
        evaluation = get_evaluation(card, dataset)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
        return
    except NoDrawingsError:
        invite_to_draw()
        return
    labels, temperature = evaluation.labels, card.calibration.temperature
    series, colours = {}, [get_colours([card.id])[card.id]]
    if temperature != 1:
        # What serves contains the temperature: divided by its inverse, it is taken out again.
        before = apply_temperature(evaluation.probabilities, 1 / temperature)
        series["Before calibration"] = bin_by_confidence(labels, before)
        colours.insert(0, GREY)
    series["After calibration"] = bin_by_confidence(labels, evaluation.probabilities)
    st.plotly_chart(
        draw_reliability(series, colours),
        key="reliability",
        config={"displayModeBar": False},
        alt=f"Reliability diagram of {card.title} on {dataset.title}. "
        + " ".join(
            f"{name}: "
            + ", ".join(
                f"{one.count:,} digits {one.confidence:.0%} sure and {one.accuracy.value:.0%} right"
                for one in bins
            )
            + "."
            for name, bins in series.items()
        ),
    )
    st.caption(
        f"{len(dataset):,} digits in bins of equal width, with 95 % intervals. Below the diagonal "
        "a model is surer than it should be. The scale of the histogram is logarithmic."
    )


def name_dataset(name: str) -> str:
    """What a page calls a data set of a card."""
    return CARD_DATASET_TITLES.get(name, name)
