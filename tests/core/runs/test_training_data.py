"""The parts of training data have no image in common, whatever they are taken from."""

import numpy as np
import pytest

from core.digits.datasets import Dataset
from core.runs.training_data import (
    BUNDLED_DIGITS_TEST,
    MY_DRAWINGS_TEST,
    Split,
    TooFewDrawingsError,
    describe_training_data,
    find_held_out,
    hold_out,
    split_bundled_digits,
    split_drawings,
    take,
)
from tests.messages import assert_plain


def make_drawings(*counts: int, repeated: int = 0) -> Dataset:
    """So many different drawings of the digits 0, 1, …, in turn, and the first ones once more."""
    labels = np.array(
        [
            digit
            for turn in range(max(counts))
            for digit, count in enumerate(counts)
            if turn < count
        ],
        np.uint8,
    )
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(len(labels)) + 1, 256)
    return Dataset(
        "my_drawings",
        "My drawings",
        np.concatenate([images, images[:repeated]]),
        np.concatenate([labels, labels[:repeated]]),
    )


def list_images(*parts: Dataset) -> list[bytes]:
    return [image.tobytes() for part in parts for image in part.images]


def list_all_images(split: Split) -> list[bytes]:
    return list_images(split.training, split.validation, split.test)


def test_every_bundled_digit_is_in_one_part_and_every_part_has_all_digits(bundled_digits):
    split = split_bundled_digits()
    assert sorted(list_all_images(split)) == sorted(list_images(bundled_digits))
    assert len(set(list_all_images(split))) == len(bundled_digits)
    counts = np.bincount(bundled_digits.labels)
    for part in (split.validation, split.test):
        assert np.array_equal(np.bincount(part.labels), counts // 5)
    assert (split.test.id, split.test.title) == (BUNDLED_DIGITS_TEST, "Bundled digits test")


def test_the_parts_are_the_same_every_time():
    first, second = split_bundled_digits(), split_bundled_digits()
    assert list_all_images(first) == list_all_images(second)
    assert first.sha256 == second.sha256


@pytest.mark.parametrize("repeated", [0, 1, 17, 48])
def test_a_drawing_that_was_saved_twice_is_in_one_part_only(repeated):
    split = split_drawings(make_drawings(30, 12, 6, repeated=repeated))
    assert len(list_all_images(split)) == len(set(list_all_images(split))) == 48
    assert np.bincount(split.test.labels).min() > 0
    assert np.bincount(split.validation.labels).tolist() == [6, 2, 1]
    assert (split.test.id, split.trained_on) == (MY_DRAWINGS_TEST, ("my_drawings",))


def test_later_test_drawings_were_in_no_earlier_training():
    """A model that is trained further on more drawings is tested on none that it has learned."""
    drawings = make_drawings(40, 25, 9)
    learned: set[bytes] = set()
    for count in range(20, len(drawings) + 1):
        split = split_drawings(Dataset("d", "D", drawings.images[:count], drawings.labels[:count]))
        learned |= set(list_images(split.training, split.validation))
        assert not learned & set(list_images(split.test))


def test_digits_drawn_too_few_times_are_left_out():
    split = split_drawings(make_drawings(5, 4, 10))
    for part in (split.training, split.validation, split.test):
        assert set(part.labels) == {0, 2}


@pytest.mark.parametrize(
    ("counts", "found"), [((5,), "5 of 0"), ((4, 9, 3), "4 of 0, 9 of 1, 3 of 2")]
)
def test_too_few_drawings_are_a_sentence_that_counts_them(counts, found):
    with pytest.raises(TooFewDrawingsError, match=f"You have {found}. Draw more") as refusal:
        split_drawings(make_drawings(*counts))
    assert_plain(str(refusal.value))


def test_a_drawing_does_not_count_twice():
    with pytest.raises(TooFewDrawingsError, match="You have 4 of 0, 4 of 1"):
        split_drawings(make_drawings(4, 4, repeated=8))


@pytest.fixture(params=range(20))
def drawings(bundled_digits, request) -> Dataset:
    """A hundred drawings, other ones and in another order at each parameter."""
    order = np.random.default_rng(request.param).permutation(len(bundled_digits))
    return take(bundled_digits, order[:100])


def test_a_drawing_stays_held_out_or_learned_whatever_is_drawn_later(drawings):
    last = find_held_out(drawings)
    for count in range(len(drawings)):
        assert np.array_equal(find_held_out(take(drawings, slice(count))), last[:count])


def test_the_same_drawings_are_held_out_alone_and_with_other_images(drawings):
    learned, held_out = (list_images(part) for part in hold_out(drawings))
    assert sorted(learned + held_out) == sorted(list_images(drawings))
    split = split_drawings(drawings)
    assert set(list_images(split.test)) <= set(held_out)
    assert set(list_images(split.training, split.validation)) <= set(learned)


def test_after_a_drawing_was_deleted_most_held_out_ones_were_held_out_before(drawings):
    before = find_held_out(drawings)
    for deleted in range(len(drawings)):
        after = find_held_out(take(drawings, np.arange(len(drawings)) != deleted))
        assert np.array_equal(after[:deleted], before[:deleted])
        assert (after & np.delete(before, deleted)).sum() > after.sum() / 2


def test_few_drawings_have_held_out_ones_too_and_many_have_a_fifth(drawings, bundled_digits):
    held_out = find_held_out(drawings)
    for count in range(4, len(drawings)):
        assert held_out[:count].sum() >= min(count // 4, 5) - 1  # half of a digit's are learned
    assert 15 <= held_out.sum() <= 30
    assert find_held_out(bundled_digits).mean() == pytest.approx(0.2, abs=0.03)


def test_a_training_learns_from_one_drawing_however_few_there_are(bundled_digits):
    """Without one, its card would not tell what it has learned from."""
    for first in range(100):
        for count in (1, 2, 3):
            learned, _ = hold_out(take(bundled_digits, slice(first, first + count)))
            assert len(learned)


@pytest.mark.parametrize("counts", [(5, 5), (6, 5, 1), (20,), (1,) * 10])
def test_each_digit_that_was_drawn_often_enough_is_learned_and_held_out(counts):
    learned, held_out = hold_out(make_drawings(*counts))
    for digit, count in enumerate(counts):
        assert (digit in learned.labels) or count == 1
        assert (digit in held_out.labels) or count < 5
    assert len(held_out) >= min(sum(counts) // 4, 5)


def test_training_data_is_named():
    assert describe_training_data(("mnist", "my_drawings")) == "MNIST, My drawings"
