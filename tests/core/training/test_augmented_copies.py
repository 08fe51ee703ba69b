import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.digits.datasets import Dataset
from core.inference.classifier import load_classifier
from core.synthesis.augmentation import Augmentation
from core.training.augmented_copies import (
    AugmentedCopies,
    TrainingCopy,
    list_sources,
    make_copy,
    plain_copy,
)
from core.training.copy_batches import CopyBatches

ROOT = Path(__file__).resolve().parents[3]
MAKE_A_COPY = """
import sys
from pathlib import Path
import numpy as np
from core.digits.datasets import Dataset
from core.synthesis.augmentation import Augmentation
from core.training.augmented_copies import AugmentedCopies

images = np.zeros((10, 28, 28), np.uint8)
images[:, 5:20, 12:15] = 255
dataset = Dataset("few", "Few", images, np.arange(10, dtype=np.uint8))
AugmentedCopies(dataset, Augmentation(rotation=10, drawings=1.0), Path(sys.argv[1])).load(0)
"""
AMOUNTS = Augmentation(
    rotation=10, styles=0.5, drawings=0.1, non_digits=0.05, wrong_segments=0.1, defects=0.2
)


@pytest.fixture
def few(bundled_digits) -> Dataset:
    return Dataset("few", "Few", bundled_digits.images[:200], bundled_digits.labels[:200])


def test_a_plain_copy_is_the_data_set_itself(few):
    plain = plain_copy(few)
    assert np.array_equal(plain.images, few.images)
    assert np.array_equal(plain.targets.argmax(axis=1), few.labels)
    assert (plain.targets.max(axis=1) == 1).all()


def test_a_copy_holds_changed_images_then_drawings_then_what_is_no_digit(few, random):
    made = make_copy(few, AMOUNTS, random)
    assert len(made) == 200 + 20 + 10 + 20
    assert (made.images[:200] != few.images).any(axis=(1, 2)).mean() > 0.95
    assert np.array_equal(made.targets[:200].argmax(axis=1), few.labels)
    assert np.array_equal(made.targets[200:220].argmax(axis=1), np.arange(20) % 10)
    assert np.allclose(made.targets[220:], 0.1)


def test_a_share_of_the_images_stays_as_it_is(few, random):
    made = make_copy(few, replace(AMOUNTS, unchanged=0.3), random)
    unchanged = (made.images[:200] == few.images).all(axis=(1, 2)).mean()
    assert 0.2 < unchanged < 0.4


def test_copies_differ_and_are_made_only_once(few, tmp_path, monkeypatch):
    copies = AugmentedCopies(few, AMOUNTS, tmp_path)
    first, second = copies.load(0), copies.load(1)
    assert not np.array_equal(first.images, second.images)
    monkeypatch.setattr("core.training.augmented_copies.make_copy", None)
    again = AugmentedCopies(few, AMOUNTS, tmp_path).load(0)
    assert np.array_equal(again.images, first.images)
    assert np.array_equal(again.targets, first.targets)


def test_another_augmentation_has_copies_of_its_own(few, tmp_path):
    first = AugmentedCopies(few, Augmentation(rotation=1), tmp_path).load(0)
    second = AugmentedCopies(few, Augmentation(rotation=30), tmp_path).load(0)
    assert not np.array_equal(first.images, second.images)


@pytest.mark.parametrize("part", ["images", "labels"])
def test_other_data_has_copies_of_its_own(few, tmp_path, part):
    changed = getattr(few, part).copy()
    changed[:2] = changed[1::-1]
    other = replace(few, **{part: changed})
    first = AugmentedCopies(few, AMOUNTS, tmp_path).load(0)
    assert not are_equal(AugmentedCopies(other, AMOUNTS, tmp_path).load(0), first)
    assert are_equal(AugmentedCopies(few, AMOUNTS, tmp_path).load(0), first)


@pytest.mark.parametrize(
    "source", ["synthesis/glyphs.py", "digits/frame.py", "training/augmented_copies.py"]
)
def test_changed_code_makes_new_copies(tmp_path, source):
    """A copy of the package makes a copy, is changed, and makes it again in the same directory."""
    package, copies = tmp_path / "package", tmp_path / "copies"
    shutil.copytree(ROOT / "core", package / "core", ignore=shutil.ignore_patterns("__pycache__"))
    run_script(MAKE_A_COPY, copies, cwd=package)
    run_script(MAKE_A_COPY, copies, cwd=package)
    assert len(list(copies.rglob("0.images.npy"))) == 1
    with (package / "core" / source).open("a") as file:
        file.write("# A change.\n")
    run_script(MAKE_A_COPY, copies, cwd=package)
    assert len(list(copies.rglob("0.images.npy"))) == 2


def test_the_digest_of_the_code_covers_all_that_draws_and_distorts():
    digested = {source.relative_to(ROOT).as_posix() for source in list_sources()}
    script = "import sys, core.synthesis.augmentation; print(*(m for m in sys.modules))"
    modules = run_script(script, cwd=ROOT).split()
    used = {
        name.replace(".", "/") + ".py"
        for name in modules
        if name.startswith("core.") and not (ROOT / name.replace(".", "/")).is_dir()
    }
    assert {"core/synthesis/styles.py", "core/digits/frame.py"} <= used
    assert used <= digested


def are_equal(first: TrainingCopy, second: TrainingCopy) -> bool:
    return np.array_equal(first.images, second.images) and np.array_equal(
        first.targets, second.targets
    )


def run_script(script: str, *words: object, cwd: Path) -> str:
    command = [sys.executable, "-c", script, *map(str, words)]
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("names", [["lenet5"], ["lenet5", "logistic_regression"]])
def test_teachers_say_on_average_what_is_to_be_learned(few, tmp_path, names):
    teachers = [load_classifier(name) for name in names]
    taught = AugmentedCopies(few, AMOUNTS, tmp_path, teachers=teachers).load(0)
    frames = taught.images.astype(np.float32) / np.float32(255)
    expected = np.mean([teacher.probabilities(frames) for teacher in teachers], axis=0)
    assert np.allclose(taught.targets[:220], expected[:220])
    assert np.allclose(taught.targets[220:], 0.1)  # no teacher decides what is no digit
    labelled = AugmentedCopies(few, AMOUNTS, tmp_path).load(0)
    assert np.array_equal(taught.images, labelled.images)
    assert np.array_equal(labelled.targets[:200].argmax(axis=1), few.labels)


def test_a_temperature_softens_what_teachers_predict(few, tmp_path):
    teachers = [load_classifier("lenet5")]
    plain, softened = (
        AugmentedCopies(few, AMOUNTS, tmp_path, teachers=teachers, temperature=temperature).load(0)
        for temperature in (1.0, 2.0)
    )
    roots = np.sqrt(plain.targets)
    expected = roots / roots.sum(axis=1, keepdims=True)
    assert np.allclose(softened.targets, expected, atol=1e-4)


def test_an_epoch_shows_every_image_once_in_an_order_of_its_own():
    def numbered(number: int) -> TrainingCopy:
        images = np.zeros((10, 28, 28), np.uint8)
        images[:, 0, 0] = np.arange(10) + 10 * number
        return TrainingCopy(images, np.eye(10, dtype=np.float32))

    batches = CopyBatches(numbered, copies=2, batch_size=4, seed=1)
    seen = []
    for _ in range(4):
        epoch = [batches[index] for index in range(len(batches))]
        assert [len(frames) for frames, _ in epoch] == [4, 4, 2]
        images = np.concatenate([frames for frames, _ in epoch])[:, 0, 0] * 255
        targets = np.concatenate([targets for _, targets in epoch])
        assert np.array_equal(np.round(images) % 10, targets.argmax(axis=1))
        seen.append([round(float(image)) for image in images])
        batches.on_epoch_end()
    assert [sorted(epoch) for epoch in seen] == [[*range(10)], [*range(10, 20)]] * 2
    assert seen[0] != seen[2]
