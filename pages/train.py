"""Train: a model of one's own, from a plan to watching it learn."""

import streamlit as st

from core.digits.datasets import Dataset
from core.runs.jobs import can_train, explain_no_training, list_jobs, start
from core.runs.plan import TrainingPlan, list_trainable
from core.runs.run import MAX_NAME_LENGTH
from pages.parts.train.jobs import show_jobs
from pages.parts.train.plan import pick_plan, show_changes, show_network
from pages.widgets.data import MY_DRAWINGS, get_dataset, get_store, has_mnist
from pages.widgets.empty_states import offer_download
from pages.widgets.visitor import get_owner, warn_without_cookie
from pages.widgets.wording import to_sentence


def offer_start(plan: TrainingPlan) -> None:
    """A name and a button, or what is missing."""
    if not can_train():
        st.info(explain_no_training(), icon=":material/download:")
        return
    if not has_mnist():
        offer_download(
            "Training needs MNIST's images, which are not on this machine.", alternative=False
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", "My model", max_chars=MAX_NAME_LENGTH, key="name")
        pressed = st.button("Train", type="primary", icon=":material/play_arrow:", key="train")
    if pressed:
        try:
            start(plan, owner, name, drawings=find_drawings(plan))
        except (LookupError, OSError, RuntimeError, ValueError) as error:
            st.error(to_sentence(error), icon=":material/error:")


def find_drawings(plan: TrainingPlan) -> Dataset | None:
    """The visitor's drawings where they join in."""
    return get_dataset(MY_DRAWINGS) if plan.drawing_weight else None


owner = get_owner()
st.title("Train")
st.markdown("Train a model of your own, and watch it learn: it goes on when you close the page.")
warn_without_cookie()
left, right = st.columns([2, 3], gap="large")
with left:
    plan = pick_plan(list_trainable(), list_jobs(owner), get_store().count(owner))
with right:
    if plan:
        show_network(plan)
        st.markdown("**What it learns from**")
        show_changes(plan)
        offer_start(plan)
st.subheader("Your trainings")
show_jobs(owner)
