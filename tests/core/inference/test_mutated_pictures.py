"""Files that strangers may send: whatever a decoder raises, one sentence comes out."""

import pytest

from tests.mutated_pictures import find_or_refuse, list_mutated, write_pictures

COUNT = 2000


@pytest.mark.parametrize("name", write_pictures())
def test_the_pictures_that_are_mutated_are_read(name):
    assert find_or_refuse(write_pictures()[name]) == "read"


def test_mutated_pictures_are_read_or_refused_in_a_sentence():
    outcomes = [find_or_refuse(contents) for _, contents in list_mutated(COUNT, seed=13)]
    # The mutations are of a useful strength: many files are read, and many are damaged.
    assert COUNT / 5 < outcomes.count("read") < COUNT / 2
    assert len(set(outcomes)) >= 4
