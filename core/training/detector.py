"""The detector: trains the network that tells one digit, several digits and no digit apart.

``python -m core.training detector`` writes it into ``artifacts/``. It is trained on digits of MNIST
and on drawings of ``core.synthesis.symbols``. The threshold comes from digits alone.
"""

import json
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from core.atomic_files import replace_file, write_atomically
from core.digits.datasets import Dataset
from core.digits.frame import FRAME_SIZE, bytes_from_frames
from core.inference.detector import DETECTOR_FILE, KINDS, SETTINGS_FILE, DetectorSettings, FrameKind
from core.inference.network import Network
from core.models.files import ARTIFACTS_DIRECTORY
from core.runs.training_data import Split, split_mnist
from core.synthesis.augmentation import HANDWRITING, distort
from core.synthesis.styles import draw_non_digits
from core.synthesis.symbols import draw_bent_digits, draw_bent_non_digits, draw_neighbours
from core.synthesis.wrong_segments import join_neighbours
from core.training.augmented_copies import CHUNK, TrainingCopy, make_copy
from core.training.callbacks import AveragedWeights, choose_momentum
from core.training.conversion import convert
from core.training.copy_batches import CopyBatches
from core.training.measurement import NON_DIGIT_SEED, NON_DIGITS, load_samples

SEED = 1
BATCH_SIZE = 256
LEARNING_RATE = 1.5e-3
WEIGHT_DECAY = 1e-3
# About so many of the last updates count in the average of weights.
AVERAGED_UPDATES = 500
# At most these shares of real digits may be taken for no digit.
COSTS = {"validation": 0.001, "pen_strokes": 0.0025}


@dataclass(frozen=True)
class Amounts:
    """How much the detector is trained on, and for how long.

    Attributes:
        copies: augmented copies of the training images, besides the images themselves.
        digits: drawn digits.
        neighbours: drawings of several digits, and a third as many made of training images.
        non_digits: drawings that are no digit.
        epochs: passes over all of them.
    """

    copies: int = 3
    digits: int = 40_000
    neighbours: int = 80_000
    non_digits: int = 140_000
    epochs: int = 8


def train_detector(
    directory: Path = ARTIFACTS_DIRECTORY, amounts: Amounts | None = None
) -> DetectorSettings:
    """Train the detector, and write its network and its settings.

    Args:
        directory: where both are written; older ones are replaced.
        amounts: by default, those of the published detector.

    Raises:
        MnistUnavailableError: MNIST is not on this machine.
        ValueError: the file of drawings cannot be read.
    """
    amounts = amounts or Amounts()
    keras.utils.set_random_seed(SEED)
    split = split_mnist()
    model = build_detector()
    _fit(model, make_examples(split.training, amounts, np.random.default_rng(SEED)), amounts.epochs)
    litert = convert(model)
    settings = measure(Network(litert), litert, split)
    with replace_file(directory / DETECTOR_FILE) as path:
        path.write_bytes(litert)
    write_atomically(directory / SETTINGS_FILE, json.dumps(asdict(settings), indent=2) + "\n")
    return settings


def build_detector() -> keras.Model:
    """A convolutional network of 49,395 parameters, from ``(28, 28)`` to three probabilities."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((FRAME_SIZE, FRAME_SIZE)),
            layers.Reshape((FRAME_SIZE, FRAME_SIZE, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(len(KINDS), activation="softmax"),
        ],
        name="detector",
    )


def make_examples(training: Dataset, amounts: Amounts, random: np.random.Generator) -> TrainingCopy:
    """Images of every kind, with one-hot targets ``(N, 3)``.

    Args:
        training: images of MNIST.
        amounts: how many.
        random: generator of all of them.
    """
    digits_only = replace(HANDWRITING, non_digits=0, wrong_segments=0)
    copies = [make_copy(training, digits_only, random).images for _ in range(amounts.copies)]
    joined = join_neighbours(training.frames, amounts.neighbours // 3, random)
    images = {
        FrameKind.DIGIT: [
            training.images,
            *copies,
            _distort(draw_bent_digits(amounts.digits, random), random),
        ],
        FrameKind.SEVERAL: [
            bytes_from_frames(joined),
            _distort(draw_neighbours(amounts.neighbours, random), random),
        ],
        FrameKind.NONE: [_distort(draw_bent_non_digits(amounts.non_digits, random), random)],
    }
    counts = [sum(map(len, images[kind])) for kind in KINDS]
    targets = np.repeat(np.eye(len(KINDS), dtype=np.float32), counts, axis=0)
    return TrainingCopy(np.concatenate([part for kind in KINDS for part in images[kind]]), targets)


def _distort(frames: npt.NDArray[np.float32], random: np.random.Generator) -> npt.NDArray[np.uint8]:
    images = bytes_from_frames(frames)
    for start in range(0, len(frames), CHUNK):
        part = slice(start, start + CHUNK)
        images[part] = bytes_from_frames(distort(frames[part], HANDWRITING, random))
    return images


def _fit(model: keras.Model, examples: TrainingCopy, epochs: int) -> None:
    batches = CopyBatches(lambda _: examples, copies=1, batch_size=BATCH_SIZE, seed=SEED)
    updates = epochs * len(batches)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, updates)
    model.compile(
        keras.optimizers.AdamW(
            rate,
            weight_decay=WEIGHT_DECAY,
            use_ema=True,
            ema_momentum=choose_momentum(updates, averaged=AVERAGED_UPDATES),
        ),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(batches, epochs=epochs, shuffle=False, callbacks=[AveragedWeights()])


def measure(network: Network, litert: bytes, split: Split) -> DetectorSettings:
    """Choose the threshold that few of the real digits miss, and measure how many do.

    Args:
        network: of the LiteRT file.
        litert: the contents of that file.
        split: MNIST, of whose validation and test digits it was not trained on.

    Raises:
        ValueError: the file of drawings cannot be read.
    """
    samples = {name: sample.frames for name, sample in load_samples(split).items()}
    random = np.random.default_rng(NON_DIGIT_SEED)
    samples |= {
        "validation": split.validation.frames,
        "non_digits": draw_non_digits(NON_DIGITS, random, held_out=True),
    }
    found = {name: network.run(frames)[:, FrameKind.DIGIT] for name, frames in samples.items()}
    threshold = min(
        float(np.quantile(found[name], cost, method="lower"))
        for name, cost in COSTS.items()
        if name in found
    )
    return DetectorSettings(
        sha256=sha256(litert).hexdigest(),
        threshold=threshold,
        refused={name: float((values < threshold).mean()) for name, values in found.items()},
    )
