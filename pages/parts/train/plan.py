"""The training plan: an architecture, the data and the settings."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import streamlit as st

from core.figures.architecture import describe_architecture, draw_architecture
from core.models.card import MNIST, ModelCard
from core.runs.finished import FinishedRun
from core.runs.plan import PLAN_SETTINGS, TrainingPlan, describe_plan
from core.runs.proposals import list_plans
from core.runs.recipe import Recipe
from core.runs.training_data import MY_DRAWINGS, TITLES
from pages.parts.train.layer_editor import pick_layers
from pages.parts.train.proposed import KEPT, SETTINGS, Proposals
from pages.parts.train.settings import pick_settings, set_values
from pages.parts.train.teacher import pick_teacher, set_teacher
from pages.widgets.cache import get_cards
from pages.widgets.empty_states import explain_bundled_digits
from pages.widgets.pickers import OWN_LAYERS, order_models
from pages.widgets.training_data import pick_training_data
from pages.widgets.wording import escape_markdown, to_sentence

LAYERS = "layers"
# Names in the address that links of earlier versions use.
ARCHITECTURE, START_FROM = "base", "tune"
BASIC = {name: setting for name, setting in SETTINGS.items() if not setting.is_advanced}
ADVANCED = {name: setting for name, setting in SETTINGS.items() if setting.is_advanced}


def pick_plan(
    trainable: Mapping[str, ModelCard], finished: Iterable[FinishedRun], drawings: int
) -> TrainingPlan | None:
    """Widgets for a whole plan; None and a message where the layers do not fit.

    Args:
        trainable: cards of the built-in models that can be trained.
        finished: the runs that the visitor may use; they can be trained further.
        drawings: how many drawings the visitor has saved.
    """
    cards = get_cards()
    own = list_plans((found for found in finished if found.run.id in cards), trainable)
    proposals = Proposals(trainable, own)
    models = [*order_models(trainable), *own]
    titles = {name: (cards.get(name) or trainable[name]).title for name in models}
    titles[LAYERS] = OWN_LAYERS
    _name_untrainable(cards.values(), titles.values())
    chosen = st.selectbox(
        "Model",
        list(titles),
        format_func=titles.__getitem__,
        key=ARCHITECTURE,
        bind="query-params",
        on_change=_set_recipe,
        args=(proposals,),
    )
    network = _pick_network(chosen, proposals)
    defaults = proposals.list_values(chosen, tuned=bool(network["start_from"]))
    data = _pick_data(drawings, defaults)
    values = pick_settings(BASIC, defaults)
    values |= pick_teacher(cards, proposals.propose_recipe(chosen))
    with st.expander("More settings"):
        values |= pick_settings(ADVANCED, defaults)
    try:
        return TrainingPlan(**network, **data, recipe=Recipe(**values))
    except ValueError as error:
        st.warning(to_sentence(error), icon=":material/layers:")
        return None


def show_network(plan: TrainingPlan) -> None:
    """The number of parameters, and a drawing of the network."""
    layers = describe_plan(plan)
    st.metric("Parameters", f"{sum(layer.parameters for layer in layers):,}", width="content")
    with st.expander("The network"):
        st.plotly_chart(
            draw_architecture(layers, dark=st.context.theme.type == "dark"),
            key="architecture",
            config={"displayModeBar": False},
            alt=f"The network: {describe_architecture(layers)}",
        )


def _name_untrainable(cards: Iterable[ModelCard], offered: Collection[str]) -> None:
    """Say that the model which the address names is none of those that can be trained."""
    title = st.query_params.get(ARCHITECTURE, "")
    if title not in offered and title in [card.title for card in cards]:
        st.info(
            f"“{escape_markdown(title)}” cannot be trained here. Another model is chosen below.",
            icon=":material/info:",
        )


def _pick_network(chosen: str, proposals: Proposals) -> dict[str, Any]:
    """The architecture or the layers, and the model whose weights the training starts from."""
    if chosen == LAYERS:
        return {"architecture": None, "layers": pick_layers(), "start_from": None}
    tuned = st.toggle(
        "Start from its trained weights",
        help="Fine-tuning: fewer epochs and images, and a smaller learning rate, so that the "
        "network keeps what it has learned.",
        key=START_FROM,
        bind="query-params",
        on_change=_set_tuning,
        args=(proposals,),
    )
    start_from = chosen if tuned else None
    if chosen not in proposals.own:
        return {"architecture": chosen, "start_from": start_from}
    earlier = proposals.own[chosen]
    return {
        "architecture": earlier.architecture,
        "layers": earlier.layers,
        "start_from": start_from,
    }


def _pick_data(drawings: int, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The training data, and how often each of the visitor's drawings is added to it."""
    data = pick_training_data(list(TITLES))
    explain_bundled_digits(data)
    settings = dict(PLAN_SETTINGS)
    if data != MNIST:
        del settings["train_fraction"]
    if data == MY_DRAWINGS or not drawings:
        del settings["drawing_weight"]
    picked = pick_settings(settings, defaults)
    return {"training_data": data, "train_fraction": 1.0, **picked}


def _set_recipe(proposals: Proposals) -> None:
    """Set the widgets to the recipe of the model that was just chosen."""
    chosen = st.session_state[ARCHITECTURE]
    tuned = chosen != LAYERS and st.session_state.get(START_FROM, False)
    names = {name for name in SETTINGS if name not in KEPT}
    if chosen == LAYERS and st.session_state.get(START_FROM):  # nothing is fine-tuned any more
        names |= set(proposals.list_tuning(chosen))
    settings = {name: one for name, one in (PLAN_SETTINGS | SETTINGS).items() if name in names}
    set_values(settings, proposals.list_values(chosen, tuned=tuned))
    set_teacher(get_cards(), proposals.propose_recipe(chosen))


def _set_tuning(proposals: Proposals) -> None:
    """Set the widgets of what fine-tuning does in another way, and back."""
    chosen = st.session_state[ARCHITECTURE]
    settings = PLAN_SETTINGS | SETTINGS
    set_values(
        {name: settings[name] for name in proposals.list_tuning(chosen)},
        proposals.list_values(chosen, tuned=st.session_state[START_FROM]),
    )
