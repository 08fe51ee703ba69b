"""The run that repeats a lesson of the tab *Teach*: asked for, and followed until it is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.models.card import ModelCard
from core.runs.job_files import State
from core.runs.jobs import Job, get_job
from core.runs.launcher import start_next_if_idle
from core.runs.lesson_jobs import find_last_kept, keep_lesson
from core.runs.run import UnknownRunError
from pages.widgets.cache import get_cards
from pages.widgets.known_errors import show_known_errors
from pages.widgets.pickers import ONE_MODEL, link_to_comparison
from pages.widgets.training_progress import BADGES, describe_progress
from pages.widgets.visitor import get_owner, warn_without_cookie
from pages.widgets.wording import escape_markdown, to_sentence

# Of the session: the id of the run that was kept last, what came of a request until that was shown,
# and the id of the request that was answered last.
KEPT, OUTCOME, ANSWERED = "kept_run", "kept_outcome", "kept_request"
# Seconds between two updates while it is trained.
INTERVAL = 1.0
CALIBRATED = "It is calibrated anew, so its confidence differs from that in the list above."


@dataclass(frozen=True)
class Outcome:
    """What came of a request to keep a lesson.

    Attributes:
        request: its id, which the browser has chosen.
        message: for the visitor, in Markdown.
        is_kept: whether there is a run.
    """

    request: str
    message: str
    is_kept: bool


def keep_taught(sent: Mapping[str, Any], cards: Sequence[ModelCard]) -> None:
    """Queue a run for a lesson, as ``pages/live/teach.js`` sends it with the id of the request.

    Streamlit calls this before the page, where nothing can be shown yet.
    """
    request = str(sent.get("request", ""))
    try:
        run = keep_lesson(sent.get("lesson", {}), cards, get_owner())
    except (LookupError, OSError, RuntimeError, ValueError) as error:
        st.session_state[OUTCOME] = Outcome(request, to_sentence(error), is_kept=False)
        return
    st.session_state[KEPT] = run.id
    message = f"“{escape_markdown(run.name)}” is one of your runs. Its state is below the table."
    st.session_state[OUTCOME] = Outcome(request, message, is_kept=True)


def announce_outcome() -> str:
    """Say in a toast, once, what came of a request; returns the id of the last one."""
    outcome = st.session_state.pop(OUTCOME, None)
    if outcome:
        st.session_state[ANSWERED] = outcome.request
        if outcome.is_kept:
            st.toast(outcome.message, icon=":material/check:")
        else:
            st.toast(outcome.message, icon=":material/error:", duration="long")
    return str(st.session_state.get(ANSWERED, ""))


def show_kept_run() -> None:
    """Show the run that was kept last, updated while it is trained."""
    job = _find_job()
    if job:
        with st.container(border=True, key="kept_run"):
            interval = INTERVAL if job.state.is_active else None
            st.fragment(_show_now, run_every=interval)(job.state.is_active)
            warn_without_cookie()


def _find_job() -> Job | None:
    """The run that was kept last: in this window, or else at all; None where there is none."""
    owner = get_owner()
    try:
        return get_job(st.session_state.get(KEPT, ""), owner)
    except UnknownRunError:  # nothing was kept since the page was loaded, or it was deleted
        last = find_last_kept(owner)
        return get_job(last.id, owner) if last else None


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
    elif job.state == State.FINISHED:
        st.caption(CALIBRATED)


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
