"""The visitor's trainings: the state, progress and results of each, and buttons to control it."""

from collections.abc import Callable, Sequence

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
from core.runs.progress import MEASURING, PREPARING, Example, Progress, Report
from pages.widgets.cache import get_cards
from pages.widgets.images import Picture, show_pictures
from pages.widgets.known_errors import show_known_errors
from pages.widgets.pickers import ONE_MODEL
from pages.widgets.wording import escape_markdown, format_interval, to_sentence, with_article

# Seconds between two updates while a training is active.
INTERVAL = 1.0
BADGES = {
    State.QUEUED: ":gray-badge[queued]",
    State.RUNNING: ":blue-badge[training]",
    State.STOPPING: ":orange-badge[stopping]",
    State.STOPPED: ":orange-badge[stopped]",
    State.FINISHED: ":green-badge[finished]",
    State.FAILED: ":red-badge[failed]",
    State.INTERRUPTED: ":red-badge[interrupted]",
}
CONFUSION_HEIGHT, PICTURE_SIDE = 380, 52  # pixels


def show_jobs(owner: str) -> None:
    """All trainings of the visitor, updated at intervals while one of them is active."""
    active = any(job.state.is_active for job in list_jobs(owner))
    st.fragment(_show_now, run_every=INTERVAL if active else None)(owner, active)


@show_known_errors()
def _show_now(owner: str, was_active: bool) -> None:
    start_next_if_idle()
    jobs = list_jobs(owner)
    if was_active and not any(job.state.is_active for job in jobs):
        st.rerun()
    if not jobs:
        st.info("You have not trained a model yet.", icon=":material/model_training:")
    for place, job in enumerate(jobs):
        _show_job(job, owner, unfolded=place == 0 or job.state != State.FINISHED)


def _show_job(job: Job, owner: str, *, unfolded: bool) -> None:
    with st.container(border=True, key=f"job_{job.run.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape_markdown(job.run.name)}** {BADGES[job.state]}", width="stretch")
            # On a phone, the buttons are in a row of their own.
            with st.container(horizontal=True, width="content"):
                _offer_actions(job, owner)
        if job.state == State.QUEUED:
            st.caption(f"Position {job.place} in the queue. One model is trained at a time.")
        if job.state in (State.RUNNING, State.STOPPING):
            _show_bars(job.progress)
        _explain_state(job)
        _show_log(job)
        _show_results(job)
        has_curve = job.progress.points if job.state.is_active else job.progress.validations
        if unfolded and has_curve:
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
        _link_to_model(job)


def _link_to_model(job: Job) -> None:
    """Links to draw for this model alone, and to compare it."""
    card = get_cards().get(job.run.id)
    if card is None:  # its files are damaged, which the Runs page explains
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
        st.progress(0.0, "Loading TensorFlow and the images …")
        return
    if progress.stage == MEASURING:
        st.progress(1.0, "Training is complete. Evaluating on the test images …")
        return
    st.progress(
        progress.step / progress.steps,
        f"Epoch {progress.epoch} of {progress.epochs}: batch {progress.step:,} of "
        f"{progress.steps:,}",
    )
    st.progress(progress.fraction, _format_time_left(progress.seconds_left))


def _explain_state(job: Job) -> None:
    """Why a training ended before its last epoch, and what to do."""
    if job.state == State.STOPPED and not job.card:
        st.info(
            "Stopped before the first epoch ended, so there is no model yet. Resume the training "
            "or delete it.",
            icon=":material/stop_circle:",
        )
    if job.state == State.INTERRUPTED:
        st.warning(
            "Training stopped unexpectedly: the process was killed or the machine shut down. "
            f"Resume it to continue after epoch {len(job.progress.validations)}.",
            icon=":material/power_off:",
        )
    if job.state == State.FAILED:
        st.error(to_sentence(ValueError(job.error)), icon=":material/error:")


def _show_log(job: Job) -> None:
    if job.log:
        with st.expander("Last lines of the log"):
            st.code(job.log, language=None, wrap_lines=True)


def _show_results(job: Job) -> None:
    """The accuracy of the trained model, compared with the model it started from."""
    if not job.card or job.state.is_active:
        return
    with st.container(horizontal=True):
        _show_accuracy("MNIST test", job.card.metrics["test_accuracy"])
        st.metric("Best epoch", job.card.best_epoch, width="content")
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
        _show_accuracy(
            "MNIST test, compared with before", report.test_after, before=report.test_before
        )


def _show_accuracy(title: str, after: Estimate, before: Estimate | None = None) -> None:
    change = round(100 * (after.value - before.value), 2) if before else None
    st.metric(
        title,
        f"{after.value:.2%}",
        delta="No change" if change == 0 else f"{change:+.2f} points" if change else None,
        delta_color="off" if change == 0 else "normal",
        delta_arrow="off" if change == 0 else "auto",
        help=f"95 % interval: {format_interval(after)}",
        width="content",
    )


def _show_learning(job: Job) -> None:
    """The learning curves, the confusion matrix, and digits that the last epoch changed."""
    progress = job.progress
    curves, matrix = st.columns([3, 2], gap="large")
    curves.plotly_chart(
        draw_learning(progress),
        key=f"learning_{job.run.id}",
        config={"displayModeBar": False},
        alt=_describe_learning(progress),
    )
    if not progress.confusion:
        return
    confusion = ConfusionMatrix(np.array(progress.confusion))
    with matrix:
        _show_confusion(job, confusion)
    correct = [example for example in progress.examples if example.label == example.predicted]
    wrong = [example for example in progress.examples if example.label != example.predicted]
    left, right = st.columns(2)
    with left:
        _show_examples("Newly correct", correct, confusion.total)
    with right:
        _show_examples("Newly misclassified", wrong, confusion.total)


def _show_confusion(job: Job, confusion: ConfusionMatrix) -> None:
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
        alt=f"Validation confusion matrix after epoch {len(job.progress.validations)}: "
        f"{confusion.correct:,} of {confusion.total:,} correct",
    )


def _show_examples(title: str, examples: Sequence[Example], total: int) -> None:
    if not examples:
        return
    st.caption(f"{title}, of {total:,} validation digits")
    show_pictures([_describe_example(example) for example in examples], width=PICTURE_SIDE)


def _describe_example(example: Example) -> Picture:
    label, predicted = example.label, example.predicted
    return Picture(
        png_address(example.image),
        f"{with_article(label)}, predicted as {predicted}".capitalize(),
        f"{label}" if label == predicted else f"{label} → {predicted}",
    )


def _describe_learning(progress: Progress) -> str:
    if not progress.validations:
        return "Loss and accuracy of the first epoch"
    last = progress.validations[-1]
    return (
        f"Loss and accuracy: after epoch {len(progress.validations)} the validation loss is "
        f"{last.loss:.3f} and the accuracy {last.accuracy:.2%}"
    )


def _format_time_left(seconds: float | None) -> str:
    if seconds is None:
        return "All epochs"
    if seconds < 90:
        return f"All epochs: about {seconds:.0f} s left"
    return f"All epochs: about {seconds / 60:.0f} min left"
