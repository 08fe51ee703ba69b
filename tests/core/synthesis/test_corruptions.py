import numpy as np
import pytest

from core.inference.classifier import load_classifier
from core.synthesis.corruptions import BATCH_SIZE, CORRUPTIONS, SEVERITIES, corrupt, find_corruption

# Where the amounts of MNIST-C were looked up: google-research/mnist-c, corruptions.py.
MNIST_C = {
    "rotate": (0.2, 0.4, 0.6, 0.8, 1.0),
    "translate": (1, 2, 3, 4, 5),
    "scale": (0.9, 0.8, 0.7, 0.6, 0.5),
    "shear": (0.2, 0.4, 0.6, 0.8, 1.0),
    "gaussian_noise": (0.08, 0.12, 0.18, 0.26, 0.38),
    "shot_noise": (60, 25, 12, 5, 3),
    "impulse_noise": (0.03, 0.06, 0.09, 0.17, 0.27),
    "contrast": (0.4, 0.3, 0.2, 0.1, 0.05),
    "brightness": (0.1, 0.2, 0.3, 0.4, 0.5),
}
every_corruption = pytest.mark.parametrize(
    "corruption", CORRUPTIONS.values(), ids=lambda corruption: corruption.id
)


def blob(count: int = 40) -> np.ndarray:
    """A small L: asymmetric, so that its direction shows, and far from the edges."""
    frames = np.zeros((count, 28, 28), np.float32)
    frames[:, 10:17, 12:14] = 1
    frames[:, 15:17, 12:18] = 1
    return frames


def centre_of_mass(frames: np.ndarray) -> np.ndarray:
    """Rows and columns, ``(N, 2)``."""
    mass = frames.sum(axis=(1, 2))
    places = np.arange(28)
    rows, columns = frames.sum(axis=2) @ places, frames.sum(axis=1) @ places
    return np.stack([rows, columns], axis=1) / mass[:, None]


def test_corruptions_marked_as_from_mnist_c_have_its_amounts():
    amounts = {
        corruption.id: corruption.amounts
        for corruption in CORRUPTIONS.values()
        if corruption.from_mnist_c
    }
    assert amounts == MNIST_C


@every_corruption
def test_corrupted_frames_are_valid_frames_and_the_given_array_is_unchanged(
    bundled_digits, corruption
):
    frames = bundled_digits.frames[:50]
    before = frames.copy()
    for amount in corruption.amounts:
        corrupted = corrupt(frames, corruption, amount)
        assert corrupted.shape == frames.shape
        assert corrupted.dtype == np.float32
        assert 0 <= corrupted.min() <= corrupted.max() <= 1
        assert np.abs(corrupted - frames).max() > 0.05
    assert np.array_equal(frames, before)


@every_corruption
def test_higher_severities_change_frames_more_and_the_mildest_amount_least(
    bundled_digits, corruption
):
    frames = bundled_digits.frames[:200]
    amounts = (corruption.mildest, *corruption.amounts)
    changes = [np.abs(corrupt(frames, corruption, amount) - frames).mean() for amount in amounts]
    assert changes == sorted(changes)
    assert changes[0] < changes[1]
    assert len(corruption.amounts) == len(SEVERITIES)


@every_corruption
def test_the_accuracy_of_lenet_5_falls_with_severity(bundled_digits, corruption):
    lenet5, labels = load_classifier("lenet5"), bundled_digits.labels
    accuracies = [
        (lenet5.probabilities(frames).argmax(axis=1) == labels).mean()
        for frames in (
            bundled_digits.frames,
            corrupt(bundled_digits.frames, corruption, corruption.amounts[0]),
            corrupt(bundled_digits.frames, corruption, corruption.amounts[-1]),
        )
    ]
    # The mildest severity changes a few predictions of 1,797, some for the better.
    assert accuracies[1] <= accuracies[0] + 0.005
    assert accuracies[2] < min(accuracies[:2])


@every_corruption
def test_corruptions_depend_neither_on_earlier_calls_nor_on_global_random_state(
    bundled_digits, corruption
):
    frames, amount = bundled_digits.frames[:30], corruption.amounts[2]
    first = corrupt(frames, corruption, amount)
    np.random.default_rng().random(100)
    np.random.random(100)  # the global state plays no part
    assert np.array_equal(corrupt(frames, corruption, amount), first)
    seeded = [corrupt(frames, corruption, amount, np.random.default_rng(3)) for _ in range(2)]
    assert np.array_equal(*seeded)


def test_frames_are_changed_differently_from_batch_to_batch():
    frames = blob(2 * BATCH_SIZE)
    noisy = corrupt(frames, CORRUPTIONS["gaussian_noise"], 0.2)
    assert not np.array_equal(noisy[:BATCH_SIZE], noisy[BATCH_SIZE:])


@pytest.mark.parametrize("pixels", CORRUPTIONS["translate"].amounts)
def test_a_shift_moves_the_centre_of_mass_by_exactly_its_amount(pixels):
    moved = centre_of_mass(corrupt(blob(), CORRUPTIONS["translate"], pixels))
    steps = moved - centre_of_mass(blob())
    assert np.abs(steps) == pytest.approx(np.full((40, 2), pixels), abs=1e-3)
    assert len({tuple(np.sign(step)) for step in steps}) == 4  # along both axes, both ways


@pytest.mark.parametrize("angle", [np.pi / 2, 0.3])
def test_a_rotation_and_its_inverse_restore_the_digit(bundled_digits, angle):
    frames = bundled_digits.frames[:100]
    rotate = CORRUPTIONS["rotate"]
    rotated = corrupt(frames, rotate, angle, np.random.default_rng(1))
    back = corrupt(rotated, rotate, -angle, np.random.default_rng(1))
    allowed = 1e-3 if angle == np.pi / 2 else 0.05  # a quarter turn needs no resampling
    assert np.abs(back - frames).mean() < allowed
    assert np.abs(rotated - frames).mean() > allowed


def test_a_rotation_turns_by_its_angle_in_both_directions():
    original = centre_of_mass(blob())[0] - 13.5
    turned = centre_of_mass(corrupt(blob(), CORRUPTIONS["rotate"], 0.6)) - 13.5
    angles = np.arctan2(turned[:, 1], turned[:, 0]) - np.arctan2(original[1], original[0])
    assert np.abs(angles) == pytest.approx(np.full(40, 0.6), abs=0.03)
    assert angles.min() < 0 < angles.max()


def test_scale_shrinks_the_area_by_the_square_of_the_size():
    ink = corrupt(blob(1), CORRUPTIONS["scale"], 0.5).sum() / blob(1).sum()
    assert ink == pytest.approx(0.25, rel=0.05)


def test_impulse_noise_sets_its_share_of_pixels_half_to_ink_half_to_paper():
    grey = np.full((200, 28, 28), 0.5, np.float32)
    noisy = corrupt(grey, CORRUPTIONS["impulse_noise"], 0.2)
    assert (noisy == 1).mean() == pytest.approx(0.1, abs=0.005)
    assert (noisy == 0).mean() == pytest.approx(0.1, abs=0.005)


def test_shot_noise_leaves_paper_unchanged_and_has_poisson_deviation():
    grey = np.zeros((200, 28, 28), np.float32)
    grey[:, :14] = 0.25
    noisy = corrupt(grey, CORRUPTIONS["shot_noise"], 25)
    assert noisy[:, 14:].max() == 0
    assert noisy[:, :14].mean() == pytest.approx(0.25, abs=0.003)
    assert noisy[:, :14].std() == pytest.approx(np.sqrt(0.25 / 25), abs=0.003)


def test_contrast_is_reduced_around_the_mean(bundled_digits):
    frames = bundled_digits.frames[:20]
    flat = corrupt(frames, CORRUPTIONS["contrast"], 0.1)
    assert flat.mean(axis=(1, 2)) == pytest.approx(frames.mean(axis=(1, 2)), abs=1e-5)
    assert flat.std(axis=(1, 2)) == pytest.approx(0.1 * frames.std(axis=(1, 2)), rel=1e-3)


@pytest.mark.parametrize("side", [4, 5, 12])
def test_occlusion_covers_a_square_on_the_digit(side):
    full = np.ones((60, 28, 28), np.float32)
    masks = corrupt(full, CORRUPTIONS["occlusion"], side) == 0
    assert masks.sum(axis=(1, 2)).max() == side**2
    for mask in masks:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert mask.sum() == len(rows) * len(columns)
    covered = blob() - corrupt(blob(), CORRUPTIONS["occlusion"], side)
    assert covered.sum(axis=(1, 2)).min() > 0


def test_strokes_can_grow_by_more_than_a_pixel():
    dot = np.zeros((1, 28, 28), np.float32)
    dot[0, 14, 14] = 1
    assert corrupt(dot, CORRUPTIONS["thicker_strokes"], 2.0).sum() == 13  # a diamond


def test_an_empty_array_is_corrupted_and_other_shapes_are_refused():
    rotate = CORRUPTIONS["rotate"]
    assert corrupt(np.empty((0, 28, 28), np.float32), rotate, 0.2).shape == (0, 28, 28)
    with pytest.raises(ValueError, match="expected frames of shape"):
        corrupt(np.zeros((28, 28), np.float32), rotate, 0.2)


def test_an_unknown_corruption_is_refused_with_the_choices():
    assert find_corruption("rotate").title == "Rotation"
    with pytest.raises(ValueError, match="choices are rotate, translate"):
        find_corruption("melt")
