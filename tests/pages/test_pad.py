"""The pad: its drawing after putting, clearing, drawing and coming back. Knows its keys."""

import numpy as np
import pytest

from core.digits.strokes import canvas_from_strokes
from tests.pages.conftest import open_page

SEVEN = [np.array([(80.0, 70), (240, 70), (140, 270)])]
ONE = [np.array([(160.0, 40.125), (160, 280)])]


@pytest.fixture
def pad():
    """A pad whose session is a plain mapping."""
    open_page("draw.py")
    from pages.widgets.pad import Pad

    return Pad("pad", {})


def draw_on_canvas(strokes: list[np.ndarray]) -> dict[str, object]:
    """The strokes as the canvas sends them."""
    return canvas_from_strokes(strokes, pen_width=20, colour="#FFFFFF")


def test_a_new_pad_is_empty(pad):
    assert pad.is_empty()
    assert pad.drawing() == []
    assert pad.read_input() is None


def test_strokes_that_were_put_are_the_drawing_until_it_is_cleared(pad):
    pad.put([*SEVEN, *ONE])
    assert not pad.is_empty()
    assert np.array_equal(pad.drawing()[0], SEVEN[0])
    assert np.array_equal(pad.drawing()[1], [(160, 40.12), (160, 280)])  # hundredths of a pixel
    pad.put(())
    assert pad.is_empty()
    assert pad.read_input() is None


def test_two_pads_of_one_session_have_two_drawings_and_one_pen(pad):
    other = type(pad)("other", pad.state)
    pad.put(SEVEN)
    assert other.is_empty()
    pad.state["pen_width"] = 33
    assert pad.pen_width == other.pen_width == 33


def test_the_input_holds_the_digits_the_strokes_and_the_pen(pad):
    pad.state["pen_width"] = 9
    pad.put(SEVEN)
    given = pad.read_input()
    assert np.array_equal(given.strokes[0], SEVEN[0])
    assert given.pen_width == 9
    assert given.pad_side == 320
    assert [len(row) for row in given.rows] == [1]


def test_putting_the_same_strokes_again_starts_the_canvas_anew(pad):
    pad.put(SEVEN)
    first = pad.state["pad_start"]
    pad.put(SEVEN)
    assert pad.state["pad_start"] != first


def test_what_lies_outside_the_pad_is_not_part_of_the_drawing(pad):
    pad.put([np.array([(300.0, 50), (400, 50), (400, 90), (300, 90)])])
    assert [stroke.tolist() for stroke in pad.drawing()] == [
        [[300, 50], [320, 50]],
        [[320, 90], [300, 90]],
    ]


def test_a_label_stays_until_another_one_is_asked_for_on_an_empty_pad(pad):
    assert pad.label is None
    pad.ask(7)
    pad.put(SEVEN)
    assert pad.label == 7
    pad.put(())
    assert pad.label == 7
    pad.put(SEVEN)
    pad.ask(4)
    assert pad.label == 4
    assert pad.is_empty()


def test_a_drawing_is_still_on_the_pad_after_a_look_at_another_page():
    app = open_page("models.py")
    app.session_state["pad_canvas"] = draw_on_canvas(SEVEN)  # sent before the page was left
    app.switch_page("draw.py").run()
    assert app.session_state["pad_start"]["objects"] == draw_on_canvas(SEVEN)["objects"]
