"""Prompted writing on the Collect page: prompts, saving, undoing, and the outcome."""

import re
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.digits.frame import bytes_from_frames, frame_from_strokes, frames_from_bytes
from core.drawings import store as store_module
from core.drawings.store import DATABASE_VARIABLE, DrawingStore, default_url
from core.inference.classifier import load_classifier
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids, load_card
from core.synthesis.glyphs import draw_sample
from tests.core.drawings.conftest import make_drawing
from tests.pages.conftest import VISITOR, get_pad, open_page

# The key of the page's pad.
PAD = "prompt_pad"


@pytest.fixture
def store():
    store = DrawingStore(default_url())
    yield store
    store.close()


def find_prompt(app: AppTest) -> int | None:
    """The digit to write; None after the last one."""
    for element in app.get("html"):
        if 'data-testid="prompt"' in element.proto.body:
            return int(re.search(r"<b>(\d)</b>", element.proto.body)[1])
    return None


def read_progress(app: AppTest) -> str:
    return app.get("progress")[0].proto.text


def write(app: AppTest, digit: int, random: np.random.Generator) -> None:
    """Put a digit on the pad."""
    get_pad(app, PAD).put(draw_sample(digit, canvas_size=320, random=random))


def save(app: AppTest) -> AppTest:
    """Press the button."""
    return app.button(key="save").click().run()


def save_all_but_one(store: DrawingStore, missing: int) -> None:
    labels = [digit for digit in range(10) for _ in range(2 - (digit == missing))]
    store.save(*(make_drawing(label=label) for label in labels))


def test_a_drawing_is_saved_under_the_prompted_digit_with_strokes_and_predictions(store, random):
    app = open_page("collect.py")
    prompted = find_prompt(app)
    write(app, prompted, random)
    save(app)
    assert not app.exception
    assert not app.error
    (saved,) = store.find(VISITOR)
    assert saved.label == prompted
    assert saved.strokes
    assert sorted(saved.predictions) == sorted(list_model_ids())
    assert read_progress(app) == "1 of 50 saved"
    assert find_prompt(app) != prompted
    # The pad is empty again.
    save(app)
    assert "on the pad first" in app.warning[0].value
    assert store.count(VISITOR) == 1


def test_predictions_are_not_shown_before_the_end(random):
    app = open_page("collect.py")
    write(app, find_prompt(app), random)
    app.run()
    shown = " ".join(str(text.value) for text in app.markdown)
    assert not app.metric
    assert not [model_id for model_id in DEFAULT_MODEL_IDS if load_card(model_id).title in shown]


def test_a_blank_pad_and_a_tap_are_sentences_and_nothing_is_saved(store):
    app = open_page("collect.py")
    prompted = find_prompt(app)
    save(app)
    assert "on the pad first" in app.warning[0].value
    get_pad(app, PAD).put([np.array([(9.0, 9.0)])])
    save(app)
    assert "larger" in app.warning[0].value
    assert not app.exception
    assert store.count(VISITOR) == 0
    assert find_prompt(app) == prompted


def test_a_skipped_digit_is_prompted_later(store):
    save_all_but_one(store, 4)
    store.delete(VISITOR, [store.find(VISITOR, label=8)[0].id])
    app = open_page("collect.py", each="2")
    first = find_prompt(app)
    app.button(key="skip").click().run()
    assert {first, find_prompt(app)} == {4, 8}
    app.button(key="skip").click().run()
    assert find_prompt(app) == first


def test_undo_deletes_the_last_drawing_and_prompts_for_it_again(store, random):
    app = open_page("collect.py")
    assert app.button(key="undo").disabled
    prompted = []
    for _ in range(2):
        prompted.append(find_prompt(app))
        write(app, prompted[-1], random)
        save(app)
    app.button(key="undo").click().run()
    assert [drawing.label for drawing in store.find(VISITOR)] == prompted[:1]
    assert find_prompt(app) == prompted[1]
    assert read_progress(app) == "1 of 50 saved"
    app.button(key="undo").click().run()
    assert find_prompt(app) == prompted[0]
    assert store.count(VISITOR) == 0
    assert app.button(key="undo").disabled


def test_undoing_a_drawing_deleted_in_another_window_is_a_sentence(store, random):
    app = open_page("collect.py")
    write(app, find_prompt(app), random)
    save(app)
    store.delete(VISITOR, [store.find(VISITOR)[0].id])
    app.button(key="undo").click().run()
    assert not app.exception
    assert "It may have been deleted" in app.toast[0].value
    assert read_progress(app) == "0 of 50 saved"


def test_a_returning_visitor_continues_with_the_missing_digits(store, random):
    save_all_but_one(store, 6)
    store.save(make_drawing(label=6, owner="berta"))
    app = open_page("collect.py", each="2")
    assert read_progress(app) == "19 of 20 saved"
    assert find_prompt(app) == 6
    write(app, 6, random)
    save(app)
    assert find_prompt(app) is None
    assert not app.exception
    titles = [load_card(model_id).title for model_id in DEFAULT_MODEL_IDS]
    assert [metric.label for metric in app.metric] == titles
    assert "20 saved drawings" in "".join(text.value for text in app.markdown)
    links = {link.proto.page: link.proto.query_string for link in app.get("page_link")}
    assert links["confusion"] == "data=My+drawings"
    # More repetitions add more prompts.
    app.segmented_control(key="each").set_value(5).run()
    assert read_progress(app) == "20 of 50 saved"
    assert find_prompt(app) is not None


def test_at_the_end_each_model_shows_the_drawings_that_it_misclassifies(store, random):
    """Sevens under every label: whatever a model predicts is known from its own classifier."""
    drawings = [
        make_drawing(label=label, image=bytes_from_frames(frame_from_strokes(strokes)))
        for label in range(10)
        for strokes in (draw_sample(7, canvas_size=320, random=random) for _ in range(2))
    ]
    store.save(*drawings)
    app = open_page("collect.py", each="2")
    assert not app.exception
    headings = [text.value for text in app.markdown]
    pictures = [element.proto.body for element in app.get("html")]
    links = [link.proto.query_string for link in app.get("page_link")]
    for model_id in list_model_ids():
        card, classifier = load_card(model_id), load_classifier(model_id)
        wrong = [
            (drawing.label, predicted)
            for drawing in drawings
            if (predicted := classifier.predict(frames_from_bytes(drawing.image)).digit)
            != drawing.label
        ]
        assert f"**{card.title}** · {len(wrong)} of 20" in headings
        (row,) = (body for body in pictures if f"which {card.title} predicts" in body)
        shown = re.findall(r"(\d) → (\d)", row)
        assert sorted(shown) == sorted((str(a), str(b)) for a, b in wrong)
        query = urlencode({"dataset": "My drawings", "model": card.title, "pair": "all"})
        assert query in links
        assert urlencode({"misread": card.title}) in links


def test_teach_a_model_these_opens_fine_tuning_on_the_drawings(store):
    store.save(*(make_drawing(label=digit) for digit in range(10) for _ in range(2)))
    app = open_page("collect.py", each="2")
    (link,) = (
        link.proto for link in app.get("page_link") if link.proto.label == "Teach a model these"
    )
    assert link.page == "train"
    train = open_page("train.py", **dict(parse_qsl(link.query_string)))
    assert not train.exception
    assert train.selectbox(key="base").value == "lenet5"
    assert train.toggle(key="tune").value
    assert train.slider(key="drawings").value == 20
    assert train.slider(key="epochs").value == 2
    assert train.select_slider(key="share").value == 0.2
    assert train.select_slider(key="rate").value == 0.0005


@pytest.mark.parametrize("each", [2, 10])
def test_the_prompt_and_the_drawing_stay_when_the_repetitions_change(store, random, each):
    for digit in range(10):
        store.save(*(make_drawing(label=digit) for _ in range(2)))
    app = open_page("collect.py")
    for _ in range(3):  # whatever digits are prompted
        prompted = find_prompt(app)
        write(app, prompted, random)
        app.segmented_control(key="each").set_value(each).run()
        assert find_prompt(app) == prompted
        assert not get_pad(app, PAD).is_empty()
        save(app)
        assert store.find(VISITOR, label=prompted)[0].strokes
        app.segmented_control(key="each").set_value(5).run()


def test_a_prompt_that_is_no_longer_missing_gives_way_while_the_pad_is_empty(store):
    store.save(*(make_drawing(label=digit) for digit in range(10) for _ in range(2)))
    app = open_page("collect.py")
    app.segmented_control(key="each").set_value(2).run()
    assert find_prompt(app) is None
    assert not app.exception


def test_more_drawings_than_repetitions_do_not_count(store):
    store.save(*(make_drawing(label=3) for _ in range(7)))
    assert read_progress(open_page("collect.py", each="5")) == "5 of 50 saved"


def test_a_full_collection_is_a_sentence_and_the_digit_stays(store, random, monkeypatch):
    monkeypatch.setattr(store_module, "MAX_DRAWINGS", 1)
    store.save(make_drawing())
    app = open_page("collect.py")
    prompted = find_prompt(app)
    write(app, prompted, random)
    save(app)
    assert app.error[0].value.startswith("You can save at most 1 drawings")
    assert find_prompt(app) == prompted
    assert store.count(VISITOR) == 1


def test_a_database_out_of_reach_is_a_sentence(monkeypatch):
    monkeypatch.setenv(DATABASE_VARIABLE, "sqlite:////dev/null/drawings.sqlite3")
    app = open_page("collect.py")
    assert not app.exception
    assert app.error[0].value.startswith("The folder of the database")
