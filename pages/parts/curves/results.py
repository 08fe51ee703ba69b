"""The results: final figures of models beside the published ones, as a table."""

from collections.abc import Sequence

import streamlit as st

from core.models.card import ModelCard


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
                "Published": _say_published(card),
                "Top-3 accuracy": f"{card.metrics['test_top_3_accuracy'].value:.2%}",
                "Epoch kept": card.best_epoch,
                "Training time": f"{card.duration_seconds / 60:.1f} min",
            }
            for card in chosen
        ],
        hide_index=True,
        alt="Test accuracy of each model with its interval and the published figure",
    )


def _say_published(card: ModelCard) -> str:
    accuracy = card.published.test_accuracy
    return "–" if accuracy is None else f"{accuracy:.2%}"
