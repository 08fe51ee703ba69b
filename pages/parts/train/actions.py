"""What the visitor can do with a training: buttons, and links to the trained model."""

from collections.abc import Callable

import streamlit as st

from core.runs.job_files import State
from core.runs.jobs import Job, remove, resume, stop
from core.runs.progress import MEASURING
from pages.widgets.cache import get_cards
from pages.widgets.pickers import ONE_MODEL, link_to_comparison
from pages.widgets.training_progress import BADGES
from pages.widgets.wording import escape_markdown, to_sentence


def show_header(job: Job, owner: str) -> None:
    """The name and the state of a training, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape_markdown(job.run.name)}** {BADGES[job.state]}", width="stretch")
        # On a phone, the buttons are in a row of their own.
        with st.container(horizontal=True, width="content"):
            _offer_actions(job, owner)


def _offer_actions(job: Job, owner: str) -> None:
    if job.state == State.RUNNING and job.progress.stage != MEASURING:
        _offer("Stop", ":material/stop:", stop, job, owner)
    if job.state.is_resumable:
        _offer("Resume", ":material/play_arrow:", resume, job, owner)
    if job.state == State.QUEUED:
        _offer("Remove from queue", ":material/playlist_remove:", remove, job, owner)
    elif job.state.is_resumable and not job.card:
        _offer("Delete", ":material/delete:", remove, job, owner)
    if job.card and not job.state.is_active:
        _link_to_model(job)


def _link_to_model(job: Job) -> None:
    """Links to draw for this model alone, and to compare it with the model it comes from."""
    cards = get_cards()
    card = cards.get(job.run.id)
    if card is None:  # its files are damaged, which the Runs page explains
        return
    st.page_link(
        "draw.py",
        label="Draw",
        icon=":material/draw:",
        query_params={"predict": ONE_MODEL, "model": card.title},
    )
    link_to_comparison(card, job.run.plan, cards)


def _offer(label: str, icon: str, act: Callable[[str, str], None], job: Job, owner: str) -> None:
    if st.button(label, icon=icon, key=f"{act.__name__}_{job.run.id}"):
        try:
            act(job.run.id, owner)
        except (LookupError, OSError, RuntimeError, ValueError) as error:
            st.error(to_sentence(error), icon=":material/error:")
        else:
            st.rerun()
