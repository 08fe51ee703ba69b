"""The training plan: what can be chosen of it, and what the chosen changes do to digits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from core.figures.architecture import describe_architecture, draw_architecture
from core.figures.digit import png_address
from core.models.card import ModelCard
from core.runs.jobs import Job
from core.runs.plan import (
    BATCH_SIZES,
    MAX_DRAWING_WEIGHT,
    OPTIMIZERS,
    TRAINING_IMAGES,
    TrainingPlan,
    describe_plan,
    propose_plan,
)
from core.synthesis.augmentation import augment
from pages.parts.train.layer_editor import pick_layers
from pages.widgets.data import choose_dataset, get_dataset
from pages.widgets.images import Picture, show_pictures
from pages.widgets.pickers import order_models
from pages.widgets.wording import to_sentence

LAYERS = "layers"
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
LEARNING_RATES = (0.0001, 0.0003, 0.0005, 0.001, 0.002, 0.004, 0.01, 0.03, 0.1)
MAX_EPOCHS_ON_PAGE = 50
VERSIONS, PICTURE_SIDE = 3, 44


def pick_plan(
    bases: Mapping[str, ModelCard], jobs: list[Job], drawings: int
) -> TrainingPlan | None:
    """Everything that can be chosen; None where the layers do not fit, which is said.

    Args:
        bases: cards of the models of the zoo that can be trained.
        jobs: the visitor's own, whose models can be trained on.
        drawings: how many the visitor has kept.
    """
    own = {job.run.id: job for job in jobs if job.card}
    titles = {
        **{one: bases[one].title for one in order_models(bases)},
        **{one: f"{job.run.name} (yours)" for one, job in own.items()},
        LAYERS: "Layers of your own",
    }
    chosen = st.selectbox(
        "Model",
        list(titles),
        format_func=titles.__getitem__,
        key="base",
        bind="query-params",
        on_change=_take_over_recipe,
        args=(bases,),
    )
    architecture = _pick_architecture(chosen, own)
    settings = {**_pick_amounts(drawings), **_pick_learning()}
    try:
        return TrainingPlan(**architecture, **settings)
    except ValueError as error:
        st.warning(to_sentence(error), icon=":material/layers:")
        return None


def show_network(plan: TrainingPlan) -> None:
    """How many parameters it has, and what it looks like."""
    layers = describe_plan(plan)
    with st.container(horizontal=True):
        st.metric("Parameters", f"{sum(layer.parameters for layer in layers):,}", width="content")
        st.metric("Images of MNIST", f"{plan.images:,}", width="content")
    with st.expander("The network"):
        st.plotly_chart(
            draw_architecture(layers, dark=st.context.theme.type == "dark"),
            key="architecture",
            config={"displayModeBar": False},
            alt=f"The network: {describe_architecture(layers)}",
        )


def show_changes(plan: TrainingPlan) -> None:
    """A digit of each kind, and what the training makes of it."""
    dataset = get_dataset(choose_dataset())
    places = [int(np.flatnonzero(dataset.labels == digit)[0]) for digit in range(10)]
    frames, labels = dataset.images[places] / np.float32(255), dataset.labels[places]
    rows = [frames]
    if plan.amounts:
        random = np.random.default_rng(st.session_state.get("changes_seed", 0))
        rows = [augment(frames, labels, plan.amounts, random) for _ in range(VERSIONS)]
    for number, row in enumerate(rows, start=1):
        show_pictures(
            [
                Picture(
                    png_address(np.round(frame * 255).astype(np.uint8)),
                    f"{label}, as trained on, version {number}",
                )
                for frame, label in zip(row, labels, strict=True)
            ],
            width=PICTURE_SIDE,
        )
    if plan.amounts:
        st.button(
            "Change them again",
            icon=":material/casino:",
            key="again",
            on_click=lambda: st.session_state.update(
                changes_seed=st.session_state.get("changes_seed", 0) + 1
            ),
        )


def _pick_architecture(chosen: str, own: Mapping[str, Job]) -> dict[str, Any]:
    """Its layers, and whose weights it starts from."""
    if chosen == LAYERS:
        return {"base": None, "layers": pick_layers()}
    tuned = st.toggle("Start from its trained weights", key="tune", bind="query-params")
    start_from = chosen if tuned else None
    if chosen not in own:
        return {"base": chosen, "start_from": start_from}
    earlier = TrainingPlan.from_fields(own[chosen].run.plan)
    return {"base": earlier.base, "layers": earlier.layers, "start_from": start_from}


def _pick_amounts(drawings: int) -> dict[str, Any]:
    """How long, on what, and how it is changed."""
    epochs = st.slider("Epochs", 1, MAX_EPOCHS_ON_PAGE, 5, key="epochs", bind="query-params")
    share = st.select_slider(
        "Share of the training images",
        SHARES,
        0.1,
        format_func=lambda one: f"{one:.0%}",
        help=f"Of {TRAINING_IMAGES:,}: 5,000 of MNIST's 60,000 are held out for validation.",
        key="share",
        bind="query-params",
    )
    with st.container(horizontal=True):
        augmentation = st.toggle(
            "Augmentation",
            value=True,
            help="Images are turned, slanted, bent and thickened, anew in each epoch.",
            key="augmentation",
            bind="query-params",
        )
        styles = st.toggle(
            "Handwriting styles",
            value=True,
            help="Habits that MNIST lacks: slashed zeros, flagged ones, crossed sevens.",
            key="styles",
            bind="query-params",
        )
    weight = 0
    if drawings:
        weight = st.slider(
            f"My {drawings:,} drawings: how often each joins in",
            0,
            MAX_DRAWING_WEIGHT,
            0,
            help="0 leaves them out. The newest fifth is held out, to see what it was good for.",
            key="drawings",
            bind="query-params",
        )
    return {
        "epochs": epochs,
        "share": share,
        "augmentation": augmentation,
        "styles": styles,
        "drawings": weight,
    }


def _pick_learning() -> dict[str, Any]:
    """How it learns, which few will want to change."""
    with st.expander("How it learns"):
        optimizer = st.selectbox("Optimizer", OPTIMIZERS, key="optimizer", bind="query-params")
        rate = st.select_slider(
            "Learning rate", LEARNING_RATES, 0.002, key="rate", bind="query-params"
        )
        schedule = st.segmented_control(
            "Its course",
            ["cosine", "constant"],
            default="cosine",
            required=True,
            format_func={"cosine": "Falls to 0", "constant": "Stays"}.__getitem__,
            key="schedule",
            bind="query-params",
        )
        batch_size = st.select_slider(
            "Batch size", BATCH_SIZES, 64, key="batch", bind="query-params"
        )
        seed = st.number_input("Seed", 0, 999, 1, key="seed", bind="query-params")
    return {
        "optimizer": optimizer,
        "learning_rate": rate,
        "cosine_decay": schedule == "cosine",
        "batch_size": batch_size,
        "seed": seed,
    }


def _take_over_recipe(bases: Mapping[str, ModelCard]) -> None:
    """Another model, and how that one was trained, as far as it can be chosen here."""
    card = bases.get(st.session_state["base"])
    if card is None:
        return
    plan = propose_plan(card)
    st.session_state.update(
        optimizer=plan.optimizer,
        rate=min(LEARNING_RATES, key=lambda one: abs(one - plan.learning_rate)),
        schedule="cosine" if plan.cosine_decay else "constant",
        batch=plan.batch_size,
        augmentation=plan.augmentation,
        styles=plan.styles,
    )
