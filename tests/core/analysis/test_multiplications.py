"""Multiplications, compared with those in closed form and with the layers on the cards."""

from math import prod

import pytest

from core.analysis.multiplications import count_multiplications
from core.models.files import LITERT_FILE, list_model_ids, load_card, read_file


def count(model_id: str) -> int:
    return count_multiplications(read_file(model_id, LITERT_FILE))


def count_on_card(model_id: str) -> int:
    """Each weight is multiplied once in each cell of the layer's output, a bias is not."""
    layers = load_card(model_id).layers
    total = 0
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        if layer.kind in ("Conv2D", "Dense"):
            *places, channels = layer.output_shape
            # A layer before a batch normalisation has no bias.
            has_bias = following is None or following.kind != "BatchNormalization"
            total += prod(places) * (layer.parameters - has_bias * channels)
    return total


def test_lenet5_has_those_of_its_two_convolutions_and_its_two_dense_layers():
    convolutions = 24 * 24 * 6 * (5 * 5 * 1) + 8 * 8 * 16 * (5 * 5 * 6)
    assert count("lenet5") == convolutions + 256 * 120 + 120 * 10


@pytest.mark.parametrize("model_id", ["cnn", "mlp", "regularised_cnn", "sigmoid_mlp"])
def test_a_network_has_those_that_the_parameters_on_its_card_imply(model_id):
    assert count(model_id) == count_on_card(model_id)


def test_the_committee_has_those_of_its_members_and_of_the_mean_of_ten_probabilities():
    members = load_card("committee").recipe["members"]
    assert count("committee") == sum(map(count, members)) + 10


def test_logistic_regression_normalises_the_frame_before_its_one_layer():
    # One product of two matrices of 28×28 is part of it.
    assert count("logistic_regression") > 784 * 10 + 28**3


def test_no_model_is_without_multiplications():
    assert min(map(count, list_model_ids())) > 784
