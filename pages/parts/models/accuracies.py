"""Accuracies of all models: a table beside published figures, and error rates by data set."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.figures.accuracy import AccuracyRow, describe_error_rates, draw_error_rates
from core.models.card import ModelCard, Replication
from pages.widgets.cache import get_robustness
from pages.widgets.data import CARD_DATASET_TITLES, MNIST_TEST

PER_CENT = "%.2f%%"
# On a phone, the first four columns just fit, and all of them on a laptop; widths in pixels.
COLUMNS = {
    "Model": st.column_config.TextColumn(pinned=True, width=137),
    "Published": st.column_config.NumberColumn(format=PER_CENT, width=75),
    "Reproduced": st.column_config.NumberColumn(format=PER_CENT, width=85),
    "Ours": st.column_config.NumberColumn(format=PER_CENT, width=61),
    "Corrupted": st.column_config.NumberColumn(format=PER_CENT, width=80),
    "Real pictures": st.column_config.NumberColumn(format=PER_CENT, width=95),
    "Parameters": st.column_config.NumberColumn(format="localized", width=95),
}


def show_accuracy_table(
    cards: Sequence[ModelCard], replications: Mapping[str, Replication | None]
) -> None:
    """Show accuracies on the MNIST test set: published, reproduced, ours and on corrupted images.

    Args:
        cards: the models, in the order of the rows.
        replications: results of training with the published recipes, by model id.
    """
    st.dataframe(
        [_list_cells(card, replications.get(card.id)) for card in cards],
        hide_index=True,
        height="content",
        column_config=COLUMNS,
        placeholder="–",
        key="replications",
        alt="Accuracy of every model on the MNIST test set, published, reproduced and ours, and on "
        "real pictures",
    )
    st.caption(
        "Accuracy on the MNIST test set. *Published*: reported by a student project with the same "
        "architecture, named on the model card below (LeCun et al. reported 99.05% for LeNet-5 in "
        "1998). *Reproduced*: our result with the published recipe. *Ours*: with our best recipe; "
        "for a run, with its own. *Corrupted*: ours, mean over all corruptions and "
        "severities of the Robustness page that were measured. *Real pictures*: ours, not on "
        "MNIST; mean over the kinds of pictures. *–*: not measured."
    )


def show_error_rates(cards: Sequence[ModelCard]) -> None:
    """Show the error rate of every model on every data set, the lowest worst case on top."""
    rows = [_measure_row(card) for card in cards]
    rows.sort(key=lambda row: max(1 - estimate.value for estimate in row.accuracies.values()))
    datasets = [
        title
        for title in CARD_DATASET_TITLES.values()
        if any(title in row.accuracies for row in rows)
    ]
    st.plotly_chart(
        draw_error_rates(rows, datasets),
        key="error_rates",
        config={"displayModeBar": False},
        alt="Error rate of each model on each data set. " + describe_error_rates(rows),
    )
    st.caption(
        "The pen digits are 3,868 digits written with a pen by 102 people. The real pictures were "
        "taken, scanned or painted by strangers. No model was trained on them, but they were used "
        "to choose the training recipes, the pen width and how digits are found."
    )


def _list_cells(card: ModelCard, replication: Replication | None) -> dict[str, object]:
    """A model's row of the table, accuracies in per cent."""
    best = card.find_accuracy(MNIST_TEST)
    published = card.published.test_accuracy
    reproduced = replication.test_accuracy if replication else None
    real = card.find_accuracy("real_pictures")
    robustness = get_robustness(card)
    corrupted = robustness.average(MNIST_TEST) if robustness else None
    return {
        "Model": card.title,
        "Published": _to_per_cent(published),
        "Reproduced": _to_per_cent(reproduced.value if reproduced else None),
        "Ours": _to_per_cent(best.value if best else None),
        "Corrupted": _to_per_cent(corrupted),
        "Real pictures": _to_per_cent(real.value if real else None),
        "Parameters": card.parameter_count,
    }


def _measure_row(card: ModelCard) -> AccuracyRow:
    found = {title: card.find_accuracy(name) for name, title in CARD_DATASET_TITLES.items()}
    return AccuracyRow(card.title, {title: one for title, one in found.items() if one})


def _to_per_cent(share: float | None) -> float | None:
    return None if share is None else 100 * share
