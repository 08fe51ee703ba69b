"""A training plan: what somebody asks to be trained, and how.

It is what a run's ``plan`` holds as JSON. This module does not know how a network is trained; what
it says of the models of the zoo it reads on their cards.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.models.card import MODEL_ID, Layer, ModelCard
from core.models.files import ARTIFACTS_DIRECTORY, is_run, list_model_ids, load_card
from core.runs.layers import LayerPlan, describe_network
from core.runs.run import UnknownRunError, load_run
from core.synthesis.augmentation import HANDWRITING, Augmentation

OPTIMIZERS = ("adam", "adamax", "rmsprop", "sgd")
MAX_EPOCHS = 100
BATCH_SIZES = (16, 32, 64, 128, 256)
# What is left of MNIST's 60,000 training images beside the 5,000 that are held out.
TRAINING_IMAGES = 55_000
MIN_TRAIN_FRACTION = 0.005
# How many MNIST images one's own drawing may weigh.
MAX_DRAWING_WEIGHT = 20
MAX_SEED = 2**31 - 1
SWEEP_ID = re.compile(r"sweep_[0-9a-f]{12}")


@dataclass(frozen=True)
class TrainingPlan:
    """What to train and how.

    Attributes:
        base: id of the model of the zoo whose architecture is taken; None where ``layers`` say it.
        layers: what is between frame and probabilities; empty where ``base`` says it.
        start_from: id of the trained model, or run, of the same architecture whose weights the
            training starts from; None for random ones.
        epochs: how often the training images are gone through, 1…100.
        learning_rate: constant, or where a half cosine starts that ends at 0 with the last epoch.
        cosine_decay: which of the two.
        augmentation: whether images are turned, bent and thickened anew from epoch to epoch.
        styles: whether handwriting habits that MNIST lacks are painted on and drawn besides.
        share: of the training images, taken from the front of their shuffled order.
        seed: of weights and order.
        drawings: how many times each of the owner's own drawings joins in; 0 leaves them out.
        sweep: id of the sweep that this is a trial of; None for a run of its own.
    """

    base: str | None = "lenet5"
    layers: tuple[LayerPlan, ...] = ()
    start_from: str | None = None
    epochs: int = 5
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 0.002
    cosine_decay: bool = True
    augmentation: bool = True
    styles: bool = True
    share: float = 0.1
    seed: int = 1
    drawings: int = 0
    sweep: str | None = None

    def __post_init__(self) -> None:
        if (self.base is None) == (not self.layers):
            raise ValueError("expected either a base or layers of one's own, got both or neither")
        for model_id in (self.base, self.start_from):
            if model_id is not None and not MODEL_ID.fullmatch(model_id):
                raise ValueError(f"expected the id of a model, got {model_id[:60]!r}")
        if self.sweep is not None and not SWEEP_ID.fullmatch(self.sweep):
            raise ValueError(f"expected the id of a sweep, got {self.sweep[:60]!r}")
        if self.layers:
            describe_network(self.layers)
        _expect_choice("an optimizer", self.optimizer, OPTIMIZERS)
        _expect_choice("a batch size", self.batch_size, BATCH_SIZES)
        _expect_range("epochs", self.epochs, 1, MAX_EPOCHS, kind=int)
        _expect_range("a learning rate", self.learning_rate, 1e-6, 1)
        _expect_range("a share", self.share, MIN_TRAIN_FRACTION, 1)
        _expect_range("a seed", self.seed, 0, MAX_SEED, kind=int)
        _expect_range("a weight of drawings", self.drawings, 0, MAX_DRAWING_WEIGHT, kind=int)

    @property
    def images(self) -> int:
        """How many training images of MNIST are used."""
        return round(TRAINING_IMAGES * self.share)

    @property
    def amounts(self) -> Augmentation | None:
        """How the training images are changed, or None."""
        if not self.augmentation and not self.styles:
            return None
        if not self.augmentation:
            return Augmentation(
                styles=HANDWRITING.styles,
                drawings=HANDWRITING.drawings,
                scribbles=HANDWRITING.scribbles,
            )
        return (
            HANDWRITING if self.styles else replace(HANDWRITING, styles=0, drawings=0, scribbles=0)
        )

    def to_fields(self) -> dict[str, Any]:
        """The plan as JSON holds it, with lists in place of tuples."""
        return asdict(self) | {"layers": [asdict(layer) for layer in self.layers]}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "TrainingPlan":
        """Read a plan back; raises ValueError when a field is missing, unknown or malformed."""
        try:
            layers = tuple(LayerPlan(**layer) for layer in fields["layers"])
            return cls(**{**fields, "layers": layers})
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"expected a training plan, got fields that do not fit: {error}"
            ) from error


def list_trainable(directory: Path = ARTIFACTS_DIRECTORY) -> dict[str, ModelCard]:
    """The cards of the models whose architecture can be trained, by id: those Keras trained."""
    cards = (load_card(model_id, directory) for model_id in list_model_ids(directory))
    return {card.id: card for card in cards if "optimizer" in card.recipe}


def propose_plan(card: ModelCard) -> TrainingPlan:
    """What to begin with for a model of the zoo: its own recipe, on little and for a short time."""
    amounts = Augmentation(**card.recipe["augmentation"] or {})
    return TrainingPlan(
        base=card.id,
        batch_size=card.recipe["batch_size"],
        optimizer=card.recipe["optimizer"],
        learning_rate=card.recipe["learning_rate"],
        cosine_decay=card.recipe["cosine_decay"],
        augmentation=amounts.rotation > 0,
        styles=amounts.styles > 0,
    )


def describe_plan(plan: TrainingPlan, directory: Path = ARTIFACTS_DIRECTORY) -> tuple[Layer, ...]:
    """The layers of the network that a plan trains.

    Raises:
        FileNotFoundError: its base is not there.
    """
    return (
        describe_network(plan.layers)
        if plan.base is None
        else load_card(plan.base, directory).layers
    )


def check_models(plan: TrainingPlan, owner: str | None) -> None:
    """See that the models a plan names are there, fit each other, and may be used by an owner.

    Raises:
        ValueError: they are not, or do not.
        UnknownRunError: it starts from somebody else's run.
    """
    if plan.base is not None:
        _expect_choice("a model that can be trained", plan.base, tuple(list_trainable()))
    if plan.start_from is None:
        return
    if is_run(plan.start_from):
        run = load_run(plan.start_from)
        if run.owner not in (None, owner):
            raise UnknownRunError(f"expected a run of yours, got {plan.start_from!r}")
        started = TrainingPlan.from_fields(run.plan)
        fits = (started.base, started.layers) == (plan.base, plan.layers)
    else:
        fits = plan.start_from == plan.base
    if not fits:
        raise ValueError(
            f"expected to start from a model of the same layers, got {plan.start_from!r}"
        )
    load_card(plan.start_from)


def _expect_choice(what: str, got: Any, choices: tuple[Any, ...]) -> None:
    if got not in choices:
        raise ValueError(
            f"expected {what}, got {got!r}; choices are {', '.join(map(str, choices))}"
        )


def _expect_range(
    what: str, got: Any, least: float, most: float, *, kind: Any = (int, float)
) -> None:
    # JSON may hold anything, and true counts as a number.
    if isinstance(got, bool) or not isinstance(got, kind) or not least <= got <= most:
        raise ValueError(f"expected {what} from {least:g} to {most:,g}, got {got!r}")
