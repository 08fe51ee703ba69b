"""Training curves: how each model learned, and where it ended beside the published figures."""

import streamlit as st

from core.analysis.confusion import ConfusionMatrix
from core.figures.confusion import describe_confusion, draw_confusion
from core.figures.curves import Curve, describe_curves, draw_curves
from core.models.card import ModelCard
from core.models.files import load_history, load_validation_confusions
from pages.parts.curves.results import show_results
from pages.widgets.cache import get_cards, get_colours
from pages.widgets.pickers import order_models, pick_models


def pick_view() -> tuple[list[str], str, bool]:
    """The models, the metric and whether the axis is logarithmic."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = pick_models(cards)
        metric = st.segmented_control(
            "Metric",
            ["loss", "accuracy"],
            default="loss",
            required=True,
            format_func=str.capitalize,
            key="metric",
            bind="query-params",
        )
        log_axis = st.toggle("Log axis", value=True, key="log", bind="query-params")
    return chosen, metric, log_axis


def list_trained() -> dict[str, ModelCard]:
    """The cards of all models but committees, which were never trained, only their members were."""
    return {one: card for one, card in get_cards().items() if card.best_epoch}


@st.fragment
def show_growth() -> None:
    """The validation confusion matrix after any epoch."""
    st.subheader("The confusion matrix growing up")
    cards = list_trained()  # a run may be deleted since the page was opened
    left, right = st.columns([1, 2], gap="large")
    with left:
        model_id = st.selectbox(
            "Model",
            order_models(cards),
            format_func=lambda one: cards[one].title,
            key="growing",
            bind="query-params",
        )
        confusions = load_validation_confusions(model_id)
        epoch = st.slider("Epoch", 1, len(confusions), 1, key="epoch", bind="query-params")
        confusion = ConfusionMatrix(confusions[epoch - 1])
        st.metric("Validation accuracy", f"{confusion.correct / confusion.total:.2%}")
        st.caption(
            f"{confusion.total:,} images held out of the training set. "
            f"Epoch {cards[model_id].best_epoch} was kept: its validation loss was the least."
        )
    right.plotly_chart(
        draw_confusion(
            confusion, as_shares=False, hide_diagonal=False, dark=st.context.theme.type == "dark"
        ),
        key="growth",
        config={"displayModeBar": False},
        alt=f"Validation confusion matrix of {cards[model_id].title} after epoch {epoch}: "
        + describe_confusion(confusion),
    )


cards = list_trained()
st.title("Training curves")
st.markdown("See how fast each model learned, when it began to learn by heart, and where it ended.")
model_ids, metric, log_axis = pick_view()
if model_ids:
    curves = [
        Curve(one, cards[one].title, load_history(one), cards[one].best_epoch) for one in model_ids
    ]
    st.plotly_chart(
        draw_curves(curves, get_colours(model_ids), metric=metric, log_axis=log_axis),
        key="curves",
        config={"displayModeBar": False},
        alt=f"Training and validation {metric} by epoch. " + describe_curves(curves, metric=metric),
    )
    st.caption("Dotted: training. Solid: validation. Star: the epoch whose weights were kept.")
    st.subheader("Final figures on the MNIST test set")
    show_results([cards[one] for one in model_ids])
else:
    st.info("Choose at least one model.", icon=":material/touch_app:")
show_growth()
