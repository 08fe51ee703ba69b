import base64
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from core.figures.drawing import draw_strokes, frame_boxes

STROKES = [np.array([(10.0, 20), (30, 60)]), np.array([(50.0, 20), (50, 61.25)])]


def test_the_part_of_a_drawing_shows_all_boxes_with_paper_around_them():
    left, top, right, bottom = frame_boxes([(10, 20, 30, 60), (50, 20, 50, 61)], pen_width=8)
    assert left < 6
    assert top < 16
    assert right > 54
    assert bottom > 65


def test_a_drawing_is_an_svg_with_a_line_for_each_stroke():
    address = draw_strokes(STROKES, (0, 10, 60, 70), pen_width=8)
    media_type, _, contents = address.partition(",")
    assert media_type == "data:image/svg+xml;base64"
    svg = ET.fromstring(base64.b64decode(contents))
    assert [float(side) for side in svg.attrib["viewBox"].split()] == [0, 10, 60, 60]
    lines = svg.findall(".//{*}polyline")
    for line, stroke in zip(lines, STROKES, strict=True):
        points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        assert np.array(points) == pytest.approx(stroke, abs=0.05)
