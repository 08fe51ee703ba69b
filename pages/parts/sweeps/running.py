"""A sweep of the visitor that waits or runs: its progress, with buttons to stop and resume it."""

from collections import Counter
from collections.abc import Callable

import streamlit as st

from core.runs.job_files import State
from core.runs.jobs import Job, list_jobs
from core.runs.launcher import start_next_if_idle
from core.runs.store import MAX_RUNS
from core.runs.sweep_jobs import resume_sweep, stop_sweep
from pages.widgets.known_errors import show_known_errors
from pages.widgets.training_progress import describe_progress
from pages.widgets.wording import escape_markdown, to_sentence

# Seconds between two updates while a trial is active.
INTERVAL = 1.0


def show_sweep_progress(sweep_id: str, owner: str) -> None:
    """How many trials have ended, the trial in training, and buttons to stop or resume them."""
    jobs = _list_trials(sweep_id, owner)
    if not jobs:  # it is everybody's: a command trains it
        return
    active = any(job.state.is_active for job in jobs)
    fragment = st.fragment(_show_now, run_every=INTERVAL if active else None)
    fragment(sweep_id, owner, _summarise(jobs))


def _list_trials(sweep_id: str, owner: str) -> list[Job]:
    return list_jobs(owner, max_jobs=MAX_RUNS, sweep=sweep_id)


@show_known_errors()
def _show_now(sweep_id: str, owner: str, before: Counter[State]) -> None:
    start_next_if_idle()
    jobs = _list_trials(sweep_id, owner)
    states = _summarise(jobs)
    if states != before:  # the figure and the table of the page show more, or updates end
        st.rerun()
    ended = states[State.FINISHED]
    with st.container(key="sweep_progress", horizontal=True, vertical_alignment="center"):
        st.progress(ended / len(jobs), f"{ended} of {len(jobs)} trials are trained.{_tell(jobs)}")
        if any(state.is_active for state in states):
            _offer("Stop", ":material/stop:", stop_sweep, sweep_id, owner)
        elif any(state.is_resumable for state in states):
            _offer("Resume", ":material/play_arrow:", resume_sweep, sweep_id, owner)
    for job in jobs:
        if job.state == State.FAILED:
            st.error(
                f"{escape_markdown(job.run.name)} failed: {to_sentence(ValueError(job.error))}",
                icon=":material/error:",
            )


def _summarise(jobs: list[Job]) -> Counter[State]:
    return Counter(job.state for job in jobs)


def _tell(jobs: list[Job]) -> str:
    """What the trial in training does; empty where none is."""
    for job in jobs:
        if job.state == State.STOPPING:
            return " Stopping."
        if job.state == State.RUNNING:
            return f" {escape_markdown(job.run.name)} · {describe_progress(job.progress)}"
    waiting = [job.place for job in jobs if job.state == State.QUEUED]
    return f" Waiting: position {min(waiting)} in the queue." if waiting else ""


def _offer(
    label: str, icon: str, act: Callable[[str, str], None], sweep_id: str, owner: str
) -> None:
    if st.button(label, icon=icon, key=f"{act.__name__}_{sweep_id}"):
        try:
            act(sweep_id, owner)
        except (LookupError, OSError, RuntimeError, ValueError) as error:
            st.error(to_sentence(error), icon=":material/error:")
        else:
            st.rerun()
