"""The learning curves of a training, its confusion matrix, and digits that an epoch changed."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.analysis.confusion import ConfusionMatrix
from core.figures.confusion import draw_confusion
from core.figures.digit import png_address
from core.figures.learning import draw_learning
from core.runs.jobs import Job
from core.runs.plan import TrainingPlan
from core.runs.progress import Example, Progress
from pages.widgets.images import Picture, show_pictures
from pages.widgets.wording import with_article

PICTURE_SIDE = 52  # pixels


def show_learning(job: Job) -> None:
    """The learning curves, the confusion matrix, and digits that the last epoch changed."""
    progress = job.progress
    curves, matrix = st.columns([3, 2], gap="large")
    with curves:
        st.plotly_chart(
            draw_learning(progress),
            key=f"learning_{job.run.id}",
            config={"displayModeBar": False},
            alt=_describe_learning(progress),
        )
        _explain_training(job)
    if not progress.confusion:
        return
    confusion = ConfusionMatrix(np.array(progress.confusion))
    with matrix:
        _show_confusion(job, confusion)
    correct = [example for example in progress.examples if example.label == example.predicted]
    wrong = [example for example in progress.examples if example.label != example.predicted]
    epoch = f"epoch {len(progress.validations)}"
    left, right = st.columns(2)
    with left:
        _show_examples(f"became correct in {epoch}", correct)
    with right:
        _show_examples(f"became misclassified in {epoch}", wrong)


def _explain_training(job: Job) -> None:
    """Why the figures of training are worse than those of validation, in a sentence."""
    images = job.progress.unchanged_images
    if not images:
        return
    recipe = TrainingPlan.from_fields(job.run.plan).recipe
    reasons = ["while the weights still change"]
    if recipe.teachers:
        reasons.insert(0, "against the probabilities of a teacher, which are never certain")
    if recipe.applied_amounts:
        reasons.insert(0, "on augmented images, which are harder")
    st.caption(
        f"*Training* is measured {', '.join(reasons)}, so its loss can be above that of "
        "validation. *Training, unchanged images* is measured as validation is: after each epoch, "
        f"on {images:,} training images as they are."
    )


def _show_confusion(job: Job, confusion: ConfusionMatrix) -> None:
    st.plotly_chart(
        draw_confusion(
            confusion,
            as_shares=False,
            hide_diagonal=False,
            dark=st.context.theme.type == "dark",
        ),
        key=f"confusion_{job.run.id}",
        config={"displayModeBar": False},
        alt=f"Validation confusion matrix after epoch {len(job.progress.validations)}: "
        f"{confusion.correct:,} of {confusion.total:,} correct",
    )


def _show_examples(what: str, examples: Sequence[Example]) -> None:
    if not examples:
        return
    st.caption(f"Validation digits that {what}")
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
    described = (
        f"Loss and accuracy: after epoch {len(progress.validations)} the validation loss is "
        f"{last.loss:.3f} and the accuracy {last.accuracy:.2%}"
    )
    if last.unchanged_accuracy is None:
        return described
    return (
        f"{described}; on unchanged training images the accuracy is {last.unchanged_accuracy:.2%}"
    )
