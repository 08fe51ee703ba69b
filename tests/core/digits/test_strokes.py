import numpy as np
import pytest

from core.digits.strokes import canvas_from_strokes, strokes_from_canvas

# A stroke as streamlit-drawable-canvas 0.13 sent it for a mouse that went (60, 60), (160, 60),
# (100, 200), and the same object after its edit mode had moved, scaled and turned it.
PATH = [["M", 60, 60], ["Q", 60, 60, 110, 60], ["Q", 160, 60, 160, 60], ["L", 100, 200]]
DRAWN = {
    "type": "Path", "path": PATH, "originX": "center", "originY": "center", "left": 110,
    "top": 130, "width": 100, "height": 140, "scaleX": 1, "scaleY": 1, "angle": 0,
    "flipX": False, "flipY": False, "skewX": 0, "skewY": 0, "strokeWidth": 18,
}  # fmt: skip
CORNERS = np.array([[60, 60], [160, 60], [100, 200]], dtype=float)


def read(**changes: object) -> np.ndarray:
    (stroke,) = strokes_from_canvas({"objects": [{**DRAWN, **changes}]})
    return stroke


def test_a_stroke_that_was_only_drawn_lies_where_it_was_drawn():
    stroke = read()
    assert stroke[0] == pytest.approx(CORNERS[0])
    assert stroke[-1] == pytest.approx(CORNERS[2])
    assert stroke.max(axis=0) == pytest.approx([160, 200])


def test_a_stroke_that_was_moved_lies_where_it_was_moved_to():
    assert read(left=140, top=150) == pytest.approx(read() + np.array([30, 20]))


def test_a_stroke_that_was_scaled_keeps_its_middle():
    stroke = read(scaleX=0.5, scaleY=2)
    assert stroke == pytest.approx((read() - [110, 130]) * [0.5, 2] + [110, 130])


def test_a_stroke_that_was_turned_is_turned_clockwise_about_its_middle():
    stroke = read(angle=90)
    assert stroke[0] == pytest.approx([110 + 70, 130 - 50])


def test_turning_and_scaling_agree_with_what_the_canvas_showed():
    # Read off the screen: left 126.7, top 132.5, scale 0.788, angle 53.4° put the pen's start at
    # (148, 68) and its end at (76, 159).
    stroke = read(left=126.7, top=132.5, scaleX=0.788, scaleY=0.788, angle=53.4)
    assert stroke[0] == pytest.approx([148, 68], abs=1)
    assert stroke[-1] == pytest.approx([76, 159], abs=2)


def test_a_mirrored_stroke_is_mirrored():
    assert read(flipX=True)[0] == pytest.approx([160, 60])
    assert read(flipY=True)[0] == pytest.approx([60, 200])


def test_an_object_placed_by_its_corner_lies_where_its_ink_is():
    assert read(originX="left", originY="top", left=51, top=51) == pytest.approx(read())


def test_curves_are_followed_and_not_cut_short():
    item = {"type": "Path", "path": [["M", 0, 0], ["Q", 50, 100, 100, 0]]}
    (stroke,) = strokes_from_canvas({"objects": [item]})
    assert stroke[:, 1].max() == pytest.approx(50)


def test_what_is_put_on_the_canvas_comes_back():
    strokes = [np.array([[1.0, 2], [30, 40], [5, 60]]), np.array([[7.0, 8], [9, 10]])]
    back = strokes_from_canvas(canvas_from_strokes(strokes, pen_width=18, colour="#fff"))
    assert len(back) == 2
    assert back[0] == pytest.approx(strokes[0])
    assert back[1] == pytest.approx(strokes[1])


@pytest.mark.parametrize(
    "drawing", [None, {}, {"objects": []}, {"objects": [{"type": "Rect", "left": 1, "top": 2}]}]
)
def test_a_canvas_without_pen_strokes_has_none(drawing):
    assert strokes_from_canvas(drawing) == []


def test_an_unknown_path_command_is_refused():
    with pytest.raises(ValueError, match="expected the path commands M, L and Q, got 'C'"):
        strokes_from_canvas({"objects": [{"type": "Path", "path": [["C", 1, 2, 3, 4, 5, 6]]}]})
