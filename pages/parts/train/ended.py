"""The visitor's trainings that have ended: how, and the accuracy of the models."""

import streamlit as st

from core.models.card import Estimate
from core.runs.job_files import State
from core.runs.jobs import Job
from core.runs.progress import Report
from pages.parts.train.actions import show_header
from pages.parts.train.afterwards import show_afterwards
from pages.parts.train.learning import show_learning
from pages.widgets.test_sets import name_test_set
from pages.widgets.wording import format_interval, title_best_epoch, to_sentence


def show_ended(jobs: list[Job], owner: str) -> None:
    """Trainings that have ended; the curves of the first one and of those without success.

    What the first one was good for is shown too, and of the others it is folded.
    """
    for place, job in enumerate(jobs):
        with st.container(border=True, key=f"job_{job.run.id}"):
            show_header(job, owner)
            _explain_state(job)
            _show_log(job)
            _show_results(job)
            unfolded = place == 0 or job.state != State.FINISHED
            if unfolded and job.progress.validations:
                show_learning(job)
            show_afterwards(job, folded=place > 0)


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
            "Training stopped unexpectedly: the process was killed, the machine shut down, or its "
            "disk was full. "
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
    if not job.card:
        return
    with st.container(horizontal=True):
        digits = sum(map(sum, job.card.test_confusion))
        _show_accuracy(
            f"Accuracy, {name_test_set(job.card)}",
            job.card.metrics["test_accuracy"],
            help=f"Measured on {digits:,} digits. ",
        )
        st.metric(title_best_epoch(job.card), job.card.best_epoch, width="content")
        if job.report:
            _show_report(job.report, name_test_set(job.card))


def _show_report(report: Report, test_set: str) -> None:
    if report.drawings_after:
        _show_accuracy(
            "Your held-out drawings",
            report.drawings_after,
            before=report.drawings_before,
            help=f"Measured on {report.held_out} of your drawings that this run has not learned. ",
        )
    if report.test_before:
        _show_accuracy(
            f"{test_set}, compared with before", report.test_after, before=report.test_before
        )


def _show_accuracy(
    title: str, after: Estimate, before: Estimate | None = None, *, help: str = ""
) -> None:
    change = round(100 * (after.value - before.value), 2) if before else None
    st.metric(
        title,
        f"{after.value:.2%}",
        delta="No change" if change == 0 else f"{change:+.2f} points" if change else None,
        delta_color="off" if change == 0 else "normal",
        delta_arrow="off" if change == 0 else "auto",
        help=f"{help}95% interval: {format_interval(after)}",
        width="content",
    )
