"""Tables of figures: final results of models, and the report of each digit."""

from collections.abc import Sequence

import streamlit as st

from core.analysis.confusion import ConfusionMatrix, report_classes
from core.artifacts import ModelCard


def show_results(chosen: Sequence[ModelCard]) -> None:
    """Final figures on the MNIST test set beside the published ones."""
    st.dataframe(
        [
            {
                "Model": card.title,
                "Parameters": card.parameter_count,
                "Accuracy": f"{card.metrics['test_accuracy'].value:.2%}",
                "95 % interval": f"{card.metrics['test_accuracy'].low:.2%} to "
                f"{card.metrics['test_accuracy'].high:.2%}",
                "Published": f"{card.published.test_accuracy:.2%}",
                "Top-3 accuracy": f"{card.metrics['test_top_3_accuracy'].value:.2%}",
                "Epoch kept": f"{card.best_epoch} of {card.recipe['epochs']}",
                "Training time": f"{card.duration_seconds / 60:.1f} min",
            }
            for card in chosen
        ],
        hide_index=True,
        alt="Test accuracy of each model with its interval and the published figure",
    )


def show_class_report(confusion: ConfusionMatrix) -> None:
    """Precision, recall, F1 and support of each digit."""
    st.dataframe(
        [
            {
                "Digit": one.digit,
                "Precision": one.precision,
                "Recall": one.recall,
                "F1": one.f1,
                "Support": one.support,
            }
            for one in report_classes(confusion)
        ],
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.3f")
            for name in ("Precision", "Recall", "F1")
        },
        alt="Precision, recall, F1 and support of each digit",
    )
