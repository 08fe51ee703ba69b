"""A training plan: an architecture, the training data and a recipe.

``run.json`` holds the plan of a run. This module does not know how a network is trained. It takes
what it needs to know about the built-in models from their cards.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from core.models.card import MNIST, MODEL_ID, Layer, ModelCard
from core.models.files import (
    DamagedArtifactError,
    is_run,
    list_model_ids,
    load_card,
)
from core.runs.layers import LayerPlan, describe_network
from core.runs.lesson import Lesson
from core.runs.recipe import (
    Recipe,
    Setting,
    list_settings,
    name_in_code,
    setting,
    validate_settings,
)
from core.runs.run import UnknownRunError, load_run
from core.runs.training_data import MY_DRAWINGS, TITLES

# MNIST has 60,000 training images; 5,000 of them are the validation set.
TRAINING_IMAGES = 55_000
MIN_TRAIN_FRACTION = 0.005
MAX_DRAWING_WEIGHT = 20
SWEEP_ID = re.compile(r"sweep_[0-9a-f]{12}")
# Names in the run.json of earlier versions, which held the recipe's settings beside the others.
FORMER_NAMES = {"base": "architecture", "share": "train_fraction", "drawings": "drawing_weight"}


@dataclass(frozen=True)
class TrainingPlan:
    """What to train, on which data, and how.

    Attributes:
        architecture: id of the built-in model whose layers are used; None where ``layers`` are
            given.
        layers: the layers between the frame and the probabilities; empty where ``architecture`` is
            given.
        training_data: id of the data set that is split into training, validation and test.
        start_from: id of the model or run, of the same layers, whose weights the training starts
            from; None for random weights.
        train_fraction: share of MNIST's training images that are used, 0.005…1; 1 for other data.
        drawing_weight: how many times each of the owner's drawings is added to the training images;
            0 for not at all, as where they are the training data.
        recipe: how the network is trained; not used where there is a lesson.
        sweep: id of the sweep that this run is a trial of; None for a single run.
        lesson: what the last layer of the model to start from learns, beside some of the training
            data; None where the whole network is trained.
    """

    architecture: str | None = "lenet5"
    layers: tuple[LayerPlan, ...] = ()
    start_from: str | None = None
    training_data: str = MNIST
    train_fraction: float = setting(
        0.1,
        "Training images",
        f"The share of MNIST's {TRAINING_IMAGES:,} training images that is used. 5,000 more are "
        "held out for validation.",
        limits=(MIN_TRAIN_FRACTION, 1),
        suggested=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
        is_percentage=True,
    )
    drawing_weight: int = setting(
        0,
        "Copies of each of your drawings",
        "How many times each of your drawings is added to the training images; 0 leaves them out. "
        "About a fifth is held out to measure the effect, always the same ones.",
        limits=(0, MAX_DRAWING_WEIGHT),
        suggested=range(MAX_DRAWING_WEIGHT + 1),
    )
    recipe: Recipe = field(default_factory=Recipe)
    sweep: str | None = None
    lesson: Lesson | None = None

    def __post_init__(self) -> None:
        if (self.architecture is None) == (not self.layers):
            raise ValueError("expected either an architecture or layers, got both or neither")
        for model_id in (self.architecture, self.start_from):
            if model_id is not None and not MODEL_ID.fullmatch(model_id):
                raise ValueError(f"expected the id of a model, got {model_id[:60]!r}")
        if self.sweep is not None and not SWEEP_ID.fullmatch(self.sweep):
            raise ValueError(f"expected the id of a sweep, got {self.sweep[:60]!r}")
        if self.layers:
            describe_network(self.layers)
        validate_settings(self)
        if self.training_data not in TITLES:
            raise ValueError(f"expected one of the training data {', '.join(TITLES)}")
        if self.training_data != MNIST and self.train_fraction != 1:
            raise ValueError("Training images must be 100% where the training data is not MNIST.")
        if self.training_data == MY_DRAWINGS and self.drawing_weight:
            raise ValueError("Copies must be 0 where the drawings are the training data.")
        if self.lesson and (self.start_from is None or self.uses_drawings):
            raise ValueError("A lesson needs a model to start from, and no other drawings.")

    @property
    def uses_drawings(self) -> bool:
        """Whether the training needs the owner's saved drawings, and holds some of them out."""
        return self.training_data == MY_DRAWINGS or self.drawing_weight > 0

    @property
    def used_models(self) -> tuple[str, ...]:
        """The ids of the model to start from and of the teachers."""
        return tuple(filter(None, [self.start_from, *self.recipe.teachers]))

    @property
    def images(self) -> int:
        """How many training images are used where the training data is MNIST."""
        return round(TRAINING_IMAGES * self.train_fraction)

    def to_fields(self) -> dict[str, Any]:
        """The plan as ``run.json`` holds it, with lists in place of tuples."""
        layers = [asdict(layer) for layer in self.layers]
        values = asdict(self) | {"layers": layers, "recipe": self.recipe.to_fields()}
        if self.lesson is None:  # servers of earlier versions do not know it
            del values["lesson"]
        return values

    @classmethod
    def from_fields(cls, values: Mapping[str, Any]) -> "TrainingPlan":
        """Read a plan back, from this version or an earlier one.

        Raises:
            ValueError: a field is missing, unknown or malformed.
        """
        try:
            values = upgrade_fields(values)
            layers = tuple(LayerPlan(**layer) for layer in values["layers"])
            recipe = Recipe.from_fields(values["recipe"])
            taught = values.get("lesson")
            lesson = None if taught is None else Lesson(**taught)
            return cls(**{**values, "layers": layers, "recipe": recipe, "lesson": lesson})
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"expected a training plan, got fields that do not fit: {error}"
            ) from error


# The settings of a plan that are not of its recipe.
PLAN_SETTINGS = list_settings(TrainingPlan)


def upgrade_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a plan under the names of this version, whichever version wrote them."""
    if "recipe" in values:
        return dict(values)
    in_recipe = {recipe_field.name for recipe_field in fields(Recipe)}
    return {
        FORMER_NAMES.get(name, name): value
        for name, value in values.items()
        if name not in in_recipe
    } | {"recipe": {name: value for name, value in values.items() if name in in_recipe}}


def list_plan_settings() -> dict[str, Setting]:
    """All settings of a plan, by name: its own, then those of its recipe."""
    return PLAN_SETTINGS | list_settings(Recipe)


def title_setting(name: str) -> str:
    """The title of a field of a plan or of its recipe, also under its name on a card."""
    name = name_in_code(name)
    settings = list_plan_settings()
    if name in settings:
        return settings[name].title
    return name.replace("non_", "non-").replace("_", " ").capitalize()


def format_setting(name: str, value: Any) -> str:
    """The value of such a field in words."""
    settings = list_plan_settings()
    return settings[name].format(value) if name in settings else str(value)


def get_setting(plan: TrainingPlan, name: str) -> Any:
    """The value of a field of a plan or of its recipe."""
    return getattr(plan if hasattr(plan, name) else plan.recipe, name)


def change_settings(plan: TrainingPlan, **changes: Any) -> TrainingPlan:
    """A plan with other values in some of its fields or of its recipe's fields.

    Raises:
        TypeError: there is no such field.
        ValueError: a value does not fit.
    """
    own = {plan_field.name for plan_field in fields(TrainingPlan)}
    recipe = {name: value for name, value in changes.items() if name not in own}
    return replace(
        plan,
        **{name: value for name, value in changes.items() if name in own},
        recipe=replace(plan.recipe, **recipe),
    )


def list_trainable(directory: Path | None = None) -> dict[str, ModelCard]:
    """The cards of the built-in models whose architecture Keras can train, by id.

    Those with a damaged card are left out.
    """
    cards = _list_sound(directory)
    return {model_id: card for model_id, card in cards.items() if "optimizer" in card.recipe}


def list_architectures(plan: TrainingPlan) -> list[str]:
    """The ids of the built-in models whose layers a plan can use.

    Those of all but ensembles, which have no last layer of their own, can learn a lesson.
    """
    if not plan.lesson:
        return list(list_trainable())
    return [model_id for model_id, card in _list_sound().items() if "members" not in card.recipe]


def _list_sound(directory: Path | None = None) -> dict[str, ModelCard]:
    """The cards of the built-in models, by id, without damaged ones."""
    sound = {}
    for model_id in list_model_ids(directory):
        with suppress(DamagedArtifactError, FileNotFoundError):
            sound[model_id] = load_card(model_id, directory)
    return sound


def describe_plan(plan: TrainingPlan, directory: Path | None = None) -> tuple[Layer, ...]:
    """The layers of the network that a plan trains.

    Raises:
        FileNotFoundError: there is no model with the id ``plan.architecture``.
    """
    if plan.architecture is None:
        return describe_network(plan.layers)
    return load_card(plan.architecture, directory).layers


def check_models(plan: TrainingPlan, owner: str | None) -> None:
    """Check that the models of a plan exist, fit each other, and may be used by an owner.

    Raises:
        ValueError: one cannot be trained or does not fit.
        FileNotFoundError: there is no such teacher, or no model to start from.
        UnknownRunError: the plan names another person's run.
    """
    architectures = list_architectures(plan)
    if plan.architecture is not None and plan.architecture not in architectures:
        raise ValueError(
            f"There is no model {plan.architecture!r} that can be trained; choices are "
            f"{', '.join(architectures)}"
        )
    for model_id in plan.recipe.teachers:
        _check_usable(model_id, owner)
    if plan.start_from is None:
        return
    started = _check_usable(plan.start_from, owner)
    if started:
        fits = (started.architecture, started.layers) == (plan.architecture, plan.layers)
    else:
        fits = plan.start_from == plan.architecture
    if not fits:
        raise ValueError(
            f"A run can only start from the weights of a network with the same layers, and "
            f"those of {plan.start_from!r} are different"
        )


def _check_usable(model_id: str, owner: str | None) -> TrainingPlan | None:
    """Check that an owner may use a model; the plan of that model where it is a run."""
    if not is_run(model_id):
        load_card(model_id)
        return None
    run = load_run(model_id)
    if run.owner not in (None, owner):
        raise UnknownRunError(f"You have no run {model_id!r}")
    load_card(model_id)
    return TrainingPlan.from_fields(run.plan)
