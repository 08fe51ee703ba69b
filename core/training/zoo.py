"""The zoo: the built-in models, each with its architecture and its recipe.

To add a model, write its builder in ``architectures.py`` and add its entry here; the command line,
the pages and the tests find it. The type of a recipe decides how ``fitting.py`` trains the model.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import keras

from core.models.card import PublishedResult
from core.runs.recipe import Recipe
from core.synthesis.augmentation import HANDWRITING, Augmentation
from core.training import architectures
from core.training.numpy_network import PHASES, Phase

DASHBOARD = "the student dashboard with LeNet-5, logistic regression and MLP"
LIVE_CANVAS = "the student project with a CNN and a live canvas"
SWAGGER = "the student project with a sigmoid MLP behind a Swagger API"
DOCKER = "the student project with LeNet, MLP and CNN behind a page with Docker"
DEOTTE = "C. Deotte, 25 million images! [0.99757] MNIST, Kaggle, 2018"
NUMPY_PROJECT = "the student project with a dense net written from scratch"


@dataclass(frozen=True)
class NumpyNetworkRecipe:
    """How the dense network in NumPy is trained: by gradient descent, phase after phase."""

    phases: tuple[Phase, ...]
    seed: int = 1

    def to_card(self) -> dict[str, Any]:
        """The recipe as a model card holds it."""
        return {"phases": [asdict(phase) for phase in self.phases], "seed": self.seed}


@dataclass(frozen=True)
class EnsembleRecipe:
    """The models whose calibrated probabilities are averaged; nothing is trained."""

    members: tuple[str, ...]
    seed: int = 1

    def to_card(self) -> dict[str, Any]:
        """The recipe as a model card holds it."""
        return {"members": list(self.members), "seed": self.seed}


@dataclass(frozen=True)
class LessonRecipe:
    """How the last layer of a trained model learns drawings: ``last_layer.py`` takes the steps.

    Attributes:
        start_from: the id of that model.
        drawings: how many there are; they are the last of the training images.
        steps: of gradient descent, each on all training images.
        seed: not used, because nothing is random.
    """

    start_from: str
    drawings: int
    steps: int
    seed: int = 1

    def to_card(self) -> dict[str, Any]:
        """The recipe as a model card holds it."""
        return {
            "start_from": self.start_from,
            "trained_layers": "the last one",
            "taught_drawings": self.drawings,
            "steps": self.steps,
        }


AnyRecipe = Recipe | NumpyNetworkRecipe | EnsembleRecipe | LessonRecipe


@dataclass(frozen=True)
class ZooEntry:
    """A model that can be trained.

    Attributes:
        build: returns the untrained model; that of an ensemble takes its members.
        recipe: the most accurate recipe.
        published: what others reported for this architecture.
        published_recipe: the plain recipe behind that report, as far as it is known; None where
            there is nothing to compare with.
        published_build: the architecture of that report, where ours adds an input layer.
    """

    id: str
    title: str
    description: str
    build: Callable[..., keras.Model]
    recipe: AnyRecipe
    published: PublishedResult
    published_recipe: Recipe | None = None
    published_build: Callable[[], keras.Model] | None = None


TEACHER = Recipe(
    optimizer="adam",
    learning_rate=0.002,
    cosine_decay=True,
    batch_size=128,
    epochs=24,
    augmentation=True,
    styles=True,
    amounts=HANDWRITING,
    augmented_copies=12,
    averaging=True,
)
# Small networks lose accuracy on MNIST where every image is changed.
TAUGHT = replace(
    TEACHER,
    epochs=60,
    amounts=replace(HANDWRITING, unchanged=0.3),
    augmented_copies=24,
    teachers=("deep_cnn",),
    teacher_temperature=2.0,
)
# A linear model cannot learn rotated or bent digits, but it can learn pens and styles.
LINEAR_AMOUNTS = Augmentation(
    thickness=0.5, styles=0.07, drawings=0.4, non_digits=0.08, wrong_segments=0.04
)
# What published recipes have in common.
PLAIN = Recipe(
    optimizer="adam",
    learning_rate=0.001,
    cosine_decay=False,
    augmentation=False,
    styles=False,
    augmented_copies=1,
)

ZOO = {
    entry.id: entry
    for entry in (
        ZooEntry(
            id="deep_cnn",
            title="Deep CNN",
            description="Seven convolutional layers with batch normalisation and dropout. The "
            "other networks learn from its predictions.",
            build=architectures.build_deep_cnn,
            recipe=replace(
                TEACHER, epochs=30, bfloat16=True, amounts=replace(HANDWRITING, non_digits=0.1)
            ),
            published=PublishedResult(0.99641, DEOTTE),
        ),
        ZooEntry(
            id="regularised_cnn",
            title="Regularised CNN",
            description="Four convolutional layers with batch normalisation. Dropout switches "
            "random units off during training, so that the model does not depend on "
            "single ones.",
            build=architectures.build_regularised_cnn,
            recipe=replace(TAUGHT, epochs=40),
            published=PublishedResult(0.97, DOCKER),
            published_recipe=replace(PLAIN, batch_size=32, epochs=5),
        ),
        ZooEntry(
            id="cnn",
            title="CNN",
            description="Two convolutional layers and three dense layers. Most of its weights "
            "are in the first dense layer.",
            build=architectures.build_cnn,
            recipe=TAUGHT,
            published=PublishedResult(0.9937, LIVE_CANVAS),
            published_recipe=replace(PLAIN, optimizer="adamax", batch_size=32, epochs=15),
        ),
        ZooEntry(
            id="lenet5",
            title="LeNet-5",
            description="Two convolutional layers with small filters, then two dense layers. A "
            "filter detects the same shape at every position.",
            build=architectures.build_lenet5,
            recipe=replace(TAUGHT, batch_size=64, epochs=80),
            published=PublishedResult(0.9893, DASHBOARD),
            published_recipe=replace(PLAIN, batch_size=64, epochs=30),
        ),
        ZooEntry(
            id="logistic_regression",
            title="Logistic regression",
            description="One weight for each pixel and digit. The model first gives the digit an "
            "even stroke width, one size and no slant, then compares it with ten "
            "templates.",
            build=architectures.build_logistic_regression,
            recipe=replace(
                TEACHER,
                learning_rate=0.004,
                epochs=30,
                amounts=LINEAR_AMOUNTS,
                augmented_copies=4,
            ),
            published=PublishedResult(0.9280, DASHBOARD),
            published_recipe=replace(PLAIN, batch_size=64, epochs=30),
            published_build=architectures.build_plain_logistic_regression,
        ),
        ZooEntry(
            id="mlp",
            title="MLP",
            description="Two dense hidden layers without convolutions: each unit of the first "
            "one has a weight for every pixel.",
            build=architectures.build_mlp,
            recipe=TAUGHT,
            published=PublishedResult(0.9767, DASHBOARD),
            published_recipe=replace(PLAIN, batch_size=128, epochs=30),
        ),
        ZooEntry(
            id="sigmoid_mlp",
            title="Sigmoid MLP",
            description="Two dense hidden layers with sigmoid units, which were common before "
            "ReLU and learn more slowly.",
            build=architectures.build_sigmoid_mlp,
            recipe=TAUGHT,
            published=PublishedResult(0.97, SWAGGER),
            published_recipe=replace(PLAIN, batch_size=32, epochs=10),
        ),
        ZooEntry(
            id="regularised_lenet5",
            title="Regularised LeNet-5",
            description="LeNet-5 with the layer sizes of 1998, a padded input and average "
            "pooling, plus batch normalisation and dropout.",
            build=architectures.build_regularised_lenet5,
            recipe=replace(TAUGHT, epochs=24),
            published=PublishedResult(0.96, DOCKER),
            published_recipe=replace(PLAIN, batch_size=32, epochs=10),
        ),
        ZooEntry(
            id="numpy_dense",
            title="NumPy dense net",
            description="Three dense layers, trained by code that is written in NumPy alone, "
            "without a deep-learning library.",
            build=architectures.build_numpy_dense,
            recipe=NumpyNetworkRecipe(PHASES),
            published=PublishedResult(None, NUMPY_PROJECT),
        ),
        ZooEntry(
            id="committee",
            title="Committee",
            description="The mean of the calibrated probabilities of several other models. "
            "Errors that they do not share cancel out.",
            build=architectures.build_ensemble,
            recipe=EnsembleRecipe(members=("deep_cnn", "regularised_cnn", "cnn")),
            published=PublishedResult(None, "nobody yet"),
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
