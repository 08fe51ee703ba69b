import pytest

from core.analysis.phrases import Phrase, join_phrases

WIDE, LOW, NOT_THIN, NOT_TALL, LEAN, SHORT, LOOPS = (
    Phrase("are", "wide"),
    Phrase("are", "low"),
    Phrase("are", "thin", is_negated=True),
    Phrase("are", "tall", is_negated=True),
    Phrase("lean", "to the left"),
    Phrase("have", "short strokes"),
    Phrase("have", "no loop"),
)


@pytest.mark.parametrize(
    ("phrases", "sentence"),
    [
        ([WIDE], "are wide"),
        ([WIDE, LOW], "are wide and low"),
        ([NOT_THIN], "are not thin"),
        ([NOT_THIN, NOT_TALL], "are neither thin nor tall"),
        ([NOT_THIN, WIDE], "are wide and not thin"),
        ([WIDE, LOW, NOT_THIN], "are wide, low and not thin"),
        ([SHORT, WIDE, LOOPS], "have short strokes and no loop, and are wide"),
        ([WIDE, LEAN], "are wide and lean to the left"),
        ([WIDE, LEAN, SHORT], "are wide, lean to the left and have short strokes"),
        ([NOT_THIN, LEAN, NOT_TALL], "are neither thin nor tall, and lean to the left"),
    ],
)
def test_phrases_with_one_verb_are_said_together(phrases, sentence):
    assert join_phrases(phrases) == sentence
