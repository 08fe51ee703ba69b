"""The network in NumPy, against finite differences and against TensorFlow."""

import subprocess
import sys

import numpy as np
import pytest

from core.training.numpy_network import (
    PHASES,
    SIZES,
    DenseNetwork,
    Epoch,
    Phase,
    encode_labels,
    shift_frames,
    train_epochs,
)

SIDE, SMALL_SIZES = 4, (16, 7, 6, 5)
# No finite difference below moves a hidden unit's sum by nearly as much.
SMOOTH = 0.05


def make_small_network(seed: int = 3) -> DenseNetwork:
    network = DenseNetwork(SMALL_SIZES, seed, dtype=np.float64)
    random = np.random.default_rng(seed)
    for biases in network.biases:
        biases[:] = random.normal(0, 0.3, biases.shape)
    return network


def hidden_sums(network: DenseNetwork, frames: np.ndarray) -> np.ndarray:
    """What goes into every ReLU, (N, hidden units)."""
    first = frames.reshape(len(frames), -1) @ network.weights[0] + network.biases[0]
    second = np.clip(first, 0, None) @ network.weights[1] + network.biases[1]
    return np.hstack([first, second])


def draw_smooth_frames(network: DenseNetwork, random: np.random.Generator) -> np.ndarray:
    """Twelve frames far from every kink of every ReLU."""
    frames = random.random((2000, SIDE, SIDE))
    sums = hidden_sums(network, frames)
    smooth = frames[(np.abs(sums) > SMOOTH).all(axis=1)][:12]
    assert len(smooth) == 12
    return smooth


def draw_targets(kind: str, random: np.random.Generator, count: int = 12) -> np.ndarray:
    if kind == "labels":
        return encode_labels(random.integers(SMALL_SIZES[-1], size=count), SMALL_SIZES[-1])
    return random.dirichlet(np.ones(SMALL_SIZES[-1]), count)


def differentiate(network, array, frames, targets, step: float = 1e-5) -> np.ndarray:
    """Central finite differences of the loss by each element of one of the network's arrays."""
    slopes = np.empty_like(array)
    for place in np.ndindex(array.shape):
        value, losses = array[place], []
        for moved in (value + step, value - step):
            array[place] = moved
            losses.append(network.gradients(frames, targets).loss)
        array[place] = value
        slopes[place] = (losses[0] - losses[1]) / (2 * step)
    return slopes


def build_keras_model(network: DenseNetwork, frame: tuple[int, int], dtype: str):
    import keras
    from keras import layers

    *hidden, classes = (len(biases) for biases in network.biases)
    model = keras.Sequential(
        [
            keras.Input(frame, dtype=dtype),
            layers.Flatten(dtype=dtype),
            *[layers.Dense(units, activation="relu", dtype=dtype) for units in hidden],
            layers.Dense(classes, activation="softmax", dtype=dtype),
        ]
    )
    model.set_weights(network.keras_weights())
    return model


class RecordingNetwork(DenseNetwork):
    """Keeps what it is trained with."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        self.batches: list[np.ndarray] = []
        self.rates: list[float] = []

    def gradients(self, frames, targets):
        self.batches.append(frames)
        return super().gradients(frames, targets)

    def step(self, gradients, learning_rate: float):
        self.rates.append(learning_rate)
        super().step(gradients, learning_rate)


def make_separable_set(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Three classes, each with its own row of ink, on grey noise: (120, 4, 4) and (120,)."""
    labels = np.arange(120) % 3
    frames = random.uniform(0, 0.4, (120, SIDE, SIDE)).astype(np.float32)
    frames[np.arange(120), labels] += 0.6
    return frames, labels


def train(network_seed: int = 1, order_seed: int = 2) -> tuple[DenseNetwork, list[Epoch]]:
    frames, labels = make_separable_set(np.random.default_rng(5))
    network = DenseNetwork((16, 12, 8, 3), network_seed)
    phases = [Phase(40, 5, 0.1), Phase(8, 15, 0.1)]
    return network, list(train_epochs(network, frames, labels, phases, order_seed))


@pytest.mark.parametrize("kind", ["labels", "soft"])
@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("part", ["weights", "biases"])
def test_gradients_are_the_slopes_of_the_loss(random, part, layer, kind):
    network = make_small_network()
    frames, targets = draw_smooth_frames(network, random), draw_targets(kind, random)
    found = getattr(network.gradients(frames, targets), part)[layer]
    expected = differentiate(network, getattr(network, part)[layer], frames, targets)
    assert np.linalg.norm(expected) > 0.01
    error = np.linalg.norm(found - expected) / np.linalg.norm(expected)
    assert error < 1e-6


def test_the_smooth_points_meet_units_that_are_on_and_off(random):
    network = make_small_network()
    on = hidden_sums(network, draw_smooth_frames(network, random)) > 0
    assert (on.any(axis=0) & ~on.all(axis=0)).sum() >= 4  # differ between the frames
    assert 0.2 < on.mean() < 0.8


@pytest.mark.parametrize("kind", ["labels", "soft"])
def test_gradients_and_probabilities_are_those_of_tensorflow(random, kind):
    import tensorflow as tf

    network = make_small_network()
    frames, targets = random.random((30, SIDE, SIDE)), draw_targets(kind, random, 30)
    model = build_keras_model(network, (SIDE, SIDE), "float64")
    with tf.GradientTape() as tape:
        probabilities = model(tf.constant(frames))
        # From the probabilities as they are: Keras's own loss clips them.
        loss = -tf.reduce_mean(tf.reduce_sum(targets * tf.math.log(probabilities), axis=1))
    found = network.gradients(frames, targets)
    slopes = [array for layer in zip(found.weights, found.biases, strict=True) for array in layer]
    assert found.loss == pytest.approx(float(loss), rel=1e-12)
    assert np.allclose(network.probabilities(frames), probabilities, rtol=1e-12, atol=0)
    assert np.array_equal(network.probabilities(frames), found.probabilities)
    expected = tape.gradient(loss, model.trainable_variables)
    for ours, theirs in zip(slopes, expected, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-10, atol=1e-14)


def test_the_keras_model_with_its_weights_reads_real_digits_alike(bundled_digits):
    network = DenseNetwork(SIZES, seed=1)
    model = build_keras_model(network, (28, 28), "float32")
    frames = bundled_digits.frames[:200]
    probabilities = network.probabilities(frames)
    assert probabilities.dtype == np.float32
    assert np.abs(probabilities - model.predict(frames, verbose=0)).max() < 1e-6


def test_keras_weights_stay_as_they_were_when_training_goes_on(random):
    network = make_small_network()
    kept = network.keras_weights()
    before = [array.copy() for array in kept]
    gradients = network.gradients(draw_smooth_frames(network, random), draw_targets("soft", random))
    network.step(gradients, 0.1)
    assert all(np.array_equal(now, then) for now, then in zip(kept, before, strict=True))
    assert not any(
        np.array_equal(now, then) for now, then in zip(network.keras_weights(), before, strict=True)
    )


def test_a_step_goes_down_the_slope_as_far_as_the_learning_rate_says(random):
    network = make_small_network()
    frames, targets = draw_smooth_frames(network, random), draw_targets("labels", random)
    gradients = network.gradients(frames, targets)
    squares = sum((slopes**2).sum() for slopes in (*gradients.weights, *gradients.biases))
    network.step(gradients, 1e-5)
    descent = gradients.loss - network.gradients(frames, targets).loss
    assert descent == pytest.approx(1e-5 * squares, rel=1e-3)


def test_initial_weights_have_the_variance_of_he_and_biases_are_zero():
    network = DenseNetwork((784, 256, 128, 10), seed=1)
    for weights in network.weights[:2]:
        assert weights.std() == pytest.approx(np.sqrt(2 / len(weights)), rel=0.02)
        assert abs(weights.mean()) < 0.05 * weights.std()
    assert not any(biases.any() for biases in network.biases)
    assert {array.dtype for array in network.keras_weights()} == {np.dtype(np.float32)}


def test_huge_sums_give_finite_losses_and_gradients(random):
    network = DenseNetwork(SMALL_SIZES, seed=1)
    network.weights[-1] *= np.float32(1e5)
    gradients = network.gradients(random.random((12, SIDE, SIDE)), draw_targets("soft", random))
    assert np.isfinite(gradients.loss)
    assert gradients.loss > 1000
    assert np.allclose(gradients.probabilities.sum(axis=1), 1)
    assert all(np.isfinite(slopes).all() for slopes in gradients.weights)


def test_training_lowers_the_loss_and_learns_what_can_be_separated():
    _, epochs = train()
    assert epochs[0].loss > 0.5
    assert epochs[-1].loss < 0.05
    assert epochs[0].accuracy < 0.8
    assert epochs[-1].accuracy == 1


def test_an_epoch_reports_the_loss_and_accuracy_of_its_images():
    frames, labels = make_separable_set(np.random.default_rng(5))
    network = DenseNetwork((16, 12, 8, 3), seed=1)
    probabilities = network.probabilities(frames)
    loss = -np.log(probabilities[np.arange(120), labels]).mean()
    # Batches of 50, 50 and 20, at a rate that changes nothing measurable meanwhile.
    (epoch,) = train_epochs(network, frames, labels, [Phase(50, 1, 1e-9)], seed=1)
    assert epoch.loss == pytest.approx(loss, rel=1e-5)
    assert epoch.accuracy == (probabilities.argmax(axis=1) == labels).mean()


def test_the_same_seeds_train_the_same_network():
    (one, first), (two, second) = train(), train()
    assert first == second
    for ours, theirs in zip(one.keras_weights(), two.keras_weights(), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("seeds", [(2, 2), (1, 3)], ids=["of the weights", "of the order"])
def test_another_seed_trains_another_network(seeds):
    (one, first), (two, second) = train(), train(*seeds)
    assert first != second
    assert not np.array_equal(one.weights[0], two.weights[0])


def test_each_phase_uses_its_batches_epochs_and_learning_rate(random):
    frames = random.random((100, SIDE, SIDE))
    network = RecordingNetwork((16, 4, 3), seed=1)
    phases = [Phase(40, 1, 0.5), Phase(25, 2, 0.25)]
    epochs = list(train_epochs(network, frames, np.arange(100) % 3, phases, seed=1))
    assert len(epochs) == 3
    assert [len(batch) for batch in network.batches] == [40, 40, 20, *[25] * 8]
    assert network.rates == [0.5] * 3 + [0.25] * 8


def test_every_epoch_learns_every_image_once_in_another_order(random):
    frames = random.random((100, SIDE, SIDE))
    network = RecordingNetwork((16, 4, 3), seed=1)
    list(train_epochs(network, frames, np.arange(100) % 3, [Phase(30, 2, 0.1)], seed=1))
    seen = np.concatenate(network.batches)[:, 0, 0]
    for epoch in (seen[:100], seen[100:]):
        assert np.array_equal(np.sort(epoch), np.sort(frames[:, 0, 0]))
    assert not np.array_equal(seen[:100], seen[100:])
    assert not np.array_equal(seen[:100], frames[:, 0, 0])


def test_an_epoch_is_trained_only_when_it_is_asked_for(random):
    frames = random.random((100, SIDE, SIDE))
    network = RecordingNetwork((16, 4, 3), seed=1)
    epochs = train_epochs(network, frames, np.arange(100) % 3, [Phase(50, 3, 0.1)], seed=1)
    assert len(network.batches) == 0
    next(epochs)
    assert len(network.batches) == 2


def test_the_published_phases_go_from_large_batches_to_small_ones():
    large, small = PHASES
    assert large.batch_size > small.batch_size
    assert large.epochs < small.epochs
    assert SIZES[0] == 28 * 28
    assert SIZES[-1] == 10


def test_frames_are_shifted_both_ways_on_both_axes_and_paper_comes_in(random):
    frames = np.zeros((2, 5, 5))
    frames[:, 2, 2], frames[:, 0, 0] = 1, 0.5
    places = set()
    for _ in range(200):
        shifted = shift_frames(frames, 1, random)
        assert shifted.shape == frames.shape
        assert np.array_equal(shifted[0], shifted[1])
        ((row,), (column,)) = np.nonzero(shifted[0] == 1)
        places.add((int(row), int(column)))
        # The ink in the corner leaves the frame where it is moved out, and never comes back in.
        assert (shifted[0] == 0.5).sum() == (row >= 2 and column >= 2)
    assert places == {(row, column) for row in (1, 2, 3) for column in (1, 2, 3)}
    assert shift_frames(frames, 0, random) is frames


def test_a_phase_shifts_its_batches():
    frames = np.zeros((60, SIDE, SIDE))
    frames[:, 1, 1] = 1
    network = RecordingNetwork((16, 4, 3), seed=1)
    phases = [Phase(10, 1, 0.1), Phase(10, 1, 0.1, shift=1)]
    list(train_epochs(network, frames, np.arange(60) % 3, phases, seed=1))
    places = [batch.sum(axis=0).argmax() for batch in network.batches]
    assert set(places[:6]) == {5}
    assert len(set(places[6:])) > 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "expected at least 1 image.*got batch_size 0"),
        ({"epochs": 0}, "expected at least 1 image.*epochs 0"),
        ({"learning_rate": 0.0}, "expected a learning rate above 0, got 0"),
        ({"learning_rate": float("nan")}, "expected a learning rate above 0, got nan"),
        ({"shift": -1}, "expected a shift of 0 or more pixels, got -1"),
    ],
)
def test_a_phase_that_trains_nothing_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Phase(**{"batch_size": 8, "epochs": 1, "learning_rate": 0.1, **options})


@pytest.mark.parametrize("sizes", [(), (16,), (16, 0, 3)])
def test_sizes_that_make_no_network_are_refused(sizes):
    with pytest.raises(ValueError, match="expected two or more sizes of at least 1, got"):
        DenseNetwork(sizes, seed=1)


@pytest.mark.parametrize("shape", [(28, 28), (2, 16), (2, 5, 4), (2, 4, 4, 1)])
def test_frames_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected frames .* 16 pixels each, got \("):
        make_small_network().probabilities(np.zeros(shape))


@pytest.mark.parametrize(
    ("count", "targets", "message"),
    [
        (2, np.full((2, 4), 0.25), r"targets of shape \(2, 5\), got \(2, 4\)"),
        (2, np.full((3, 5), 0.2), r"targets of shape \(2, 5\), got \(3, 5\)"),
        (2, np.array([0, 1]), r"targets of shape \(2, 5\), got \(2,\)"),
        (0, np.empty((0, 5)), "expected one or more frames"),
        (1, np.full((1, 5), 0.3), "expected targets .* sum to 1, got .* sums from 1.5"),
        (1, np.array([[1.5, -0.5, 0, 0, 0]]), "expected targets of 0 or more .* got .* -0.5"),
        (1, np.full((1, 5), np.nan), "expected targets .* got .* nan"),
    ],
)
def test_targets_that_are_no_distributions_are_refused(count, targets, message):
    with pytest.raises(ValueError, match=message):
        make_small_network().gradients(np.zeros((count, SIDE, SIDE)), targets)


@pytest.mark.parametrize(
    ("count", "labels", "phases", "message"),
    [
        (3, np.array([0, 1]), [Phase(2, 1, 0.1)], "got 3 frames and 2 labels"),
        (0, np.array([], int), [Phase(2, 1, 0.1)], "got 0 frames and 0 labels"),
        (2, np.array([0, 5]), [Phase(2, 1, 0.1)], "expected labels from 0 to 4, got 0 to 5"),
        (2, np.array([-1, 4]), [Phase(2, 1, 0.1)], "expected labels from 0 to 4, got -1 to 4"),
        (2, np.array([0.0, 1.0]), [Phase(2, 1, 0.1)], "expected whole labels"),
        (2, np.zeros((2, 1), int), [Phase(2, 1, 0.1)], r"expected whole labels of shape \(N,\)"),
        (2, np.array([0, 1]), [], "expected at least one phase, got none"),
    ],
)
def test_training_without_fitting_images_labels_and_phases_is_refused_at_once(
    count, labels, phases, message
):
    with pytest.raises(ValueError, match=message):
        train_epochs(make_small_network(), np.zeros((count, SIDE, SIDE)), labels, phases, seed=1)


def test_the_module_needs_neither_tensorflow_nor_keras():
    script = (
        "import sys, core.training.numpy_network\n"
        "print({'tensorflow', 'keras'} & {name.split('.')[0] for name in sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"
