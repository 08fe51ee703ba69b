"""The visitor's trainings: how far each has come, what it learned, and how to stop it."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.analysis.confusion import ConfusionMatrix
from core.figures.confusion import draw_confusion
from core.figures.digit import png_address
from core.figures.learning import draw_learning
from core.models.card import Estimate
from core.runs.job_files import State
from core.runs.jobs import Job, list_jobs, remove, resume, stop
from core.runs.launcher import start_next_if_idle
from core.runs.progress import MEASURING, PREPARING, Progress, Report
from pages.widgets.cache import get_cards
from pages.widgets.images import Picture, show_pictures
from pages.widgets.pickers import ONE_MODEL
from pages.widgets.wording import to_sentence, with_article

# Seconds between two looks while something is trained.
INTERVAL = 1.0
WORDS = {
    State.QUEUED: ":gray-badge[waits]",
    State.RUNNING: ":blue-badge[is trained]",
    State.STOPPING: ":orange-badge[stops]",
    State.STOPPED: ":orange-badge[stopped]",
    State.FINISHED: ":green-badge[finished]",
    State.FAILED: ":red-badge[failed]",
    State.INTERRUPTED: ":red-badge[interrupted]",
}
CONFUSION_HEIGHT, PICTURE_SIDE = 380, 52


def show_jobs(owner: str) -> None:
    """All of them, looked at again and again while any is under way."""
    active = any(job.state.is_active for job in list_jobs(owner))
    st.fragment(_show_now, run_every=INTERVAL if active else None)(owner, active)


def _show_now(owner: str, was_active: bool) -> None:
    start_next_if_idle()
    jobs = list_jobs(owner)
    if was_active and not any(job.state.is_active for job in jobs):
        st.rerun()
    if not jobs:
        st.info("Nothing was trained here yet.", icon=":material/model_training:")
    for place, job in enumerate(jobs):
        _show_job(job, owner, unfolded=place == 0 or job.state != State.FINISHED)


def _show_job(job: Job, owner: str, *, unfolded: bool) -> None:
    with st.container(border=True, key=f"job_{job.run.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{job.run.name}** {WORDS[job.state]}", width="stretch")
            # On a phone, in a row of their own.
            with st.container(horizontal=True, width="content"):
                _offer_actions(job, owner)
        if job.state == State.QUEUED:
            st.caption(f"Number {job.place} in the queue: one is trained at a time.")
        if job.state in (State.RUNNING, State.STOPPING):
            _show_bars(job.progress)
        _show_end(job)
        begun = job.progress.points if job.state.is_active else job.progress.validations
        if unfolded and begun:
            _show_learning(job)


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
        _lead_on(job)


def _lead_on(job: Job) -> None:
    """To the pad with this model alone, and to what else can be done with it."""
    card = get_cards().get(job.run.id)
    if card is None:  # damaged, which the page of runs explains
        return
    st.page_link(
        "draw.py",
        label="Draw",
        icon=":material/draw:",
        query_params={"predict": ONE_MODEL, "model": card.title},
    )
    st.page_link(
        "runs.py",
        label="Compare",
        icon=":material/compare_arrows:",
        query_params={"run": card.title},
    )


def _offer(label: str, icon: str, act: Callable[[str, str], None], job: Job, owner: str) -> None:
    if st.button(label, icon=icon, key=f"{act.__name__}_{job.run.id}"):
        try:
            act(job.run.id, owner)
        except (LookupError, OSError, RuntimeError, ValueError) as error:
            st.error(to_sentence(error), icon=":material/error:")
        else:
            st.rerun()


def _show_bars(progress: Progress) -> None:
    if progress.stage == PREPARING:
        st.progress(0.0, "Getting ready: TensorFlow and the images are loaded …")
        return
    if progress.stage == MEASURING:
        st.progress(1.0, "Trained. It is measured on the test images …")
        return
    st.progress(
        progress.step / progress.steps,
        f"Epoch {progress.epoch} of {progress.epochs}: batch {progress.step:,} of "
        f"{progress.steps:,}",
    )
    st.progress(progress.share, _say_left(progress.seconds_left))


def _show_end(job: Job) -> None:
    """What came of it."""
    if job.state == State.STOPPED and not job.card:
        st.info(
            "Stopped before its first epoch ended: there is nothing to keep yet. Resume or delete "
            "it.",
            icon=":material/stop_circle:",
        )
    if job.state == State.INTERRUPTED:
        st.warning(
            "The trainer ended without a word: it was killed, or the machine stopped. Resume goes "
            f"on after epoch {len(job.progress.validations)}.",
            icon=":material/power_off:",
        )
    if job.state == State.FAILED:
        st.error(to_sentence(ValueError(job.error)), icon=":material/error:")
    if job.log:
        with st.expander("Its last lines"):
            st.code(job.log, language=None, wrap_lines=True)
    if job.card and not job.state.is_active:
        with st.container(horizontal=True):
            _show_accuracy("MNIST test", job.card.metrics["test_accuracy"])
            st.metric("Epoch kept", job.card.best_epoch, width="content")
            if job.report:
                _show_report(job.report)


def _show_report(report: Report) -> None:
    if report.drawings_after:
        _show_accuracy(
            f"Your {report.held_out} newest drawings",
            report.drawings_after,
            before=report.drawings_before,
        )
    if report.test_before:
        _show_accuracy("MNIST test, against before", report.test_after, before=report.test_before)


def _show_accuracy(title: str, after: Estimate, before: Estimate | None = None) -> None:
    change = after.value - before.value if before else None
    st.metric(
        title,
        f"{after.value:.2%}",
        delta=None if change is None else f"{100 * change:+.2f} points",
        help=f"95 % interval: {after.low:.2%} to {after.high:.2%}",
        width="content",
    )


def _show_learning(job: Job) -> None:
    """The curves, the confusion matrix growing up, and digits it changed its mind about."""
    progress = job.progress
    left, right = st.columns([3, 2], gap="large")
    left.plotly_chart(
        draw_learning(progress),
        key=f"learning_{job.run.id}",
        config={"displayModeBar": False},
        alt=_describe_learning(progress),
    )
    if not progress.confusion:
        return
    confusion = ConfusionMatrix(np.array(progress.confusion))
    with right:
        st.plotly_chart(
            draw_confusion(
                confusion,
                as_shares=False,
                hide_diagonal=False,
                dark=st.context.theme.type == "dark",
                height=CONFUSION_HEIGHT,
            ),
            key=f"confusion_{job.run.id}",
            config={"displayModeBar": False},
            alt=f"Validation confusion matrix after epoch {len(progress.validations)}: "
            f"{confusion.correct:,} of {confusion.total:,} right",
        )
    sides = zip(st.columns(2), ("Just got right", "Just got wrong"), (True, False), strict=True)
    for side, title, right_now in sides:
        examples = [one for one in progress.examples if (one.label == one.said) == right_now]
        if not examples:
            continue
        with side:
            st.caption(f"{title}, of {confusion.total:,} validation digits")
            show_pictures(
                [
                    Picture(
                        png_address(one.image),
                        f"{with_article(one.label)}, read as {one.said}".capitalize(),
                        f"{one.label}" if right_now else f"{one.label}, not {one.said}",
                    )
                    for one in examples
                ],
                width=PICTURE_SIDE,
            )


def _describe_learning(progress: Progress) -> str:
    if not progress.validations:
        return "Loss and accuracy of the first epoch"
    last = progress.validations[-1]
    return (
        f"Loss and accuracy: after epoch {len(progress.validations)} validation loss is "
        f"{last.loss:.3f}, accuracy {last.accuracy:.2%}"
    )


def _say_left(seconds: float | None) -> str:
    if seconds is None:
        return "The whole run"
    if seconds < 90:
        return f"The whole run: about {seconds:.0f} s left"
    return f"The whole run: about {seconds / 60:.0f} min left"
