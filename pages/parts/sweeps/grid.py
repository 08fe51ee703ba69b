"""The form that starts a sweep: a model, values of its settings to combine, and a button."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.counts import describe_count
from core.models.card import MNIST, ModelCard
from core.runs.plan import PLAN_SETTINGS, TrainingPlan, change_settings, list_trainable
from core.runs.proposals import propose_plan
from core.runs.recipe import BATCH_SIZES, LEARNING_RATES, OFF, ON, Recipe, list_settings
from core.runs.sweep_jobs import MAX_TRIALS, MIN_TRIALS, start_sweep
from core.runs.sweeps import plan_trials
from core.runs.training_data import BUNDLED_DIGITS
from pages.widgets.pickers import order_models
from pages.widgets.training_data import check_training_needs, pick_training_data
from pages.widgets.wording import to_sentence

SETTINGS = list_settings(Recipe)
# The settings that are varied, with their values; the first seeds are 1, 2, …
OFFERED: dict[str, Sequence[Any]] = {
    "learning_rate": LEARNING_RATES,
    "batch_size": BATCH_SIZES,
    "optimizer": SETTINGS["optimizer"].choices,
    "augmentation": (True, False),
}
CHOSEN: dict[str, Sequence[Any]] = {"learning_rate": (0.001, 0.002, 0.004)}
MAX_SEEDS, MAX_EPOCHS, DEFAULT_EPOCHS = 3, 10, 3
FRACTIONS = (0.01, 0.02, 0.05, 0.1, 0.2)
# The key of the session that has the id of a sweep which was just started.
STARTED = "sweep_started"


def offer_sweep(owner: str) -> None:
    """Let the visitor start a sweep, or say what that needs."""
    trainable = list_trainable()
    if not trainable:
        st.info("There is no model whose training can be varied.", icon=":material/info:")
        return
    card, plans = pick_trials(trainable)
    if not check_training_needs(plans[0].training_data):
        return
    fits = MIN_TRIALS <= len(plans) <= MAX_TRIALS
    st.markdown(_forecast(plans))
    pressed = st.button(
        "Start the sweep",
        type="primary",
        icon=":material/play_arrow:",
        key="start_sweep",
        disabled=not fits,
    )
    if pressed:
        _start(plans, owner, card.title)


def pick_trials(trainable: Mapping[str, ModelCard]) -> tuple[ModelCard, tuple[TrainingPlan, ...]]:
    """The card of the chosen model, and the plans of all trials of the chosen values."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model_id = st.selectbox(
            "Model",
            order_models(trainable),
            format_func=lambda model_id: trainable[model_id].title,
            key="trained",
            bind="query-params",
            width=220,
        )
        data = pick_training_data([MNIST, BUNDLED_DIGITS], width=160)
        fraction = _pick_fraction() if data == MNIST else 1.0
        epochs = st.slider(
            "Epochs", 1, MAX_EPOCHS, DEFAULT_EPOCHS, key="epochs", bind="query-params", width=160
        )
        seeds = st.slider("Seeds", 1, MAX_SEEDS, 1, key="seeds", bind="query-params", width=120)
    choices = {name: _pick_values(name) for name in OFFERED}
    varied = {name: values for name, values in choices.items() if values}
    card = trainable[model_id]
    plan = change_settings(
        propose_plan(card), training_data=data, train_fraction=fraction, epochs=epochs
    )
    return card, plan_trials([plan], {**varied, "seed": range(1, seeds + 1)})


def _pick_fraction() -> float:
    return st.select_slider(
        "Training images",
        FRACTIONS,
        FRACTIONS[1],
        format_func=PLAN_SETTINGS["train_fraction"].format,
        key="share",
        bind="query-params",
        width=160,
    )


def _pick_values(name: str) -> list[Any]:
    """Values of a setting; without any, the trials have that of the model's recipe."""
    setting = SETTINGS[name]
    return st.pills(
        setting.title,
        list(OFFERED[name]),
        selection_mode="multi",
        default=list(CHOSEN.get(name, ())),
        format_func=partial(_format, name),
        help=f"{setting.help} Without a choice, the value of the model's recipe is used.",
        key=f"{name}s",
        bind="query-params",
        wrap=True,
    )


def _format(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return ON if value else OFF
    return SETTINGS[name].format(value)


def _forecast(plans: Sequence[TrainingPlan]) -> str:
    """How many trainings a sweep will be, or why it cannot be started."""
    count = len(plans)
    if count < MIN_TRIALS:
        return "Choose two values of a setting or more, or another number of seeds."
    if count > MAX_TRIALS:
        return f"**{count} trainings** are too many. Choose at most {MAX_TRIALS} combinations."
    plan = plans[0]
    images = f"{plan.images:,} images" if plan.training_data == MNIST else "all bundled digits"
    return (
        f"**{count} trainings**, one after the other: {images} and "
        f"{describe_count(plan.recipe.epochs, 'epoch')} each. Trainings "
        "of other visitors come in between."
    )


def _start(plans: Sequence[TrainingPlan], owner: str, title: str) -> None:
    try:
        sweep_id = start_sweep(plans, owner, title)
    except (LookupError, OSError, RuntimeError, ValueError) as error:
        st.error(to_sentence(error), icon=":material/error:")
    else:
        st.session_state[STARTED] = sweep_id
        st.rerun()
