"""Advice after a training: each rule applies to a planted training, and not to one beside it."""

from dataclasses import replace

import pytest

from core.analysis.findings.finding import Finding
from core.analysis.metrics import estimate_share
from core.models.card import ModelCard
from core.models.files import load_card
from core.runs import advice
from core.runs.advice import Advice, EndedTraining, advise, find_distortion
from core.runs.layers import read_layers
from core.runs.lesson import Lesson
from core.runs.plan import TrainingPlan, change_settings, list_trainable
from core.runs.progress import Progress, Validation
from core.runs.training_data import BUNDLED_DIGITS
from core.synthesis import augmentation

IMAGES = 1000
TRAINABLE = list_trainable()
THIN = Finding(
    "model_differences", "Sevens that are thin: only A is right", "", (), "7 thickness<2"
)
LOOPS = replace(THIN, scope="4 loops>0.5")


def make_card(*, best: int, validation: float, test: float) -> ModelCard:
    metrics = {
        "validation_accuracy": estimate_share(round(validation * IMAGES), IMAGES),
        "test_accuracy": estimate_share(round(test * 10_000), 10_000),
    }
    return replace(load_card("lenet5"), id="run_1", best_epoch=best, metrics=metrics)


def plant(
    losses: tuple[float, ...] = (0.3, 0.2, 0.1, 0.2, 0.2),
    *,
    training: float | None = 0.997,
    validation: float = 0.995,
    test: float = 0.995,
    weak: tuple[Finding, ...] = (),
    **plan: object,
) -> EndedTraining:
    """A training of LeNet-5 with these validation losses; no rule applies to it as it is."""
    settings = {"epochs": len(losses), "averaging": True, "train_fraction": 1.0} | plan
    return EndedTraining(
        plan=change_settings(TrainingPlan(), **settings),
        progress=Progress(
            validations=tuple(Validation(loss, validation, 0.1, training) for loss in losses),
            unchanged_images=IMAGES,
        ),
        card=make_card(best=losses.index(min(losses)) + 1, validation=validation, test=test),
        trainable=TRAINABLE,
        weak=weak,
    )


TAUGHT = {"teachers": ("deep_cnn",), "teacher_temperature": 2.0}
OVERFITTED = {"training": 1.0, "validation": 0.96}
FALLING, RISING = (0.3, 0.2, 0.1), (0.1, 0.2, 0.3, 0.4)
# A rule, a training to which it applies, and what it changes.
APPLIES = [
    (advice.train_longer, plant(FALLING), {"epochs": 6}),
    (advice.train_longer, plant((0.5,)), {"epochs": 2}),
    (advice.train_longer, plant((*[1.0] * 29, 0.5)), {"epochs": 50}),
    (advice.stop_earlier, plant(RISING), {"epochs": 1}),
    (advice.stop_earlier, plant((0.3, 0.1, 0.2, 0.3)), {"epochs": 2}),
    (
        advice.augment_images,
        plant(**OVERFITTED, augmentation=False, train_fraction=0.1),
        {"augmentation": True},
    ),
    (advice.use_more_images, plant(**OVERFITTED, train_fraction=0.1), {"train_fraction": 0.5}),
    (advice.use_more_images, plant(**OVERFITTED, train_fraction=0.5), {"train_fraction": 1.0}),
    (advice.make_more_copies, plant(**OVERFITTED, augmented_copies=2), {"augmented_copies": 5}),
    (
        advice.make_more_copies,
        plant(**OVERFITTED, augmented_copies=2, training_data=BUNDLED_DIGITS),
        {"augmented_copies": 5},
    ),
    (
        advice.augment_for_slice,
        plant(weak=(LOOPS, THIN), augmentation=False),
        {"augmentation": True, "doubled": "stroke thickness"},
    ),
    (advice.augment_for_slice, plant(weak=(THIN,)), {"doubled": "stroke thickness"}),
    (advice.learn_from_teacher, plant(test=0.98), TAUGHT),
    (
        advice.learn_from_teacher,
        plant(test=0.98, augmentation=False, styles=False),
        TAUGHT | {"augmentation": True},
    ),
    (advice.average_weights, plant(averaging=False), {"averaging": True}),
]
# A rule, and a training to which it does not apply.
APPLIES_NOT = [
    (advice.train_longer, plant(RISING)),
    (advice.train_longer, plant(FALLING, epochs=5)),  # it was stopped, and can be resumed
    (advice.train_longer, plant((*[1.0] * 49, 0.5))),
    (advice.stop_earlier, plant(FALLING)),
    (advice.stop_earlier, plant((0.1, 0.2, 0.3))),
    (advice.stop_earlier, plant((0.3, 0.2, 0.1, 0.2))),
    (advice.augment_images, plant(augmentation=False)),
    (advice.augment_images, plant(training=0.985, validation=0.98, augmentation=False)),
    (advice.augment_images, plant(training=None, validation=0.96, augmentation=False)),
    (advice.augment_images, plant(**OVERFITTED)),
    (advice.use_more_images, plant(train_fraction=0.1)),
    (advice.use_more_images, plant(**OVERFITTED, augmentation=False, train_fraction=0.1)),
    (advice.use_more_images, plant(**OVERFITTED)),
    (advice.use_more_images, plant(**OVERFITTED, training_data=BUNDLED_DIGITS)),
    (advice.make_more_copies, plant(augmented_copies=2)),
    (advice.make_more_copies, plant(**OVERFITTED, augmented_copies=2, train_fraction=0.1)),
    (advice.make_more_copies, plant(**OVERFITTED, augmented_copies=5)),
    (advice.augment_for_slice, plant(weak=(THIN,), doubled="stroke thickness")),
    (advice.augment_for_slice, plant(weak=(LOOPS,))),
    (advice.enlarge_network, plant(training=0.999)),
    (advice.enlarge_network, plant(training=None)),
    (advice.enlarge_network, plant(FALLING, training=0.95, validation=0.95)),
    (advice.enlarge_network, plant(training=0.95, validation=0.90)),
    (advice.learn_from_teacher, plant(test=0.9965)),
    (advice.learn_from_teacher, plant(test=0.98, teachers=("mlp",))),
    (advice.average_weights, plant(FALLING, averaging=False)),
    (advice.average_weights, plant()),
]


@pytest.mark.parametrize(("rule", "training", "changes"), APPLIES)
def test_a_rule_changes_the_settings_that_it_is_about_and_no_others(rule, training, changes):
    assert rule(training).plan == change_settings(training.plan, **changes)


@pytest.mark.parametrize(("rule", "training"), APPLIES_NOT)
def test_a_rule_does_not_apply_to_other_trainings(rule, training):
    assert rule(training) is None


def test_no_rule_applies_to_a_training_without_fault():
    assert advise(plant()) == []


def test_every_rule_is_tried_here():
    assert {rule for rule, *_ in APPLIES} | {advice.enlarge_network} == set(advice.RULES)
    assert {rule for rule, _ in APPLIES_NOT} == set(advice.RULES)


def test_a_network_that_cannot_learn_its_images_is_replaced_by_the_next_larger_better_one():
    training = plant(training=0.95, validation=0.95, train_fraction=0.2)
    found = advice.enlarge_network(training)
    larger = {
        name: card
        for name, card in TRAINABLE.items()
        if card.parameter_count > training.card.parameter_count
    }
    assert found.plan.architecture == min(larger, key=lambda name: larger[name].parameter_count)
    assert (found.plan.train_fraction, found.plan.recipe.epochs) == (0.2, 5)
    assert "95.00%" in found.reason
    own_layers = replace(training, plan=replace(training.plan, architecture=None,
                                                layers=read_layers("Flatten")))  # fmt: skip
    assert advice.enlarge_network(own_layers).plan == found.plan


def test_models_with_another_test_set_are_no_measure():
    training = plant(training=0.95, validation=0.95, test=0.95)
    other = replace(training, card=replace(training.card, test_set="bundled_digits_test"))
    assert advice.learn_from_teacher(training)
    assert not advice.learn_from_teacher(other)
    assert not advice.enlarge_network(other)


def test_the_figures_are_in_the_sentences():
    found = advise(plant(FALLING, **OVERFITTED, train_fraction=0.1, test=0.97, averaging=False))
    assert [one.action for one in found] == [
        "Train for 6 epochs",
        "Train on 50% of the images",
        "Train with Deep CNN as the teacher",
    ]
    assert "0.100" in found[0].reason
    assert "100.00%" in found[1].reason
    assert "96.00%" in found[1].reason
    assert "97.00%" in found[2].reason


def test_at_most_three_are_proposed_and_none_twice(monkeypatch):
    training = plant(FALLING, **OVERFITTED, augmentation=False, test=0.97, averaging=False)
    twice = (advice.train_longer, *advice.RULES, advice.train_longer)
    monkeypatch.setattr(advice, "RULES", twice)
    assert [one.action for one in advise(training)] == [
        "Train for 6 epochs",
        "Train with augmentation",
        "Train with Deep CNN as the teacher",
    ]


@pytest.mark.parametrize("best", [0, 4])
def test_without_the_figures_of_epochs_there_is_no_advice(best):
    training = plant(FALLING)
    assert advise(training)
    assert advise(replace(training, card=replace(training.card, best_epoch=best))) == []


def test_a_lesson_has_no_settings_to_change():
    training = plant(FALLING)
    lesson = Lesson(drawings=3, steps=60, digest="0" * 64)
    plan = replace(training.plan, start_from="lenet5", lesson=lesson)
    assert advise(replace(training, plan=plan)) == []


@pytest.mark.parametrize(
    ("scope", "distortion"),
    [
        ("7 thickness<2", "stroke thickness"),
        ("loops>0.5 slant>3", "slant"),
        ("4 loops>0.5 ends<2.5", None),
    ],
)
def test_some_measures_have_a_distortion_that_changes_them(scope, distortion):
    assert find_distortion(scope) == distortion


def test_every_distortion_that_advice_names_is_one_of_augmentation():
    assert set(advice.DISTORTIONS.values()) <= set(augmentation.DISTORTIONS)


def test_an_advice_is_a_sentence_and_a_short_label():
    found = [rule(training) for rule, training, _ in APPLIES]
    assert all(isinstance(one, Advice) and one.reason.endswith(".") for one in found)
    assert all(one.action.startswith("Train") and not one.action.endswith(".") for one in found)
