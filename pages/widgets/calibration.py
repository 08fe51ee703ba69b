"""How far a model can be trusted: digit by digit, and when it says how sure it is."""

import streamlit as st

from core.artifacts import ModelCard
from core.figures.accuracy import draw_misread_digits
from pages.widgets.loaders import CARD_DATASET_TITLES

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


def name_dataset(name: str) -> str:
    """What a page calls a data set of a card."""
    return CARD_DATASET_TITLES.get(name, name)
