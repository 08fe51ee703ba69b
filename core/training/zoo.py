"""The models that can be trained: one entry each, architecture and recipe together.

To add a model, write its builder in ``architectures.py`` and add its entry here; the command line,
the pages and the tests find it by themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import keras

from core.artifacts import PublishedResult
from core.training import architectures
from core.training.augmentation import Augmentation

# The student project whose three models Digit Lab wraps reported these on MNIST's test images.
SOURCE = "the student dashboard with LeNet-5, logistic regression and MLP that this one replaces"


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. All randomness comes from ``seed``.

    Attributes:
        learning_rate: constant, or where a half cosine starts that ends at 0 with the last epoch.
        cosine_decay: which of the two.
        augmentation: how training images are changed; None leaves them as they are.
    """

    optimizer: str
    learning_rate: float
    batch_size: int
    epochs: int
    seed: int
    cosine_decay: bool = False
    augmentation: Augmentation | None = None


# Changes as small as those between one writer's digits. Chosen on the images held out.
AUGMENTED = Recipe(
    optimizer="adam",
    learning_rate=0.001,
    batch_size=64,
    epochs=30,
    seed=1,
    cosine_decay=True,
    augmentation=Augmentation(rotation=8, zoom=0.06, shear=0.08, shift=0.03),
)


@dataclass(frozen=True)
class ZooEntry:
    """A model that can be trained."""

    id: str
    title: str
    description: str
    build: Callable[[], keras.Model]
    recipe: Recipe
    published: PublishedResult


ZOO = {
    entry.id: entry
    for entry in (
        ZooEntry(
            id="lenet5",
            title="LeNet-5",
            description="Two layers of small filters that slide over the digit, then two dense "
            "layers: it sees shapes wherever they stand.",
            build=architectures.build_lenet5,
            recipe=AUGMENTED,
            published=PublishedResult(0.9893, SOURCE),
        ),
        ZooEntry(
            id="logistic_regression",
            title="Logistic regression",
            description="One weight a pixel and class, added up: it compares the digit with ten "
            "blurred templates.",
            build=architectures.build_logistic_regression,
            recipe=Recipe("adam", 0.001, batch_size=64, epochs=30, seed=1),
            published=PublishedResult(0.9280, SOURCE),
        ),
        ZooEntry(
            id="mlp",
            title="MLP",
            description="Two hidden layers in which every unit sees every pixel: strong on "
            "familiar positions, blind to shifts.",
            build=architectures.build_mlp,
            recipe=replace(AUGMENTED, batch_size=128),
            published=PublishedResult(0.9767, SOURCE),
        ),
    )
}


def find_entry(model_id: str) -> ZooEntry:
    """The entry of a model. Raises ValueError listing the choices for an unknown id."""
    if model_id not in ZOO:
        raise ValueError(
            f"expected the id of a model, got {model_id!r}; choices are {', '.join(ZOO)}"
        )
    return ZOO[model_id]
