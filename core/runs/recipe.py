"""A recipe: every setting of a training with Keras, described once.

The zoo, training plans, the command line, the Train page, sweeps and model cards derive their
settings from the fields of ``Recipe``. To add a setting, add a field here and apply it in
``core/training/fitting.py``. This module does not know how a network is trained.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from core.models.card import MODEL_ID
from core.synthesis.augmentation import DISTORTIONS, HANDWRITING, Augmentation

OPTIMIZERS = ("adam", "adamax", "rmsprop", "sgd")
BATCH_SIZES = (16, 32, 64, 128, 256)
LEARNING_RATES = (0.0001, 0.0003, 0.0005, 0.001, 0.002, 0.004, 0.01, 0.03, 0.1)
MAX_EPOCHS, MAX_EPOCHS_ON_PAGE = 100, 50
MAX_AUGMENTED_COPIES = 24
MAX_SEED = 2**31 - 1
MAX_TEMPERATURE = 20
# Of a teacher: that of the built-in models.
USUAL_TEMPERATURE = 2.0
# How a switch is written on the command line and in tables.
ON, OFF = "on", "off"
NONE = "none"
# Names on cards that differ from the names of the fields. Cards keep the names they always had.
CARD_NAMES = {"augmented_copies": "rounds", "non_digits": "scribbles"}


@dataclass(frozen=True)
class Setting:
    """What a setting is called, which values it may have and where it is offered.

    Attributes:
        title: as pages and tables show it.
        help: one or two sentences for the Train page and the command line.
        kind: ``bool``, ``int``, ``float`` or ``str``.
        choices: all values it may have; empty where ``limits`` are given.
        limits: the least and the greatest value of a number.
        suggested: the values that the Train page offers, in their order; empty where it offers
            every value. A ``range`` becomes a slider.
        is_advanced: whether the Train page hides it among the settings that few people change.
        is_percentage: whether people read it in per cent.
    """

    title: str
    help: str
    kind: type
    choices: tuple[Any, ...] = ()
    limits: tuple[float, float] | None = None
    suggested: Sequence[Any] = ()
    is_advanced: bool = False
    is_percentage: bool = False

    def validate(self, value: Any) -> None:
        """Check one value.

        Raises:
            ValueError: the setting cannot have this value; the message names those it can have.
        """
        # JSON may hold anything, and in Python True is a number too.
        kinds = (int, float) if self.kind is float else (self.kind,)
        fits = isinstance(value, kinds) and isinstance(value, bool) == (self.kind is bool)
        if fits and self.choices:
            fits = value in self.choices
        if fits and self.limits:
            least, greatest = self.limits
            fits = least <= value <= greatest
        if not fits:
            raise ValueError(f"{self.title} must be {self.describe_values()}, not {value!r}")

    def describe_values(self) -> str:
        """The values it may have, in words."""
        if self.kind is bool:
            return f"{ON} or {OFF}"
        if self.limits:
            least, greatest = self.limits
            if self.kind is int:
                return f"a whole number from {least:,} to {greatest:,}"
            return f"a number from {least:g} to {greatest:g}"
        return f"one of {', '.join(map(str, self.choices))}"

    def format(self, value: Any) -> str:
        """A value as tables and the command line show it."""
        if self.kind is bool:
            return ON if value else OFF
        if self.is_percentage:
            return f"{100 * value:g}%"
        return f"{value:g}" if self.kind is float else str(value)

    def find_nearest(self, value: Any) -> Any:
        """The value itself where the Train page offers it, else the nearest number it offers."""
        if not self.suggested or value in self.suggested:
            return value
        return min(self.suggested, key=lambda suggestion: abs(suggestion - value))


def setting(default: Any, title: str, help: str, **options: Any) -> Any:
    """A dataclass field that is a setting; ``options`` are further attributes of ``Setting``.

    The default of a new setting must leave training as it was: it is the value of the setting in
    cards and plans that were written before.
    """
    described = Setting(title, help, type(default), **options)
    return field(default=default, metadata={"setting": described})


def list_settings(owner: type) -> dict[str, Setting]:
    """The settings among the fields of a dataclass, by name."""
    return {
        described.name: described.metadata["setting"]
        for described in fields(owner)
        if "setting" in described.metadata
    }


def validate_settings(owner: Any) -> None:
    """Check every setting of a dataclass instance. Raises ValueError as ``Setting.validate``."""
    for name, described in list_settings(type(owner)).items():
        described.validate(getattr(owner, name))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How Keras trains a network. The weights and the order of the images depend on ``seed`` alone.

    Attributes:
        amounts: the largest random changes of ``augmentation`` and the shares of ``styles``. Only
            the zoo sets them.
        teachers: ids of models or runs; the network learns the mean of their predictions for each
            augmented image in place of its label.
        teacher_temperature: the logits of the teachers, and in training those of the network, are
            divided by it; at least 1.
        bfloat16: whether layers compute in bfloat16, with weights in float32. It halves the time of
            large convolutions on processors that have instructions for it. Only the zoo sets it.
    """

    epochs: int = setting(
        5,
        "Epochs",
        "The number of passes over the training images.",
        limits=(1, MAX_EPOCHS),
        suggested=range(1, MAX_EPOCHS_ON_PAGE + 1),
    )
    batch_size: int = setting(
        64,
        "Batch size",
        "The number of images in each update of the weights.",
        choices=BATCH_SIZES,
        suggested=BATCH_SIZES,
        is_advanced=True,
    )
    optimizer: str = setting(
        "adam",
        "Optimizer",
        "The algorithm that updates the weights.",
        choices=OPTIMIZERS,
        is_advanced=True,
    )
    learning_rate: float = setting(
        0.002,
        "Learning rate",
        "The size of each update of the weights.",
        limits=(1e-6, 1),
        suggested=LEARNING_RATES,
        is_advanced=True,
    )
    cosine_decay: bool = setting(
        True,
        "Cosine decay",
        "The learning rate falls to 0 along a half cosine. Otherwise it is constant.",
        is_advanced=True,
    )
    weight_decay: float = setting(
        0.0,
        "Weight decay",
        "Each update also reduces every weight by learning rate × weight decay × weight, as in "
        "AdamW. 0 switches it off.",
        limits=(0, 1),
        suggested=(0.0, 0.0001, 0.001, 0.004, 0.01, 0.03, 0.1),
        is_advanced=True,
    )
    averaging: bool = setting(
        False,
        "Averaged weights",
        "The model has the exponential moving average of the weights over the last updates, which "
        "is more accurate than the last weights alone.",
        is_advanced=True,
    )
    augmentation: bool = setting(
        True,
        "Augmentation",
        "Images are rotated, scaled, sheared, bent, and made thicker or thinner at random.",
    )
    styles: bool = setting(
        True,
        "Handwriting styles",
        "Styles that MNIST lacks are added: slashed zeros, ones with a flag, crossed sevens.",
    )
    doubled: str = setting(
        NONE,
        "Doubled distortion",
        "Augmentation distorts images twice as much in this. Choose what the misclassified digits "
        "differ in.",
        choices=(NONE, *DISTORTIONS),
    )
    unchanged: float = setting(
        0.0,
        "Unchanged images",
        "The share of the training images that augmentation leaves as they are. On MNIST, small "
        "networks are more accurate with some.",
        limits=(0, 1),
        suggested=(0.0, 0.1, 0.2, 0.3, 0.5),
        is_advanced=True,
        is_percentage=True,
    )
    augmented_copies: int = setting(
        6,
        "Augmented copies",
        "The epochs use this many augmented copies of the training images in turn. Making one "
        "takes about as long as an epoch of a small network.",
        limits=(1, MAX_AUGMENTED_COPIES),
        suggested=range(1, MAX_AUGMENTED_COPIES + 1),
        is_advanced=True,
    )
    seed: int = setting(
        1,
        "Seed",
        "Determines the initial weights and the order of the images.",
        limits=(0, MAX_SEED),
        is_advanced=True,
    )
    amounts: Augmentation = HANDWRITING
    teachers: tuple[str, ...] = ()
    teacher_temperature: float = 1.0
    bfloat16: bool = False

    def __post_init__(self) -> None:
        validate_settings(self)
        for model_id in self.teachers:
            if not MODEL_ID.fullmatch(model_id):
                raise ValueError(f"expected the id of a model, got {model_id[:60]!r}")
        if self.teachers and not self.applied_amounts:
            raise ValueError("Teachers need augmented images: switch augmentation or styles on")
        if not 1 <= self.teacher_temperature <= MAX_TEMPERATURE:
            raise ValueError(
                f"The temperature must be a number from 1 to {MAX_TEMPERATURE}, not "
                f"{self.teacher_temperature!r}"
            )

    @property
    def applied_amounts(self) -> Augmentation | None:
        """How the training images are changed; None where they are left as they are."""
        if not self.augmentation and not self.styles:
            return None
        amounts = self._distortion if self.augmentation else self.amounts.without_distortion()
        return amounts if self.styles else amounts.without_styles()

    @property
    def _distortion(self) -> Augmentation:
        amounts = self.amounts if self.doubled == NONE else self.amounts.double(self.doubled)
        return replace(amounts, unchanged=max(amounts.unchanged, self.unchanged))

    def to_fields(self) -> dict[str, Any]:
        """The recipe as ``run.json`` holds it."""
        return asdict(self) | {"teachers": list(self.teachers)}

    @classmethod
    def from_fields(cls, values: Mapping[str, Any]) -> "Recipe":
        """Read a recipe back. A setting that is missing has its default.

        Raises:
            TypeError, ValueError: a field is unknown or malformed.
        """
        values = dict(values)
        if "amounts" in values:
            values["amounts"] = Augmentation(**values["amounts"])
        return cls(**{**values, "teachers": tuple(values.get("teachers", ()))})

    def to_card(self) -> dict[str, Any]:
        """The recipe as a model card holds it: one entry for all changes of the images."""
        values = self.to_fields()
        del values["styles"], values["amounts"], values["doubled"], values["unchanged"]
        amounts = self.applied_amounts
        values["augmentation"] = amounts and _name_as_on_cards(asdict(amounts))
        return _name_as_on_cards(values)

    @classmethod
    def from_card(cls, values: Mapping[str, Any]) -> "Recipe":
        """Read the recipe of a card.

        Raises:
            KeyError, TypeError, ValueError: a field is missing, unknown or malformed.
        """
        own = _name_as_in_code(values)
        if own["augmentation"] is None:
            return cls.from_fields(own | {"augmentation": False, "styles": False})
        amounts = Augmentation(**_name_as_in_code(own["augmentation"]))
        switches = {"augmentation": amounts.distorts, "styles": amounts.adds_styles}
        return cls.from_fields(own | switches | {"amounts": asdict(amounts)})


def name_in_code(card_name: str) -> str:
    """The field of ``Recipe`` or ``Augmentation`` that has this name on cards."""
    return {name: field_name for field_name, name in CARD_NAMES.items()}.get(card_name, card_name)


def _name_as_on_cards(values: Mapping[str, Any]) -> dict[str, Any]:
    return {CARD_NAMES.get(name, name): value for name, value in values.items()}


def _name_as_in_code(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name_in_code(name): value for name, value in values.items()}
