"""Drawings on the pages: saved, listed, corrected, exported, imported and evaluated."""

import threading

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.digits.frame import frame_from_strokes
from core.drawings import store as store_module
from core.drawings.exchange import export_drawings
from core.drawings.store import (
    DATABASE_VARIABLE,
    DrawingStore,
    StorageUnavailableError,
    default_url,
)
from core.inference.classifier import load_classifier
from core.models.files import list_model_ids
from core.server.turns import serialised
from pages.widgets.data import get_store
from pages.widgets.gallery import PAGE_SIZE
from tests.core.drawings.conftest import make_drawing, predict
from tests.core.drawings.test_store import damage_row
from tests.pages.conftest import VISITOR, open_page, read_accuracies, read_ranking, try_every_choice

ON_MY_DRAWINGS = [
    ("drawings.py", {}),
    ("confusion.py", {"data": "My drawings"}),
    ("errors.py", {"dataset": "My drawings", "pair": "all"}),
    ("errors.py", {"dataset": "My drawings", "show": "Why this pair"}),
    ("weak_spots.py", {"dataset": "My drawings"}),
    ("map.py", {"points": "My drawings"}),
    ("robustness.py", {"dataset": "My drawings", "live": "true"}),
]
# A seven, as strokes of the pad.
SEVEN = (np.array([(80.0, 70), (240, 70), (140, 270)]),)
SEVEN_IMAGE = np.round(frame_from_strokes(SEVEN) * 255).astype(np.uint8)
UNREACHABLE = ["sqlite:////dev/null/drawings.sqlite3", "nonsense", "mysql://localhost/drawings"]


@pytest.fixture
def store():
    store = DrawingStore(default_url())
    yield store
    store.close()


def make_seven(**changes: object):
    predictions = {"lenet5": predict(7), "mlp": predict(1)}
    return make_drawing(strokes=SEVEN, image=SEVEN_IMAGE, predictions=predictions, **changes)


def save_sample() -> tuple[AppTest, str]:
    """Put a sample on the pad and confirm the prediction; returns the key of that button too."""
    app = open_page("draw.py")
    app.button(key="sample").click().run()
    key = next(button.key for button in app.button if button.key.startswith("yes_"))
    app.button(key=key).click().run()
    assert not app.exception
    return app, key


@pytest.mark.parametrize(("name", "query"), ON_MY_DRAWINGS)
def test_a_page_without_drawings_invites_to_draw(name, query):
    app = open_page(name, **query)
    assert not app.exception
    assert not app.error
    assert "You have not saved any drawings yet" in app.info[0].value


@pytest.mark.parametrize(("name", "query"), ON_MY_DRAWINGS)
def test_a_page_with_drawings_survives_every_choice_it_offers(store, name, query):
    store.save(*(make_seven(label=label) for label in (7, 7, 1)))
    try_every_choice(name, **query)


@pytest.mark.parametrize(("name", "query"), [*ON_MY_DRAWINGS, ("train.py", {}), ("collect.py", {})])
def test_a_damaged_row_takes_no_page_down(store, name, query):
    damaged = make_seven()
    store.save(damaged, make_seven(label=1), make_seven(label=4))
    damage_row(default_url(), damaged.id, "readings", "{")
    app = open_page(name, **query)
    assert not app.exception
    assert not app.error


def test_damaged_drawings_are_named_and_can_be_deleted(store):
    damaged, sound = make_seven(), make_seven(label=1)
    store.save(damaged, sound)
    damage_row(default_url(), damaged.id, "readings", "{")
    app = open_page("drawings.py")
    assert damaged.id in app.warning[0].value
    assert any("saved on" in text.value for text in app.markdown)  # the sound one is shown
    app.button(key="delete_damaged").click().run()
    assert not app.warning
    assert [drawing.id for drawing in store.find(VISITOR)] == [sound.id]


@pytest.mark.parametrize("url", UNREACHABLE)
def test_a_database_out_of_reach_is_one_kind_of_error(monkeypatch, url):
    monkeypatch.setenv(DATABASE_VARIABLE, url)
    with pytest.raises(StorageUnavailableError, match="database"):
        get_store()


def test_digits_are_classified_while_the_database_is_out_of_reach(monkeypatch):
    monkeypatch.setenv(DATABASE_VARIABLE, UNREACHABLE[0])
    app, _ = save_sample()
    assert app.error[0].value.startswith("The folder of the database")
    assert len(read_ranking(app)) == 3


def test_other_visitors_are_answered_while_a_drawing_is_being_saved(monkeypatch):
    answered = threading.Event()
    in_time: list[bool] = []

    def answer_somebody() -> None:
        with serialised():
            answered.set()

    def save(*_: object) -> int:
        threading.Thread(target=answer_somebody).start()
        in_time.append(answered.wait(10))
        return 1

    monkeypatch.setattr(store_module.DrawingStore, "save", save)
    save_sample()
    assert in_time == [True]


def test_there_is_no_question_about_an_empty_pad():
    app = open_page("draw.py")
    assert not [button for button in app.button if button.key.startswith("yes_")]


def test_a_saved_drawing_holds_strokes_frame_and_every_model_s_prediction(store):
    _, key = save_sample()
    (saved,) = store.find(VISITOR)
    assert key == f"yes_{saved.label}"
    frame = frame_from_strokes(saved.strokes)
    assert np.array_equal(saved.image, np.round(frame * 255))
    assert sorted(saved.predictions) == sorted(list_model_ids())
    for model_id, stored in saved.predictions.items():
        classifier = load_classifier(model_id)
        assert stored.model_sha256 == classifier.digest
        assert np.abs(classifier.predict(frame).probabilities - stored.probabilities).max() < 1e-5


def test_a_drawing_is_saved_once_and_its_last_label_counts(store):
    app, key = save_sample()
    (saved,) = store.find(VISITOR)
    app.menu_button(key="no").click((saved.label + 1) % 10).run()
    assert not app.exception
    assert [drawing.label for drawing in store.find(VISITOR)] == [(saved.label + 1) % 10]
    app.button(key=key).click().run()
    assert app.toast[0].value.startswith("Saved as a")
    assert [(drawing.id, drawing.label) for drawing in store.find(VISITOR)] == [
        (saved.id, saved.label)
    ]


def test_only_the_visitor_s_own_drawings_are_listed_and_counted(store):
    store.save(make_seven(), make_seven(owner="berta"), make_seven(owner="berta"))
    app = open_page("drawings.py")
    assert "Export 1" in [button.proto.label for button in app.get("download_button")]
    app = open_page("confusion.py", data="My drawings")
    app.session_state["visitor"] = "carla"
    app.run()
    assert "You have not saved any drawings yet" in app.info[0].value


def test_drawings_are_filtered_by_digit_and_by_the_model_that_misclassified_them(store):
    store.save(make_seven(), make_seven(), make_seven(label=1))

    def count_listed(**query: str) -> str:
        return open_page("drawings.py", **query).get("download_button")[0].proto.label

    assert count_listed() == "Export 3"
    assert count_listed(digit="7") == "Export 2"
    assert count_listed(misread="MLP") == "Export 2"
    assert count_listed(misread="LeNet-5") == "Export 1"
    assert count_listed(misread="LeNet-5", digit="7") == "Export 0"


def test_a_drawing_that_a_link_names_can_be_corrected_and_deleted(store):
    first, second = make_seven(), make_seven()
    store.save(first, second)
    app = open_page("drawings.py", drawing=first.id)
    app.pills(key=f"label_{first.id}").set_value(1).run()
    assert app.toast[0].value == "Label corrected."
    assert {drawing.id: drawing.label for drawing in store.find(VISITOR)} == {
        first.id: 1,
        second.id: 7,
    }
    app.button(key=f"delete_{first.id}").click().run()
    assert not app.exception
    assert [drawing.id for drawing in store.find(VISITOR)] == [second.id]
    assert app.pills(key=f"label_{second.id}").value == 7


@pytest.mark.parametrize("action", ["correct", "delete"])
def test_a_drawing_deleted_in_another_window_is_a_sentence(store, action):
    drawing = make_seven()
    store.save(drawing)
    app = open_page("drawings.py")
    store.delete(VISITOR, [drawing.id])
    if action == "correct":
        app.pills(key=f"label_{drawing.id}").set_value(1).run()
    else:
        app.button(key=f"delete_{drawing.id}").click().run()
    assert not app.exception
    assert "It may have been deleted" in app.toast[0].value


def test_a_label_corrected_in_another_window_stays_corrected(store):
    drawing = make_seven()
    store.save(drawing)
    app = open_page("drawings.py")
    store.relabel(VISITOR, drawing.id, 1)
    app.run()
    assert app.pills(key=f"label_{drawing.id}").value == 1
    assert store.find(VISITOR)[0].label == 1


def test_a_full_collection_is_a_sentence(store, monkeypatch):
    monkeypatch.setattr(store_module, "MAX_DRAWINGS", 1)
    here, new = make_seven(), make_seven()
    store.save(here)
    app, _ = save_sample()
    assert app.error[0].value.startswith("You can save at most 1 drawings")
    app = open_page("drawings.py")
    contents = export_drawings([here, new])
    app.file_uploader(key="import_file").set_value(("drawings.zip", contents, "application/zip"))
    app.button(key="import_now").click().run()
    assert app.error[0].value.startswith("You can save at most 1 drawings")
    assert not app.exception
    assert [drawing.id for drawing in store.find(VISITOR)] == [here.id]


def test_many_drawings_take_several_pages(store):
    store.save(*(make_seven() for _ in range(PAGE_SIZE + 1)))
    app = open_page("drawings.py")
    last = store.find(VISITOR)[-1]
    app.number_input(key="page").set_value(2).run()
    assert not app.exception
    assert app.pills(key=f"label_{last.id}").value == 7


def test_an_imported_file_adds_what_was_not_there(store):
    here, new = make_seven(), make_seven(owner="berta")
    store.save(here)
    app = open_page("drawings.py")
    contents = export_drawings([here, new])
    app.file_uploader(key="import_file").set_value(("drawings.zip", contents, "application/zip"))
    app.button(key="import_now").click().run()
    assert not app.exception
    assert app.toast[0].value == "1 added, 1 already saved."
    assert {drawing.id for drawing in store.find(VISITOR)} == {here.id, new.id}


@pytest.mark.usefixtures("store")
def test_a_database_out_of_reach_is_a_sentence_in_the_form(monkeypatch):
    def fail(*_: object) -> int:
        raise StorageUnavailableError("the database is not there")

    contents = export_drawings([make_seven()])
    app = open_page("drawings.py")
    monkeypatch.setattr(store_module.DrawingStore, "save", fail)
    app.file_uploader(key="import_file").set_value(("drawings.zip", contents, "application/zip"))
    app.button(key="import_now").click().run()
    assert not app.exception
    assert [error.value for error in app.error] == ["The database is not there."]
    assert app.info  # the invitation to draw: the rest of the page is there


def test_a_file_of_something_else_is_a_sentence(store):
    app = open_page("drawings.py")
    app.file_uploader(key="import_file").set_value(("notes.zip", b"notes", "application/zip"))
    app.button(key="import_now").click().run()
    assert not app.exception
    assert app.error[0].value.startswith("This file is not a zip of drawings")
    assert store.count(VISITOR) == 0


def test_a_corrected_label_is_counted_at_once(store):
    drawing = make_seven()
    store.save(drawing)
    app = open_page("confusion.py", data="My drawings", models="LeNet-5")
    assert read_accuracies(app) == ["100.00%"]
    store.relabel(VISITOR, drawing.id, 1)
    app.run()
    assert read_accuracies(app) == ["0.00%"]
    app = open_page("errors.py", dataset="My drawings", model="LeNet-5", pair="1/7")
    shown = "".join(text.value for text in app.markdown)
    assert "**1 image** misclassified by LeNet-5" in shown
