"""The run that repeats a lesson of the tab *Teach*: asked for, and followed until it is there."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.models.card import ModelCard
from core.runs.job_files import State
from core.runs.jobs import Job, get_job
from core.runs.launcher import start_next_if_idle
from core.runs.lesson_jobs import keep_lesson
from core.runs.run import UnknownRunError
from pages.widgets.cache import get_cards
from pages.widgets.known_errors import show_known_errors
from pages.widgets.pickers import ONE_MODEL, link_to_comparison
from pages.widgets.training_progress import BADGES, describe_progress
from pages.widgets.visitor import get_owner, warn_without_cookie
from pages.widgets.wording import escape_markdown, to_sentence

# Of the session: the id of the run that was kept last.
KEPT = "kept_run"
# Seconds between two updates while it is trained.
INTERVAL = 1.0


def keep_taught(fields: Mapping[str, Any], cards: Sequence[ModelCard]) -> None:
    """Queue a run for the lesson that the browser has sent, and say so in a toast."""
    try:
        run = keep_lesson(fields, cards, get_owner())
    except (LookupError, OSError, RuntimeError, ValueError) as error:
        st.toast(to_sentence(error), icon=":material/error:", duration="long")
    else:
        st.session_state[KEPT] = run.id
        st.toast(
            f"“{escape_markdown(run.name)}” is one of your runs. Its state is below the table.",
            icon=":material/check:",
        )


def show_kept_run() -> None:
    """Show the run that was kept last in this window, updated while it is trained."""
    job = _find_job()
    if job:
        with st.container(border=True, key="kept_run"):
            interval = INTERVAL if job.state.is_active else None
            st.fragment(_show_now, run_every=interval)(job.state.is_active)
            warn_without_cookie()


def _find_job() -> Job | None:
    """None where nothing was kept, or the run was deleted meanwhile."""
    try:
        return get_job(st.session_state.get(KEPT, ""), get_owner())
    except UnknownRunError:
        return None


@show_known_errors()
def _show_now(was_active: bool) -> None:
    start_next_if_idle()
    job = _find_job()
    if job is None or (was_active and not job.state.is_active):
        st.rerun()  # the model is there, and updates end
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Your run **{escape_markdown(job.run.name)}** {BADGES[job.state]}")
        _show_links(job)
    if job.state == State.QUEUED:
        st.caption(f"Position {job.place} in the queue. One model trains at a time.")
    elif job.state.is_active:
        st.caption(f"{describe_progress(job.progress)}. It goes on when you leave this page.")
    elif job.state == State.FAILED:
        st.error(to_sentence(ValueError(job.error)), icon=":material/error:")


def _show_links(job: Job) -> None:
    """Where the run is: among the trainings, or as a model on the other pages."""
    cards = get_cards()
    card = None if job.state.is_active else cards.get(job.run.id)
    if card is None:
        st.page_link("train.py", icon=":material/model_training:")
        return
    st.page_link(
        "draw.py",
        label="Draw",
        icon=":material/draw:",
        query_params={"predict": ONE_MODEL, "model": card.title},
    )
    st.page_link("runs.py", icon=":material/experiment:", query_params={"run": card.title})
    link_to_comparison(card, job.run.plan, cards)
