"""Advice: what to try after a training, by one simple rule each.

A rule looks at the figures of one ended training and proposes a plan that differs in a setting or
two. To add a rule, write a function and list it in ``RULES``. This module does not know how a plan
is trained.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from core.analysis.findings.finding import Finding
from core.analysis.metrics import estimate_share
from core.analysis.slices import parse_slice
from core.counts import describe_count
from core.models.card import MNIST, Estimate, ModelCard
from core.runs.plan import (
    PLAN_SETTINGS,
    TrainingPlan,
    change_settings,
    get_setting,
)
from core.runs.progress import Progress, Validation
from core.runs.proposals import propose_plan
from core.runs.recipe import MAX_AUGMENTED_COPIES, MAX_EPOCHS_ON_PAGE, USUAL_TEMPERATURE

MAX_ADVICE = 3
# In a shorter training, one epoch says little about the others.
MIN_EPOCHS_TO_SHORTEN = 4
MORE_IMAGES = 5
# By measure: the distortion that gives the training images other values of it.
DISTORTIONS = {
    "area": "stroke thickness",
    "thickness": "stroke thickness",
    "slant": "slant",
    "width": "size",
    "height": "size",
    "contrast": "defects",
    "right": "position",
    "down": "position",
}


@dataclass(frozen=True)
class EndedTraining:
    """What the rules look at.

    Attributes:
        plan: what was trained, and how.
        progress: its last state.
        card: of the trained model.
        trainable: cards of the built-in models that can be trained, by id.
        weak: slices in which another model is better, the worst first.
    """

    plan: TrainingPlan
    progress: Progress
    card: ModelCard
    trainable: Mapping[str, ModelCard] = field(default_factory=dict)
    weak: Sequence[Finding] = ()

    @property
    def validations(self) -> tuple[Validation, ...]:
        """One for each epoch that was trained."""
        return self.progress.validations

    @property
    def best(self) -> Validation:
        """That of the best epoch."""
        return self.validations[self.card.best_epoch - 1]

    @property
    def training_accuracy(self) -> Estimate | None:
        """On unchanged training images, after the best epoch; None where it was not measured."""
        accuracy = self.best.unchanged_accuracy
        if accuracy is None:
            return None
        images = self.progress.unchanged_images
        return estimate_share(round(accuracy * images), images)

    @property
    def validation_accuracy(self) -> Estimate:
        """On the validation set, after the best epoch."""
        return self.card.metrics["validation_accuracy"]

    @property
    def test_accuracy(self) -> Estimate:
        """On its test set."""
        return self.card.metrics["test_accuracy"]

    @property
    def is_overfitted(self) -> bool:
        """Whether the intervals of training and validation accuracy do not overlap."""
        training = self.training_accuracy
        return training is not None and training.low > self.validation_accuracy.high

    @property
    def comparable(self) -> dict[str, ModelCard]:
        """The trainable models with the same test set, the most accurate first."""
        same = {name: card for name, card in self.trainable.items() if self._is_comparable(card)}
        return dict(sorted(same.items(), key=lambda item: -_get_test_accuracy(item[1]).value))

    def _is_comparable(self, card: ModelCard) -> bool:
        return card.test_set == self.card.test_set


@dataclass(frozen=True)
class Advice:
    """What to try next.

    Attributes:
        reason: the figures that it rests on, in a sentence.
        action: what to do, as the label of a link.
        plan: the plan that does it.
    """

    reason: str
    action: str
    plan: TrainingPlan


def advise(training: EndedTraining) -> list[Advice]:
    """At most ``MAX_ADVICE`` proposals, the most important first.

    There is none for a lesson, which no setting changes, or without the figures of the epochs.
    """
    epochs = len(training.validations)
    if training.plan.lesson or not 1 <= training.card.best_epoch <= epochs:
        return []
    found: list[Advice] = []
    for advice in filter(None, (rule(training) for rule in RULES)):
        if advice.plan not in [earlier.plan for earlier in found]:
            found.append(advice)
    return found[:MAX_ADVICE]


def find_distortion(scope: str) -> str | None:
    """The distortion for the first measure of a slice that has one; None without."""
    measures = (range_.measure for range_ in parse_slice(scope).ranges)
    return next((DISTORTIONS[one] for one in measures if one in DISTORTIONS), None)


def label_training(distortion: str) -> str:
    """The label of a link to a training with this distortion doubled."""
    return f"Train with stronger augmentation: {distortion}"


def train_longer(training: EndedTraining) -> Advice | None:
    """More epochs, where the last of all planned ones was the best."""
    epochs = training.plan.recipe.epochs
    target = min(2 * epochs, MAX_EPOCHS_ON_PAGE)
    if training.card.best_epoch != epochs or target <= epochs:
        return None
    return Advice(
        f"The last epoch was the best, with a validation loss of {training.best.loss:.3f}.",
        f"Train for {target} epochs",
        change_settings(training.plan, epochs=target),
    )


def stop_earlier(training: EndedTraining) -> Advice | None:
    """Fewer epochs, where the validation loss was lowest in the first half of them."""
    best, epochs = training.card.best_epoch, len(training.validations)
    last = training.validations[-1].loss
    if epochs < MIN_EPOCHS_TO_SHORTEN or best > epochs / 2:
        return None
    return Advice(
        f"The validation loss was lowest after epoch {best} of {epochs}: "
        f"{training.best.loss:.3f}. It was {last:.3f} after the last one. A lower learning "
        "rate may help too.",
        f"Train for {describe_count(best, 'epoch')}",
        change_settings(training.plan, epochs=best),
    )


def augment_images(training: EndedTraining) -> Advice | None:
    """Augmentation, where the model is overfitted without."""
    if not training.is_overfitted or training.plan.recipe.augmentation:
        return None
    return Advice(
        _describe_overfitting(training),
        "Train with augmentation",
        change_settings(training.plan, augmentation=True),
    )


def use_more_images(training: EndedTraining) -> Advice | None:
    """More of MNIST's training images, where the model is overfitted in spite of augmentation."""
    plan = training.plan
    if not training.is_overfitted or not plan.recipe.augmentation:
        return None
    if not _has_more_images(plan):
        return None
    described = PLAN_SETTINGS["train_fraction"]
    fraction = described.find_nearest(min(MORE_IMAGES * plan.train_fraction, 1.0))
    return Advice(
        _describe_overfitting(training),
        f"Train on {described.format(fraction)} of the images",
        change_settings(plan, train_fraction=fraction),
    )


def make_more_copies(training: EndedTraining) -> Advice | None:
    """More augmented copies, where the model is overfitted on all images."""
    plan, recipe = training.plan, training.plan.recipe
    copies = min(recipe.epochs, MAX_AUGMENTED_COPIES)
    if not training.is_overfitted or not recipe.augmentation or recipe.augmented_copies >= copies:
        return None
    if _has_more_images(plan):
        return None
    return Advice(
        _describe_overfitting(training),
        f"Train with {copies} augmented copies",
        change_settings(plan, augmented_copies=copies),
    )


def augment_for_slice(training: EndedTraining) -> Advice | None:
    """The distortion for the worst slice that has one, doubled."""
    found = ((finding, find_distortion(finding.scope)) for finding in training.weak)
    finding, distortion = next(((one, name) for one, name in found if name), (None, None))
    plan = training.plan
    if finding is None or distortion is None or plan.recipe.doubled == distortion:
        return None
    return Advice(
        f"{finding.sentence}.",
        label_training(distortion),
        change_settings(plan, augmentation=True, doubled=distortion),
    )


def enlarge_network(training: EndedTraining) -> Advice | None:
    """A larger network, where the accuracy is low even on the training images.

    First of all, the training is to be long enough.
    """
    accuracy = training.training_accuracy
    if accuracy is None or training.is_overfitted or train_longer(training):
        return None
    larger = [
        card
        for card in training.comparable.values()
        if card.parameter_count > training.card.parameter_count
        and _get_test_accuracy(card).low > accuracy.high
    ]
    if not larger:
        return None
    card = min(larger, key=lambda card: card.parameter_count)
    return Advice(
        f"Only {accuracy.value:.2%} of the unchanged training images are classified correctly. "
        f"{card.title}, a larger network, reaches {_get_test_accuracy(card).value:.2%} on the "
        "test set.",
        f"Train {card.title}",
        _propose_on_same_data(card, training.plan),
    )


def learn_from_teacher(training: EndedTraining) -> Advice | None:
    """A teacher, where there was none and a built-in model is better."""
    recipe = training.plan.recipe
    teacher_id, teacher = next(iter(training.comparable.items()), ("", None))
    if teacher is None or recipe.teachers:
        return None
    accuracy, own = _get_test_accuracy(teacher), training.test_accuracy
    if accuracy.low <= own.high:
        return None
    # Teachers need augmented images.
    augmentation = recipe.augmentation or not recipe.styles
    return Advice(
        f"{teacher.title} is better on the test set: {accuracy.value:.2%}, this model "
        f"{own.value:.2%}.",
        f"Train with {teacher.title} as the teacher",
        change_settings(
            training.plan,
            teachers=(teacher_id,),
            teacher_temperature=USUAL_TEMPERATURE,
            augmentation=augmentation,
        ),
    )


def average_weights(training: EndedTraining) -> Advice | None:
    """Averaged weights, where the validation loss went up and down without."""
    losses = [validation.loss for validation in training.validations]
    rises = sum(after > before for before, after in pairwise(losses))
    if training.plan.recipe.averaging or not rises:
        return None
    return Advice(
        f"The validation loss rose after {rises} of {describe_count(len(losses), 'epoch')}.",
        "Train with averaged weights",
        change_settings(training.plan, averaging=True),
    )


RULES: tuple[Callable[[EndedTraining], Advice | None], ...] = (
    stop_earlier,
    train_longer,
    augment_images,
    use_more_images,
    make_more_copies,
    enlarge_network,
    augment_for_slice,
    learn_from_teacher,
    average_weights,
)


def _has_more_images(plan: TrainingPlan) -> bool:
    return plan.training_data == MNIST and plan.train_fraction < 1


def _propose_on_same_data(card: ModelCard, plan: TrainingPlan) -> TrainingPlan:
    """The proposed plan of another model, with the data and the number of epochs of a plan."""
    same = ("training_data", "train_fraction", "drawing_weight", "epochs")
    return change_settings(propose_plan(card), **{name: get_setting(plan, name) for name in same})


def _describe_overfitting(training: EndedTraining) -> str:
    unchanged = training.best.unchanged_accuracy or 0.0
    return (
        f"{unchanged:.2%} of the unchanged training images are classified correctly, and "
        f"{training.validation_accuracy.value:.2%} of the validation images: the model overfits."
    )


def _get_test_accuracy(card: ModelCard) -> Estimate:
    return card.metrics["test_accuracy"]
