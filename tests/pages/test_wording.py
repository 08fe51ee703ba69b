import errno
import os
import re
from pathlib import Path

import pytest

from core.models.files import list_model_ids, load_card
from pages.widgets.wording import escape_markdown, format_duration, name_all, to_sentence


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


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_sentence_in_place_of_the_system_s_words(number):
    error = OSError(number, os.strerror(number), "/data/runs")
    assert to_sentence(error).startswith("The disk of the server is full. Free some space")


def test_the_system_s_words_are_a_sentence_without_the_path():
    error = PermissionError(errno.EACCES, "Permission denied", "/data/runs")
    assert to_sentence(error).startswith(
        "The server cannot read or write a file: Permission denied. Its log"
    )
    assert "/data" not in to_sentence(error)


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.4, "2 s"), (60, "1.0 min"), (630, "10.5 min"), (7200, "2.0 h")]
)
def test_a_duration_is_written_in_seconds_minutes_or_hours(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    "name",
    [*(load_card(model_id).title for model_id in list_model_ids()), "my_net 3.5, lr 0.001 (v-2)!"],
)
def test_an_ordinary_name_has_nothing_to_escape(name):
    assert escape_markdown(name) == name


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("a **b** _c_", r"a \*\*b\*\* \_c\_"),
        ("# 1\n2", r"\# 1 2"),
        ("12. x", r"12\. x"),
        ("![x](y)", r"!\[x\](y)"),
        ("a\\b", r"a\\b"),
    ],
)
def test_what_means_something_in_markdown_is_escaped(name, escaped):
    assert escape_markdown(name) == escaped


@pytest.mark.parametrize(
    ("models", "kind", "name"),
    [
        (2, "", "both models"),
        (3, "", "all 3 models"),
        (2, "built-in", "both built-in models"),
        (10, "built-in", "all 10 built-in models"),
    ],
)
def test_two_models_are_both_models(models, kind, name):
    assert name_all(models, kind) == name


def test_no_space_is_before_a_percent_sign():
    root = Path(__file__).parents[2]
    spaced = re.compile(r"(\b[\d.]+|\}) %[ .,;)\"`\n]")
    files = [one for place in ("core", "pages") for one in (root / place).rglob("*.*")]
    sources = [one for one in files if one.suffix in {".py", ".js", ".html"}]
    assert len(sources) > 400
    assert [one.name for one in sources if spaced.search(one.read_text("utf-8"))] == []
