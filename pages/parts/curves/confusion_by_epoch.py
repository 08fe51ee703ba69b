"""The validation confusion matrix of one model after any epoch."""

from collections.abc import Mapping

import streamlit as st

from core.analysis.confusion import ConfusionMatrix
from core.figures.confusion import describe_confusion, draw_confusion
from core.models.card import ModelCard
from core.models.files import load_validation_confusions
from pages.widgets.pickers import order_models


def show_confusion_by_epoch(cards: Mapping[str, ModelCard]) -> None:
    """Let the visitor choose a model and an epoch, and show the matrix beside them."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        card = _pick_trained(cards)
        confusions = load_validation_confusions(card.id, card=card)
        epoch = st.slider("Epoch", 1, len(confusions), 1, key="epoch", bind="query-params")
        confusion = ConfusionMatrix(confusions[epoch - 1])
        st.metric("Validation accuracy", f"{confusion.correct / confusion.total:.2%}")
        reason = "it is the last step" if card.is_taught else "it has the lowest validation loss"
        st.caption(
            f"{confusion.total:,} images held out of the training set. The weights of epoch "
            f"{card.best_epoch} were kept: {reason}."
        )
    with right:
        _show_matrix(confusion, f"Validation confusion matrix of {card.title} after epoch {epoch}")


def _pick_trained(cards: Mapping[str, ModelCard]) -> ModelCard:
    model_id = st.selectbox(
        "Model",
        order_models(cards),
        format_func=lambda model_id: cards[model_id].title,
        key="model",
        bind="query-params",
    )
    return cards[model_id]


def _show_matrix(confusion: ConfusionMatrix, title: str) -> None:
    dark = st.context.theme.type == "dark"
    st.plotly_chart(
        draw_confusion(confusion, as_shares=False, hide_diagonal=False, dark=dark),
        key="confusion_by_epoch",
        config={"displayModeBar": False},
        alt=f"{title}: {describe_confusion(confusion)}",
    )
