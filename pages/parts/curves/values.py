"""The values of the training curves, as a table to sort, search and download."""

from collections.abc import Iterator, Sequence

import streamlit as st

from core.figures.curves import Curve

LOSS, ACCURACY = "%.4f", "%.2f%%"


def show_values(curves: Sequence[Curve]) -> None:
    """Offer a row for each model and epoch; listed when they are opened."""
    with st.expander("Every epoch, as a table", key="history", bind="query-params") as table:
        if table.open:
            st.dataframe(
                [row for curve in curves for row in _list_rows(curve)],
                hide_index=True,
                column_config={
                    "Training loss": st.column_config.NumberColumn(format=LOSS),
                    "Validation loss": st.column_config.NumberColumn(format=LOSS),
                    "Training accuracy": st.column_config.NumberColumn(format=ACCURACY),
                    "Validation accuracy": st.column_config.NumberColumn(format=ACCURACY),
                },
                alt="Loss and accuracy of each model after each epoch",
            )


def _list_rows(curve: Curve) -> Iterator[dict[str, str | int | float]]:
    history = curve.history
    for epoch, (loss, accuracy, val_loss, val_accuracy) in enumerate(
        zip(
            history.loss,
            history.accuracy,
            history.validation_loss,
            history.validation_accuracy,
            strict=True,
        ),
        start=1,
    ):
        yield {
            "Model": curve.title,
            "Epoch": epoch,
            "Training loss": loss,
            "Validation loss": val_loss,
            "Training accuracy": 100 * accuracy,
            "Validation accuracy": 100 * val_accuracy,
        }
