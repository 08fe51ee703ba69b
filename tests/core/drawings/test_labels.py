import pytest

from core.drawings.labels import read_labels
from tests.messages import assert_plain


@pytest.mark.parametrize(
    ("text", "labels"),
    [("42", [4, 2]), (" 4\n2 ", [4, 2]), ("4?", [4, None]), ("0", [0]), ("1 2\n34", [1, 2, 3, 4])],
)
def test_a_label_is_read_for_each_digit(text, labels):
    assert read_labels(text, len(labels)) == labels


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "you typed 0"),
        ("4", "you typed 1"),
        ("4 2 1", "you typed 3"),
        ("4O", "not 'O'"),
        ("-2", "not '-'"),
        ("٤2", "not '٤'"),
        ("??", "Type the digits that should be saved"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_with_what_to_do(text, sentence):
    with pytest.raises(ValueError, match=sentence) as refused:
        read_labels(text, 2)
    assert_plain(str(refused.value))
