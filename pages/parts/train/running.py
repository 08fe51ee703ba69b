"""The visitor's trainings that wait or run, on top of the page, updated at intervals."""

from pathlib import Path

import streamlit as st

from core.runs.job_files import State
from core.runs.jobs import Job, has_active_job, list_jobs
from core.runs.launcher import start_next_if_idle
from core.runs.progress import MEASURING
from pages.parts.train.actions import show_header
from pages.parts.train.learning import show_learning
from pages.widgets.known_errors import show_known_errors
from pages.widgets.training_progress import describe_progress

# Seconds between two updates while a training is active.
INTERVAL = 1.0
# The key of the session that has the id of a run which was just started.
STARTED = "train_started"

_mount = st.components.v2.component(
    "scroll_here", js=Path(__file__).with_name("scroll_here.js").read_text("utf-8")
)


def show_running(jobs: list[Job], owner: str) -> None:
    """The active ones of the visitor's trainings; the browser scrolls to one just started."""
    active = [job.run.id for job in jobs if job.state.is_active]
    with st.container(key="running"):
        _mount(data={"subject": st.session_state.pop(STARTED, "")}, key="scroll_here", height=1)
        if not active and has_active_job(owner):
            st.page_link(
                "sweeps.py", label="One of your sweeps is training", icon=":material/tune:"
            )
        st.fragment(_show_now, run_every=INTERVAL if active else None)(owner, active)


@show_known_errors()
def _show_now(owner: str, active: list[str]) -> None:
    start_next_if_idle()
    jobs = [job for job in list_jobs(owner) if job.state.is_active]
    if [job.run.id for job in jobs] != active:  # one has ended, or was started in another window
        st.rerun()
    for job in jobs:
        with st.container(border=True, key=f"job_{job.run.id}"):
            show_header(job, owner)
            _show_state(job)
            if job.state != State.QUEUED and job.progress.points:
                show_learning(job)


def _show_state(job: Job) -> None:
    if job.state == State.QUEUED:
        st.progress(0.0, f"Waiting: position {job.place} in the queue. One model trains at a time.")
        return
    progress = job.progress
    fraction = 1.0 if progress.stage == MEASURING else progress.fraction
    st.progress(fraction, describe_progress(progress))
