"""Training a run: from its plan to its model directory.

The files of a run hold its progress, the reason of a failure and the trained model.
"""

import shutil
import time
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.analysis.metrics import estimate_accuracy
from core.atomic_files import explain_full_disk, write_atomically
from core.counts import describe_count
from core.digits.datasets import Dataset
from core.inference.classifier import Classifier, load_classifier
from core.models import files, publish
from core.models.card import Estimate, ModelCard, PublishedResult
from core.models.files import runs_directory
from core.runs.durations import load_durations, save_duration
from core.runs.forecast import COPIES_BEFORE, count_copies, count_predicted
from core.runs.job_files import DRAWINGS, REPORT, State
from core.runs.launcher import release
from core.runs.learned_drawings import drop_learned, list_learned, list_training_data
from core.runs.lesson import Lesson, digest_drawings
from core.runs.plan import TrainingPlan
from core.runs.progress import MEASURING, PREPARING, Report
from core.runs.recipe import Recipe
from core.runs.run import JOB_DIRECTORY, Run, load_run
from core.runs.samples import choose_rehearsal
from core.runs.speeds import find_speeds, save_speeds
from core.runs.training_data import (
    BUNDLED_DIGITS,
    MY_DRAWINGS,
    MY_DRAWINGS_TEST,
    TAUGHT_DRAWINGS,
    TITLES,
    Split,
    drop_repeated,
    hold_out,
    split_bundled_digits,
    split_drawings,
    split_mnist,
    take,
)
from core.training.architectures import build_from_layers
from core.training.callbacks import Reporter, StoppedEarlyError, weights_file
from core.training.fitting import BACKUP_DIRECTORY, Task, fit
from core.training.measurement import Sample, load_samples, measure
from core.training.stopwatch import Stopwatch
from core.training.weights import save_weights
from core.training.zoo import EnsembleRecipe, LessonRecipe, ZooEntry, find_entry

# Of augmented copies; runs of earlier versions have it under this name too.
COPIES_DIRECTORY = "rounds"


@dataclass(frozen=True, eq=False)
class Drawings:
    """The owner's drawings: some to train on, and others held out to measure the effect.

    Those of a lesson are all learned.

    Attributes:
        weight: how many times each of ``learned`` is added to the training images.
    """

    learned: Dataset
    held_out: Dataset
    weight: int


def train_run(run_id: str, lock: int) -> bool:
    """Train a run, or resume it, and write the outcome into its files.

    Args:
        run_id: of an existing run.
        lock: what ``acquire`` returned for it; it is released at the end.

    Returns:
        Whether the training ended without a failure.
    """
    run = load_run(run_id)
    job = runs_directory() / run_id / JOB_DIRECTORY
    state, error = State.FAILED, ""
    try:
        state = State.STOPPED if make_model(run, job) else State.FINISHED
    except (FileNotFoundError, ValueError) as problem:
        traceback.print_exc()
        error = str(problem)
    except Exception as problem:  # its owner sees nothing but this message
        traceback.print_exc()
        failure = f"Training failed with {type(problem).__name__}: {problem}"
        error = explain_full_disk(problem) or failure
    finally:
        if state == State.FAILED:  # they are large, and made again where the run is resumed
            shutil.rmtree(job / COPIES_DIRECTORY, ignore_errors=True)
        release(run_id, lock, state, error)
    return state != State.FAILED


def make_model(run: Run, job: Path) -> bool:
    """Fit, measure and publish a run, or resume an earlier attempt.

    Nothing is published of a run that is stopped before its first epoch has ended.

    Args:
        run: what to train.
        job: its job directory, which no other process uses.

    Returns:
        Whether it was stopped before the last epoch.
    """
    begun = time.monotonic()
    plan = TrainingPlan.from_fields(run.plan)
    durations = load_durations()
    reporter = Reporter(job, measuring_seconds=durations.measuring)
    reporter.write(stage=PREPARING, epochs=plan.recipe.epochs, seconds_left=None)
    used = [_load_used_card(model_id) for model_id in plan.used_models]
    if plan.uses_drawings and (job.parent / files.CARD_FILE).exists():
        # It was stopped, and may have learned from other drawings in an earlier version.
        with suppress(files.DamagedArtifactError):  # the card is replaced
            used.append(files.load_card(run.id))
    split = _load_split(job, plan, used)
    drawings = _load_added_drawings(job, plan, used)
    learned = list_learned(_list_own_drawings(split, drawings), used)
    if drawings:
        split = _join(split, drawings)
    entry = build_entry(run, plan)
    if not run.description:
        entry = replace(entry, description=_describe(plan, len(split.training)))
    stopwatch, speeds = Stopwatch(), None if plan.lesson else find_speeds(plan)
    if speeds:
        copies = min(COPIES_BEFORE, count_copies(plan.recipe))
        reporter.write(seconds_left=copies * len(split.training) * speeds.copy_image)
    task = Task(
        entry=entry,
        training=split.training,
        validation=split.validation,
        staging=job,
        copies=job / COPIES_DIRECTORY,
        models=None,
        start_from=_find_weights(plan.start_from) if plan.start_from else None,
        reporter=reporter,
        stopwatch=stopwatch,
        speeds=speeds,
    )
    try:
        fitted = fit(entry.recipe, task)
    except StoppedEarlyError:
        _clean(job, resumable=True)
        return True
    reporter.write(stage=MEASURING, seconds_left=durations.measuring)
    started = time.monotonic()
    samples = load_samples(split)
    card = measure(entry, fitted, split, samples, job, duration=reporter.seconds)
    save_weights(fitted.model, job)
    weights = publish.digest_files(job, [files.WEIGHTS_FILE])
    card = replace(card, files={**card.files, **weights}, learned_drawings=learned)
    if reporter.stopped:
        card = replace(card, description=f"{card.description} Stopped before the last of them.")
    publish.publish_files(job, card, job.parent)
    if plan.uses_drawings or plan.lesson:
        before = plan.start_from or plan.architecture
        after = load_classifier(run.id, runs_directory())
        report = _compare(after, before, split, drawings, samples[split.test.id])
        write_atomically(job / REPORT, report.to_json())
    save_duration(measuring=time.monotonic() - started)
    _clean(job, resumable=reporter.stopped)
    if len(stopwatch.laps) == plan.recipe.epochs:  # it was neither stopped nor resumed
        seconds = time.monotonic() - begun
        _save_speeds(plan, stopwatch, split, seconds=seconds)
    return reporter.stopped


def _save_speeds(plan: TrainingPlan, stopwatch: Stopwatch, split: Split, *, seconds: float) -> None:
    """Keep what the parts of a whole training took, to forecast the time of the next."""
    images = len(split.training)
    predicted = count_predicted(images, len(split.validation))
    speeds = stopwatch.compute_speeds(seconds=seconds, images=images, predicted=predicted)
    if speeds:
        with suppress(OSError):  # the model is what counts
            save_speeds(plan, speeds)


def build_entry(run: Run, plan: TrainingPlan) -> ZooEntry:
    """The architecture and the recipe of a plan, in the form of a zoo entry.

    Raises:
        ValueError: its architecture is not in the zoo, or not trained by Keras.
    """
    base = find_entry(plan.architecture) if plan.architecture else None
    if base and not _can_train(base, plan):
        raise ValueError(f"{base.title} is not trained by Keras; choose another model")
    return ZooEntry(
        id=run.id,
        title=run.name.strip(),
        description=run.description,
        build=base.build if base else lambda: build_from_layers(plan.layers),
        recipe=_choose_recipe(plan),
        published=PublishedResult(None, "nobody yet"),
    )


def _can_train(base: ZooEntry, plan: TrainingPlan) -> bool:
    """Whether Keras trains a model of the zoo, or its last layer for a lesson."""
    if plan.lesson:
        return not isinstance(base.recipe, EnsembleRecipe)
    return isinstance(base.recipe, Recipe)


def _choose_recipe(plan: TrainingPlan) -> Recipe | LessonRecipe:
    if plan.lesson and plan.start_from:
        return LessonRecipe(plan.start_from, plan.lesson.drawings, plan.lesson.steps)
    recipe = plan.recipe
    # The card names as many copies as were used.
    return replace(recipe, augmented_copies=min(recipe.epochs, recipe.augmented_copies))


def _describe(plan: TrainingPlan, images: int) -> str:
    if plan.lesson:
        return _describe_lesson(plan.lesson, images)
    epochs = describe_count(plan.recipe.epochs, "epoch")
    return f"Trained on {images:,} images ({TITLES[plan.training_data]}) in {epochs}."


def _describe_lesson(lesson: Lesson, images: int) -> str:
    drawings = describe_count(lesson.drawings, "drawing")
    steps = describe_count(lesson.steps, "step")
    return (
        f"Its last layer was taught {drawings} on the Draw page, in {steps}. It also learned "
        f"{images - lesson.drawings:,} digits again, so that it forgets less."
    )


def _load_split(job: Path, plan: TrainingPlan, used: Sequence[ModelCard]) -> Split:
    """The training data of a plan, with all that the models which it uses were trained on."""
    if plan.training_data == MY_DRAWINGS:
        split = split_drawings(_load_drawings(job))
        split = replace(split, test=drop_learned(split.test, used))
        if not len(split.test):
            raise ValueError("No drawing is left to test this run on. Train it anew")
    elif plan.training_data == BUNDLED_DIGITS:
        split = split_bundled_digits()
    else:
        split = split_mnist()
        split = replace(split, training=take(split.training, slice(plan.images)))
    if plan.lesson:
        split = replace(split, training=choose_rehearsal(split.training))
    return replace(split, trained_on=list_training_data(split.trained_on, used))


def _list_own_drawings(split: Split, added: Drawings | None) -> list[Dataset]:
    """The drawings that a run is trained or validated on."""
    if added:
        return [added.learned]
    alone = split.test.id == MY_DRAWINGS_TEST
    return [split.training, split.validation] if alone else []


def _load_used_card(model_id: str) -> ModelCard:
    """The card of the model to start from, or of a teacher: a run may be deleted meanwhile."""
    try:
        return files.load_card(model_id)
    except FileNotFoundError as error:
        if not files.is_run(model_id):
            raise
        raise ValueError(
            "A run that this training learns from or starts from was deleted. Restore it on the "
            "Runs page and resume the training, or train without it"
        ) from error


def _load_added_drawings(
    job: Path, plan: TrainingPlan, used: Iterable[ModelCard]
) -> Drawings | None:
    if plan.lesson:
        return _load_taught_drawings(job, plan.lesson)
    if not plan.drawing_weight:
        return None
    learned, held_out = hold_out(_load_drawings(job))
    return Drawings(learned, drop_learned(held_out, used), weight=plan.drawing_weight)


def _load_taught_drawings(job: Path, lesson: Lesson) -> Drawings:
    drawings = replace(_load_drawings(job), id=TAUGHT_DRAWINGS)
    if digest_drawings(drawings) != lesson.digest:
        raise ValueError("The drawings of this run are damaged. Delete it and teach again")
    return Drawings(drawings, take(drawings, slice(0)), weight=1)


def _load_drawings(job: Path) -> Dataset:
    with np.load(job / DRAWINGS, allow_pickle=False) as arrays:
        drawings = Dataset(MY_DRAWINGS, "My drawings", arrays["images"], arrays["labels"])
    return drop_repeated(drawings)


def _join(split: Split, drawings: Drawings) -> Split:
    training, learned = split.training, drawings.learned
    training = replace(
        training,
        images=np.concatenate([training.images, *[learned.images] * drawings.weight]),
        labels=np.concatenate([training.labels, *[learned.labels] * drawings.weight]),
    )
    trained_on = tuple(dict.fromkeys([*split.trained_on, learned.id]))
    return replace(split, training=training, trained_on=trained_on)


def _find_weights(model_id: str) -> Path:
    files.read_file(model_id, files.KERAS_FILE)  # only to check its digest
    return files.locate_model(model_id) / files.KERAS_FILE


def _compare(
    after: Classifier, before_id: str | None, split: Split, drawings: Drawings | None, test: Sample
) -> Report:
    """Accuracy on the test set and on held-out drawings, before and after training."""
    before = load_classifier(before_id) if before_id else None
    held_out = drawings.held_out if drawings else take(split.test, slice(0))
    others = Sample(held_out.labels, held_out.frames)

    def measure_accuracy(classifier: Classifier | None, sample: Sample) -> Estimate | None:
        if classifier is None or not len(sample.labels):
            return None
        return estimate_accuracy(sample.labels, classifier.probabilities(sample.frames))

    return Report(
        compared_with=before_id,
        joined=len(drawings.learned if drawings else split.training),
        held_out=len(held_out),
        drawings_before=measure_accuracy(before, others),
        drawings_after=measure_accuracy(after, others),
        test_before=measure_accuracy(before, test),
        test_after=estimate_accuracy(test.labels, after.probabilities(test.frames)),
    )


def _clean(job: Path, *, resumable: bool) -> None:
    """Remove files that are no longer needed; those that resume a stopped run stay."""
    names: Sequence[str] = (
        files.CARD_FILE,
        files.KERAS_FILE,
        files.LITERT_FILE,
        files.WEIGHTS_FILE,
        files.TEST_PROBABILITIES_FILE,
    )
    shutil.rmtree(job / COPIES_DIRECTORY, ignore_errors=True)
    if not resumable:
        names = (*names, files.HISTORY_FILE, files.VALIDATION_CONFUSIONS_FILE, DRAWINGS)
        names = (*names, *(file.name for file in job.glob(weights_file(job, "*").name)))
        shutil.rmtree(job / BACKUP_DIRECTORY, ignore_errors=True)
    for name in names:
        (job / name).unlink(missing_ok=True)
