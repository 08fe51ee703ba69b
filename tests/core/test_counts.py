import pytest

from core.counts import describe_count


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 epochs"), (1, "1 epoch"), (2, "2 epochs"), (1000, "1,000 epochs")],
)
def test_one_thing_has_no_plural(count, words):
    assert describe_count(count, "epoch") == words


def test_a_plural_may_be_its_own_word():
    assert describe_count(1, "copy", "copies") == "1 copy"
    assert describe_count(6, "copy", "copies") == "6 copies"
