"""The tabs of the Draw page, where the server predicts."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.runs import jobs
from core.runs.lesson import UNREADABLE
from tests.pages.conftest import open_page
from tests.pages.test_number import FOUR, SEVEN, TWO, draw, list_components

# The canvas of the pad can be imported only after a page has run, so they stand here.
TITLES = ANSWER, NETWORK, REPLAY, STEPS, CHANGES, LOOK_ALIKES, TEACH, API = (
    "Answer",
    "Network",
    "Replay",
    "Steps",
    "What would change it",
    "Look-alikes",
    "Teach",
    "API",
)


def is_answer(app: AppTest) -> bool:
    return any('data-testid="answer"' in one.proto.body for one in app.get("html"))


# What each tab has that no other one has.
SHOWS = {
    ANSWER: is_answer,
    STEPS: lambda app: any('class="preprocessing"' in one.proto.body for one in app.get("html")),
    LOOK_ALIKES: lambda app: any("misclassified these" in text.value for text in app.markdown),
    API: lambda app: any("frame_sha256" in code.value for code in app.code),
}


@pytest.mark.parametrize("title", SHOWS)
def test_the_open_tab_alone_is_computed(title):
    app = draw(SEVEN, tab=title)
    assert [name for name, is_shown in SHOWS.items() if is_shown(app)] == [title]


@pytest.mark.parametrize("title", TITLES)
def test_each_tab_says_what_to_do_while_there_is_no_input(title):
    app = open_page("draw.py", tab=title)
    assert [info.value[:32] for info in app.info] == ["Draw a digit or a number, upload"]
    assert not app.exception


@pytest.mark.parametrize("title", TITLES)
def test_each_tab_says_what_is_wrong_with_a_picture(title):
    app = open_page("draw.py", source="Upload", tab=title)
    app.file_uploader[0].upload("page.png", b"no picture", "image/png").run()
    assert [warning.value[:36] for warning in app.warning] == [
        "This file is not a picture in a supp"
    ]


@pytest.mark.parametrize(
    ("query", "change", "rotation"),
    [
        ({}, "rotation", 0),
        ({"change": "Size", "amount_rotation": "-22.5"}, "scale", -22.5),
        ({"change": "Melting", "amount_rotation": "46"}, "rotation", 0),
        ({"change": "", "amount_rotation": "nan"}, "rotation", 0),
    ],
)
def test_the_browser_gets_the_changes_of_the_address_that_there_are(query, change, rotation):
    app = open_page("draw.py", tab=CHANGES, **query)
    app.session_state["reader_failed"] = False
    app.run()
    (changes,) = [one for one in app.get("bidi_component") if one.proto.component_name == "changes"]
    choice = json.loads(changes.proto.json)["choice"]
    assert choice["change"] == change
    assert choice["amounts"]["rotation"] == rotation


@pytest.mark.parametrize("title", [NETWORK, CHANGES, TEACH])
def test_without_a_browser_that_predicts_a_sentence_says_what_a_tab_needs(title):
    app = draw(SEVEN, tab=title)
    assert app.info[0].value.startswith("The browser computes what is shown here")


@pytest.mark.parametrize("title", TITLES[1:])
def test_a_tab_is_about_the_picked_digit_and_another_one_can_be_picked(title):
    one, two = draw(SEVEN, tab=title), draw([*FOUR, *TWO], tab=title)
    assert len(list_components(two)) == len(list_components(one)) + 1


@pytest.mark.parametrize("title", TITLES)
def test_the_models_can_be_chosen_below_every_tab_with_and_without_an_input(title):
    for app in (open_page("draw.py", tab=title), draw(SEVEN, tab=title)):
        assert app.segmented_control(key="predict").value == "Default models"


@pytest.mark.parametrize("has_trainer", [True, False])
def test_where_no_model_can_be_trained_none_can_be_kept_and_the_tab_says_why(
    monkeypatch, has_trainer
):
    monkeypatch.setattr(jobs, "find_spec", lambda name: name if has_trainer else None)
    app = open_page("draw.py", tab=TEACH)
    app.session_state["reader_failed"] = False
    app.run()
    (teach,) = (one for one in app.get("bidi_component") if one.proto.component_name == "teach")
    refusal = json.loads(teach.proto.json)["refusal"]
    assert refusal.startswith("Keeping a model as a run needs TensorFlow") != has_trainer


def keep_nothing() -> None:
    """What the tab does with a lesson that cannot be read."""
    from pages.parts.draw.kept_run import announce_outcome, keep_taught, show_kept_run

    keep_taught({"request": "7", "lesson": {"model": "LeNet-5"}}, [])
    assert announce_outcome() == "7"
    show_kept_run()


def test_a_lesson_that_cannot_be_kept_is_refused_with_a_sentence():
    app = AppTest.from_function(keep_nothing).run()
    assert not app.exception
    assert [toast.value for toast in app.toast] == [UNREADABLE]
