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
    hold_out_newest,
    split_bundled_digits,
    split_drawings,
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
    assert np.bincount(split.test.labels).tolist() == [6, 2, 1]
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


@pytest.mark.parametrize(
    ("count", "held_out"), [(0, 0), (4, 0), (5, 1), (19, 3), (20, 5), (25, 5), (30, 6), (100, 20)]
)
def test_the_newest_fifth_is_held_out(bundled_digits, count, held_out):
    drawings = Dataset("d", "D", bundled_digits.images[:count], bundled_digits.labels[:count])
    learned, newest = hold_out_newest(drawings)
    assert len(newest) == held_out
    assert np.array_equal(np.concatenate([learned.images, newest.images]), drawings.images)


def test_training_data_is_named():
    assert describe_training_data(("mnist", "my_drawings")) == "MNIST, My drawings"
