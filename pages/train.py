"""Train: a model of one's own, from the plan to watching its training."""

import streamlit as st

from core.drawings.drawing import StorageUnavailableError
from core.runs.finished import list_finished
from core.runs.jobs import list_jobs, start
from core.runs.plan import TrainingPlan, list_trainable
from core.runs.run import MAX_NAME_LENGTH
from pages.parts.train.beforehand import show_beforehand
from pages.parts.train.ended import show_ended
from pages.parts.train.plan import pick_plan, show_network
from pages.parts.train.running import STARTED, show_running
from pages.parts.train.training_data import show_training_data
from pages.widgets.data import MY_DRAWINGS, get_dataset, get_store
from pages.widgets.known_errors import show_known_errors
from pages.widgets.training_data import check_training_needs
from pages.widgets.visitor import get_owner, warn_without_cookie
from pages.widgets.wording import to_sentence


def main() -> None:
    """Show the page."""
    owner = get_owner()
    st.title("Train")
    st.markdown(
        "Train your own model and watch its progress. Training continues when you close this page."
    )
    warn_without_cookie()
    jobs = list_jobs(owner)
    show_running(jobs, owner)
    settings, preview = st.columns([2, 3], gap="large")
    with settings:
        plan = pick_plan(list_trainable(), list_finished(owner), count_drawings(owner))
    if plan:
        with preview:
            show_network(plan)
            with show_known_errors():
                show_training_data(plan)
                offer_training(plan, owner)
    st.subheader("Your runs")
    if not jobs:
        st.info("You have not trained a model yet.", icon=":material/model_training:")
    show_ended([job for job in jobs if not job.state.is_active], owner)


def count_drawings(owner: str) -> int:
    """The number of saved drawings; 0 and a sentence where the database cannot be used."""
    try:
        return get_store().count(owner)
    except StorageUnavailableError as error:
        st.warning(
            f"{to_sentence(error)} Until then, models are trained without your drawings.",
            icon=":material/database_off:",
        )
        return 0


def offer_training(plan: TrainingPlan, owner: str) -> None:
    """What to expect, a name and a button, or a sentence on what training needs."""
    if not check_training_needs(plan.training_data):
        return
    with show_known_errors():  # whatever happens there, the model can be trained
        show_beforehand(plan, owner)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", "My model", max_chars=MAX_NAME_LENGTH, key="name")
        pressed = st.button("Train", type="primary", icon=":material/play_arrow:", key="train")
    if pressed:
        start_training(plan, owner, name)


def start_training(plan: TrainingPlan, owner: str, name: str) -> None:
    """Queue the training, with the visitor's drawings if the plan includes them."""
    try:
        drawings = get_dataset(MY_DRAWINGS) if plan.uses_drawings else None
        run = start(plan, owner, name, drawings=drawings)
    except (LookupError, OSError, RuntimeError, ValueError) as error:
        st.error(to_sentence(error), icon=":material/error:")
    else:
        st.session_state[STARTED] = run.id
        st.rerun()


if __name__ == "__main__":
    main()
