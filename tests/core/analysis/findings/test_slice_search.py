import numpy as np
import pytest
from scipy.stats import fisher_exact
from sklearn.metrics import f1_score

from core.analysis.findings.slice_search import find_p_value, find_slices
from core.analysis.slices import select_class
from tests.core.analysis.findings.made_up import find_planted, make_subject


def search(subject):
    return find_slices(subject.labels, subject.measures, subject.wrong)


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_slice_is_found_first(seed):
    subject = make_subject(seed, planted=True)
    planted = find_planted(subject.labels, subject.measures)
    assert 0.01 < planted.mean() < 0.04
    first = search(subject)[0]
    assert first.slice.digit == 7
    assert {range_.measure for range_ in first.slice.ranges} >= {"thickness", "slant"}
    assert (first.members & planted).sum() > 0.7 * first.total
    assert first.ratio > 2


# One search in twenty may find something by chance; none of these does.
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_where_errors_have_nothing_to_do_with_the_measures(seed):
    planted = make_subject(seed, planted=True)
    random = np.random.default_rng(seed)
    shuffled = planted.wrong.copy()
    for digit in range(10):
        of_class = planted.labels == digit
        shuffled[of_class] = random.permutation(shuffled[of_class])
    assert find_slices(planted.labels, planted.measures, shuffled) == []


def test_the_numbers_of_a_slice_are_those_of_its_digits():
    subject = make_subject(0, planted=True)
    first = search(subject)[0]
    members = first.slice.select(subject.labels, subject.measures)
    assert np.array_equal(first.members, members)
    assert first.events == (subject.wrong & members).sum()
    of_class = select_class(first.slice.digit, subject.labels)
    assert first.average == pytest.approx(subject.wrong[of_class].mean())
    assert 0 < first.tested_total < first.total


@pytest.mark.parametrize(("inside", "members", "outside", "others"), [
    (5, 30, 20, 470), (0, 30, 20, 470), (9, 9, 0, 40), (3, 10, 3, 10),
])  # fmt: skip
def test_the_p_value_is_that_of_fishers_exact_test(inside, members, outside, others):
    is_member = np.arange(members + others) < members
    event = np.zeros(members + others, bool)
    event[:inside] = event[members : members + outside] = True
    table = [[inside, members - inside], [outside, others - outside]]
    expected = fisher_exact(table, alternative="greater").pvalue
    assert find_p_value(event, is_member) == pytest.approx(expected)


def search_two():
    """Nine tenths of the planted sevens are wrong, and half of the low digits of all classes."""
    subject = make_subject(1, planted=True)
    low = subject.measures["height"] < 17.5
    wrong = subject.wrong | (low & (np.random.default_rng(1).random(len(low)) < 0.5))
    return wrong, find_slices(subject.labels, subject.measures, wrong)


def test_slices_do_not_repeat_each_other():
    _, (low, *others) = search_two()
    assert low.slice.digit is None
    assert [range_.measure for range_ in low.slice.ranges] == ["height"]
    assert others
    for other in others:
        assert (other.members & low.members).sum() < other.total / 2


def test_a_slice_inside_of_another_is_told_where_it_is_worse():
    subject = make_subject(1)
    random = np.random.default_rng(1).random(len(subject.labels))
    low = subject.measures["height"] < 17.5
    sevens = low & (subject.labels == 7)
    wrong = subject.wrong | (low & (random < 0.3)) | (sevens & (random < 0.95))
    found = find_slices(subject.labels, subject.measures, wrong)
    assert [item.slice.digit for item in found] == [None, 7]


def test_the_slice_with_the_highest_f1_score_comes_first():
    wrong, found = search_two()
    scores = [f1_score(wrong, item.members) for item in found]
    assert len(scores) > 1
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_without_errors_or_without_correct_digits_nothing_is_found(rate):
    subject = make_subject(2)
    assert (
        find_slices(subject.labels, subject.measures, np.full(len(subject.labels), rate == 1)) == []
    )


def test_few_digits_have_no_slices():
    subject = make_subject(3, planted=True)
    few = {name: values[:12] for name, values in subject.measures.items()}
    assert find_slices(subject.labels[:12], few, subject.wrong[:12]) == []
