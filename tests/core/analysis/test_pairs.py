"""Pairs of confused digits: counts, groups and the digits on the border."""

import numpy as np
import pytest

from core.analysis.evaluation import Evaluation, load_test_evaluation
from core.analysis.pairs import divide_pair, list_borderline, pool_confusions
from core.models.files import list_model_ids, load_card

FOUR, NINE, OTHER = 4, 9, 0


def make_evaluation(labels: list[int], predicted: list[int], *, sure: float = 0.9) -> Evaluation:
    """A model that gives each predicted class a probability, and the rest to class 9 or 4."""
    probabilities = np.zeros((len(labels), 10), np.float32)
    rows = np.arange(len(labels))
    probabilities[rows, predicted] = sure
    probabilities[rows, [FOUR if digit == NINE else NINE for digit in predicted]] += 1 - sure
    return Evaluation("a", "A", np.array(labels, np.uint8), probabilities)


@pytest.mark.parametrize("pair", [(4, 9), (1, 7)])
def test_pooled_counts_are_the_sums_of_those_on_the_cards(mnist_test, pair):
    cards = [load_card(model_id) for model_id in list_model_ids()]
    evaluations = [load_test_evaluation(card.id, mnist_test, card=card) for card in cards]
    confusion = pool_confusions(evaluations)
    for side in divide_pair(evaluations, pair):
        on_cards = [card.test_confusion[side.label][side.other] for card in cards]
        assert list(side.errors) == on_cards
        assert confusion.counts[side.label, side.other] == sum(on_cards) > 0
        assert max(on_cards) <= len(side.confused) <= sum(on_cards)


def test_a_digit_counts_once_however_many_models_confuse_it():
    labels = [4, 4, 4, 4, 9, 9]
    first = make_evaluation(labels, [9, 9, 4, 4, 9, 4])
    second = make_evaluation(labels, [9, 4, 4, 0, 9, 9])
    fours, nines = divide_pair([first, second], (FOUR, NINE))
    assert (fours.label, fours.other, fours.errors) == (4, 9, (2, 1))
    assert fours.confused.tolist() == [0, 1]
    assert fours.right.tolist() == [2]  # digit 3 is on neither list: one model says 0
    assert (nines.label, nines.other, nines.errors) == (9, 4, (1, 0))
    assert (nines.confused.tolist(), nines.right.tolist()) == ([5], [4])


def test_wrong_labels_are_counted_as_errors_and_left_out_of_the_groups():
    evaluation = make_evaluation([4, 4, 4], [9, 9, 4])
    fours, _ = divide_pair([evaluation], (FOUR, NINE), excluded=[0, 2])
    assert fours.errors == (2,)
    assert (fours.confused.tolist(), fours.right.tolist()) == ([1], [])


def test_the_border_lists_the_closest_digits_first_and_suspected_labels_last():
    margins = [0.9, -0.2, 0.1, -0.8, 0.7]
    probabilities = np.zeros((5, 10), np.float32)
    probabilities[:, FOUR] = [(1 + margin) / 2 for margin in margins]
    probabilities[:, NINE] = [(1 - margin) / 2 for margin in margins]
    evaluation = Evaluation("a", "A", np.full(5, FOUR, np.uint8), probabilities)
    fours, nines = divide_pair([evaluation], (FOUR, NINE))
    listed = list_borderline([evaluation], fours, suspected=[1, 3, 4], count=1)
    assert [digit.index for digit in listed] == [2, 1, 3]  # 4 is a four to the model, too
    assert [digit.is_suspected for digit in listed] == [False, True, True]
    assert [digit.margin for digit in listed] == pytest.approx([0.1, -0.2, -0.8])
    assert list_borderline([evaluation], nines) == []


def test_the_margin_is_the_mean_of_the_models():
    sure, unsure = (
        make_evaluation([4], [digit], sure=share) for digit, share in ((4, 0.9), (9, 0.6))
    )
    fours, _ = divide_pair([sure, unsure], (FOUR, NINE))
    (digit,) = list_borderline([sure, unsure], fours)
    assert digit.margin == pytest.approx((0.8 - 0.2) / 2)


def test_a_digit_of_a_third_class_is_not_between_the_two_and_doubt_is_no_margin():
    probabilities = np.zeros((2, 10), np.float32)
    probabilities[0, [8, FOUR, NINE]] = 0.9, 0.05, 0.05
    probabilities[1, [FOUR, NINE]] = 0.3, 0.1  # the other classes have less each
    evaluation = Evaluation("a", "A", np.full(2, FOUR, np.uint8), probabilities)
    fours, _ = divide_pair([evaluation], (FOUR, NINE))
    (digit,) = list_borderline([evaluation], fours)
    assert (digit.index, digit.margin) == (1, pytest.approx(0.5))
