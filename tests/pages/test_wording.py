import pytest

from pages.widgets.wording import to_sentence


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("There is no ink. Use a darker pen.", "There is no ink. Use a darker pen."),
        ("the card is damaged; restore it", "The card is damaged; restore it."),
        ("expected 5 digits, got 4", "Expected 5 digits, got 4."),
    ],
)
def test_a_message_becomes_a_sentence_and_a_sentence_stays_as_it_is(message, sentence):
    assert to_sentence(ValueError(message)) == sentence
