import numpy as np
import pytest

from core.digits.strokes import (
    _find_box,
    canvas_from_strokes,
    clip_strokes,
    strokes_from_canvas,
    strokes_from_lists,
)

# A stroke as streamlit-drawable-canvas 0.13 sent it for a mouse that moved from (60, 60) over
# (160, 60) to (100, 200). The tests change the object as the canvas's edit mode does.
PATH = [["M", 60, 60], ["Q", 60, 60, 110, 60], ["Q", 160, 60, 160, 60], ["L", 100, 200]]
DRAWN = {
    "type": "Path", "path": PATH, "originX": "center", "originY": "center", "left": 110,
    "top": 130, "width": 100, "height": 140, "scaleX": 1, "scaleY": 1, "angle": 0,
    "flipX": False, "flipY": False, "skewX": 0, "skewY": 0, "strokeWidth": 18,
}  # fmt: skip
# Strokes with sharp turns, as it sent them for a mouse that moved in a few large steps.
SPIKES = [
    {
        "type": "Path", "left": 143.9409, "top": 164.4837, "width": 138.6911, "height": 52.4909,
        "path": [
            ["M", 123.8662, 145.3445], ["Q", 123.8462, 145.3245, 173.8462, 158.7861],
            ["Q", 223.8462, 172.2476, 187.6923, 152.2476],
            ["Q", 151.5385, 132.2476, 113.0769, 161.4784], ["L", 74.5954, 190.7291],
        ],
    },
    {
        "type": "Path", "left": 96.383, "top": 102.5677, "width": 161.9579, "height": 136.0647,
        "path": [
            ["M", 15.4046, 99.9199], ["Q", 15.3846, 99.9399, 107.6923, 117.2476],
            ["Q", 200, 134.5553, 111.1538, 157.2476],
            ["Q", 22.3077, 179.9399, 37.6923, 107.2476], ["L", 53.0969, 34.5353],
        ],
    },
]  # fmt: skip
CORNERS = np.array([[60, 60], [160, 60], [100, 200]], dtype=float)


def convert(**changes: object) -> np.ndarray:
    (stroke,) = strokes_from_canvas({"objects": [{**DRAWN, **changes}]})
    return stroke


def test_an_unedited_stroke_keeps_its_coordinates():
    stroke = convert()
    assert stroke[0] == pytest.approx(CORNERS[0])
    assert stroke[-1] == pytest.approx(CORNERS[2])
    assert stroke.max(axis=0) == pytest.approx([160, 200])


@pytest.mark.parametrize("item", SPIKES, ids=["left", "right"])
def test_the_box_of_a_stroke_with_sharp_turns_is_the_one_that_the_canvas_gives_it(item):
    start, end = _find_box(item["path"])
    assert end - start == pytest.approx([item["width"], item["height"]], abs=0.01)
    assert (start + end) / 2 == pytest.approx([item["left"], item["top"]], abs=0.01)


@pytest.mark.parametrize("item", SPIKES, ids=["left", "right"])
def test_an_unedited_stroke_with_sharp_turns_keeps_its_coordinates(item):
    bare = {"type": "Path", "path": item["path"]}
    drawn, sent = strokes_from_canvas({"objects": [bare, item]})
    assert sent == pytest.approx(drawn, abs=0.01)


def test_a_path_of_one_move_stays_where_it_is():
    # Its box is empty. Fabric.js places an empty box at 0.
    item = {"type": "Path", "path": [["M", 40, 70]], "left": 0, "top": 0, "width": 0, "height": 0}
    (stroke,) = strokes_from_canvas({"objects": [item]})
    assert stroke.tolist() == [[40, 70]]


def test_a_moved_stroke_is_translated():
    assert convert(left=140, top=150) == pytest.approx(convert() + np.array([30, 20]))


def test_a_scaled_stroke_keeps_its_centre():
    stroke = convert(scaleX=0.5, scaleY=2)
    assert stroke == pytest.approx((convert() - [110, 130]) * [0.5, 2] + [110, 130])


def test_a_rotated_stroke_turns_clockwise_about_its_centre():
    stroke = convert(angle=90)
    assert stroke[0] == pytest.approx([110 + 70, 130 - 50])


def test_turning_and_scaling_agree_with_what_the_canvas_showed():
    # Measured on the screen: with left 126.7, top 132.5, scale 0.788 and angle 53.4°, the stroke
    # started at (148, 68) and ended at (76, 159).
    stroke = convert(left=126.7, top=132.5, scaleX=0.788, scaleY=0.788, angle=53.4)
    assert stroke[0] == pytest.approx([148, 68], abs=1)
    assert stroke[-1] == pytest.approx([76, 159], abs=2)


def test_a_mirrored_stroke_is_mirrored():
    assert convert(flipX=True)[0] == pytest.approx([160, 60])
    assert convert(flipY=True)[0] == pytest.approx([60, 200])


def test_an_object_may_be_placed_by_its_corner():
    assert convert(originX="left", originY="top", left=51, top=51) == pytest.approx(convert())


def test_curves_are_sampled_between_their_ends():
    item = {"type": "Path", "path": [["M", 0, 0], ["Q", 50, 100, 100, 0]]}
    (stroke,) = strokes_from_canvas({"objects": [item]})
    assert stroke[:, 1].max() == pytest.approx(50)


def test_strokes_survive_the_conversion_to_the_canvas_and_back():
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


FOUR = [np.array([(3.0, 1), (2, 4), (9, 4)]), np.array([(6.0, 2), (7, 3), (6, 5), (6, 8)])]
SEVEN = [np.array([(80.0, 70), (240, 70), (140, 270)])]


def with_times(stroke: np.ndarray) -> list[list[float]]:
    return [[*point, 40.0 * index] for index, point in enumerate(stroke.tolist())]


@pytest.mark.parametrize("drawing", [FOUR, SEVEN], ids=["four", "seven"])
@pytest.mark.parametrize(
    "write",
    [
        lambda stroke: stroke.tolist(),
        with_times,
        lambda stroke: np.array(with_times(stroke)).T.tolist(),
    ],
    ids=["points", "points with times", "columns with times"],
)
def test_strokes_are_taken_as_points_or_as_columns_and_times_are_ignored(drawing, write):
    strokes = strokes_from_lists([write(stroke) for stroke in drawing])
    assert len(strokes) == len(drawing)
    for stroke, expected in zip(strokes, drawing, strict=True):
        assert np.array_equal(stroke, expected)


def test_columns_without_times_are_taken_where_a_stroke_has_more_than_three_points():
    strokes = strokes_from_lists([stroke.T.tolist() for stroke in FOUR])
    assert np.array_equal(strokes[0], FOUR[0])
    assert np.array_equal(strokes[1], FOUR[1])


def test_a_third_number_that_is_no_time_is_ignored_too():
    pressures = [[*point, 5.0 - index] for index, point in enumerate(FOUR[1].tolist())]
    assert np.array_equal(strokes_from_lists([pressures])[0], FOUR[1])


@pytest.mark.parametrize(
    "lists",
    [
        [[[1, 2], [3]]],
        [[[]]],
        [[[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]],
        [FOUR[1].tolist(), FOUR[1].T.tolist()],
    ],
)
def test_strokes_of_another_form_are_refused_with_the_form(lists):
    with pytest.raises(ValueError, match=r"list of points: \[\[x, y\]"):
        strokes_from_lists(lists)


def test_strokes_that_may_have_both_forms_are_refused():
    with pytest.raises(ValueError, match="points without times"):
        strokes_from_lists([[[80, 240, 240], [70, 70, 270]]])


LINE = [(0.0, 0.0), (10.0, 10.0), (20.0, 0.0)]


@pytest.mark.parametrize(
    ("stroke", "parts"),
    [
        (LINE, [LINE]),
        ([(-5, 5), (15, 5)], [[(0, 5), (15, 5)]]),
        ([(5, 5), (30, 5), (30, 9), (5, 9)], [[(5, 5), (20, 5)], [(20, 9), (5, 9)]]),
        ([(-10, 10), (10, -10)], []),
        ([(-5, 10), (25, 10), (40, 12)], [[(0, 10), (20, 10)]]),
        ([(30, 5), (30, 15)], []),
        ([(5.0, 5.0)], [[(5, 5)]]),
        ([(25.0, 5.0)], []),
    ],
    ids=["inside", "enters", "two parts", "corner", "crosses", "parallel", "tap", "tap outside"],
)
def test_only_what_lies_on_the_canvas_is_left_of_a_stroke(stroke, parts):
    left = clip_strokes([np.array(stroke, float)], 20)
    assert [part.tolist() for part in left] == [[list(point) for point in part] for part in parts]
