"""Training curves: loss and accuracy by epoch, and the results beside the published figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.figures.curves import Curve, Metric, describe_curves, draw_curves
from core.models.card import ModelCard
from core.models.files import load_history
from pages.parts.curves.confusion_by_epoch import show_confusion_by_epoch
from pages.parts.curves.results import show_results
from pages.parts.curves.values import show_values
from pages.widgets.cache import get_cards, get_colours
from pages.widgets.charts import ZOOM
from pages.widgets.known_errors import show_known_errors
from pages.widgets.pickers import WIDTH, open_choices, pick_models
from pages.widgets.wording import escape_markdown

METRICS: tuple[Metric, ...] = ("loss", "accuracy")


@dataclass(frozen=True)
class View:
    """What the visitor chose."""

    model_ids: list[str]
    metric: Metric
    log_axis: bool


def main() -> None:
    """Show the curves and results of the chosen models, and one confusion matrix by epoch."""
    cards = list_trained(get_cards())
    st.title("Training curves")
    st.markdown(
        "See how fast each model learned, when it started to overfit, and how good it became."
    )
    view = pick_view(cards)
    if view.model_ids:
        chosen = [cards[model_id] for model_id in view.model_ids]
        show_curves(chosen, view)
        st.subheader("Results on the test set")
        show_results(chosen)
    else:
        st.info("Choose at least one model.", icon=":material/touch_app:")
    show_one_model()


def list_trained(cards: Mapping[str, ModelCard]) -> dict[str, ModelCard]:
    """The cards of all models but ensembles, which are not trained themselves."""
    return {model_id: card for model_id, card in cards.items() if card.best_epoch}


def pick_view(cards: Mapping[str, ModelCard]) -> View:
    """Let the visitor choose models, the metric and the scale of its axis."""
    with open_choices():
        model_ids = pick_models(cards)
        metric: Metric = st.selectbox(
            "Metric",
            METRICS,
            format_func=str.capitalize,
            key="metric",
            bind="query-params",
            width=WIDTH,
        )
        log_axis = st.toggle("Log axis", value=True, key="log", bind="query-params")
    return View(model_ids, metric, log_axis)


def show_curves(cards: Sequence[ModelCard], view: View) -> None:
    """Show the metric on the training and validation images after each epoch."""
    curves = [
        Curve(card.id, card.title, load_history(card.id, card=card), card.best_epoch)
        for card in cards
    ]
    st.plotly_chart(
        draw_curves(
            curves, get_colours(view.model_ids), metric=view.metric, log_axis=view.log_axis
        ),
        key="curves",
        config=ZOOM,
        alt=f"Training and validation {view.metric} by epoch. "
        + describe_curves(curves, metric=view.metric),
    )
    unchanged = "Dashed: training, on some of the images as they are. "
    st.caption(
        "Dotted: training. "
        f"{unchanged if any(curve.history.has_unchanged for curve in curves) else ''}"
        "Solid: validation. Star: the best epoch, whose weights were kept. The "
        "training loss can be higher than the validation loss: training images may be augmented, "
        "and their targets may be probabilities from other models (distillation)."
    )
    explain_lessons(cards)
    show_values(curves)


def explain_lessons(cards: Sequence[ModelCard]) -> None:
    """Say what the epochs are of models that were taught on the Draw page."""
    titles = [escape_markdown(card.title) for card in cards if card.is_taught]
    if titles:
        st.caption(
            f"On the Draw page, only the last layer learned: {', '.join(titles)}. An epoch is one "
            "step on all its training images, and the weights after the last one were kept."
        )


@st.fragment
@show_known_errors()
def show_one_model() -> None:
    """Show the confusion matrix by epoch; a change of its epoch reruns only this."""
    st.subheader("Confusion matrix by epoch")
    show_confusion_by_epoch(list_trained(get_cards()))  # a run may have been deleted meanwhile


if __name__ == "__main__":
    main()
