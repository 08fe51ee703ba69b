"""The dictation on the Collect page: what is asked for, kept, taken back, and shown at the end."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.digits.strokes import canvas_from_strokes
from core.drawings import store as store_module
from core.drawings.store import DATABASE_VARIABLE, DrawingStore, default_url
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids, load_card
from core.synthesis.glyphs import draw_sample
from tests.core.drawings.conftest import make_drawing
from tests.pages.conftest import VISITOR, open_page


@pytest.fixture
def store():
    store = DrawingStore(default_url())
    yield store
    store.close()


def find_asked(app: AppTest) -> int | None:
    """The digit that the page asks for; None when it asks for none."""
    for one in app.get("html"):
        if 'class="dictated"' in one.proto.body:
            return int(re.search(r"<b>(\d)</b>", one.proto.body)[1])
    return None


def read_progress(app: AppTest) -> str:
    return app.get("progress")[0].proto.text


def write(app: AppTest, digit: int, random: np.random.Generator) -> None:
    """Have a digit on the pad, as if the pad had sent it."""
    strokes = draw_sample(digit, canvas_size=320, random=random)
    start = canvas_from_strokes(strokes, pen_width=20, colour="#FFFFFF")
    app.session_state["dictation_pad_start"] = start
    app.session_state["dictation_pad_filled"] = True


def keep(app: AppTest) -> AppTest:
    """Press the button, and have the browser's clock strike: the pad has sent all by then."""
    app.button(key="keep").click().run()
    return app.run()


def keep_all_but_one(store: DrawingStore, missing: int) -> None:
    labels = [digit for digit in range(10) for _ in range(2 - (digit == missing))]
    store.save(*(make_drawing(label=label) for label in labels))


def test_what_is_kept_is_the_digit_asked_for_with_strokes_and_readings(store, random):
    app = open_page("collect.py")
    asked = find_asked(app)
    write(app, asked, random)
    keep(app)
    assert not app.exception
    assert not app.error
    (kept,) = store.find(VISITOR)
    assert kept.label == asked
    assert kept.strokes
    assert sorted(kept.readings) == sorted(list_model_ids())
    assert read_progress(app) == "1 of 50 kept"
    assert find_asked(app) != asked
    # The pad is empty again.
    keep(app)
    assert "on the pad first" in app.warning[0].value
    assert store.count(VISITOR) == 1


def test_the_reading_is_not_shown_before_the_end(random):
    app = open_page("collect.py")
    write(app, find_asked(app), random)
    app.run()
    shown = " ".join(str(one.value) for one in app.markdown)
    assert not app.metric
    assert not [title for title in map(str, DEFAULT_MODEL_IDS) if load_card(title).title in shown]


def test_a_blank_pad_and_a_tap_are_sentences_and_nothing_is_kept(store):
    app = open_page("collect.py")
    asked = find_asked(app)
    keep(app)
    assert "on the pad first" in app.warning[0].value
    tap = canvas_from_strokes([np.array([(9.0, 9.0)])], pen_width=20, colour="#FFFFFF")
    app.session_state["dictation_pad_start"] = tap
    app.session_state["dictation_pad_filled"] = True
    keep(app)
    assert "draw the digit larger" in app.warning[0].value
    assert not app.exception
    assert store.count(VISITOR) == 0
    assert find_asked(app) == asked


def test_a_skipped_digit_is_asked_for_later(store):
    keep_all_but_one(store, 4)
    store.delete(VISITOR, [store.find(VISITOR, label=8)[0].id])
    app = open_page("collect.py", each="2")
    first = find_asked(app)
    app.button(key="skip").click().run()
    assert {first, find_asked(app)} == {4, 8}
    app.button(key="skip").click().run()
    assert find_asked(app) == first


def test_undo_takes_the_last_one_back_and_asks_for_it_again(store, random):
    app = open_page("collect.py")
    assert app.button(key="undo").disabled
    asked = []
    for _ in range(2):
        asked.append(find_asked(app))
        write(app, asked[-1], random)
        keep(app)
    app.button(key="undo").click().run()
    assert [one.label for one in store.find(VISITOR)] == asked[:1]
    assert find_asked(app) == asked[1]
    assert read_progress(app) == "1 of 50 kept"
    app.button(key="undo").click().run()
    assert find_asked(app) == asked[0]
    assert store.count(VISITOR) == 0
    assert app.button(key="undo").disabled


def test_one_that_is_undone_but_was_deleted_elsewhere_is_a_sentence(store, random):
    app = open_page("collect.py")
    write(app, find_asked(app), random)
    keep(app)
    store.delete(VISITOR, [store.find(VISITOR)[0].id])
    app.button(key="undo").click().run()
    assert not app.exception
    assert "it may be deleted" in app.toast[0].value
    assert read_progress(app) == "0 of 50 kept"


def test_who_comes_back_goes_on_with_what_is_missing(store, random):
    keep_all_but_one(store, 6)
    store.save(make_drawing(label=6, owner="berta"))
    app = open_page("collect.py", each="2")
    assert read_progress(app) == "19 of 20 kept"
    assert find_asked(app) == 6
    write(app, 6, random)
    keep(app)
    assert find_asked(app) is None
    assert not app.exception
    titles = [load_card(one).title for one in DEFAULT_MODEL_IDS]
    assert [one.label for one in app.metric] == titles
    assert "20 kept drawings" in "".join(one.value for one in app.markdown)
    links = {one.proto.page: one.proto.query_string for one in app.get("page_link")}
    assert links["confusion"] == "data=My+drawings"
    assert links["errors"].startswith("dataset=My+drawings")
    # Who wants more of each goes on.
    app.segmented_control(key="each").set_value(5).run()
    assert read_progress(app) == "20 of 50 kept"
    assert find_asked(app) is not None


def test_more_than_were_asked_for_count_once(store):
    store.save(*(make_drawing(label=3) for _ in range(7)))
    assert read_progress(open_page("collect.py", each="5")) == "5 of 50 kept"


def test_a_full_collection_is_a_sentence_and_the_digit_stays(store, random, monkeypatch):
    monkeypatch.setattr(store_module, "MAX_DRAWINGS", 1)
    store.save(make_drawing())
    app = open_page("collect.py")
    asked = find_asked(app)
    write(app, asked, random)
    keep(app)
    assert app.error[0].value.startswith("Expected at most 1 drawings of one visitor, got 2")
    assert find_asked(app) == asked
    assert store.count(VISITOR) == 1


def test_a_database_out_of_reach_is_a_sentence(monkeypatch):
    monkeypatch.setenv(DATABASE_VARIABLE, "sqlite:////dev/null/drawings.sqlite3")
    app = open_page("collect.py")
    assert not app.exception
    assert app.error[0].value.startswith("Expected to make the folder")
