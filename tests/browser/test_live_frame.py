"""The frames of pages/live are those of core/digits/frame.py."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.digits.ink import EmptyDrawingError
from tests.browser.live_modules import LiveModules, Strokes

SIZES = (1e-3, 1.0, 3.9, 320.0, 1e5)


@pytest.fixture(scope="module")
def live(browser) -> Iterator[LiveModules]:
    modules = LiveModules(browser)
    yield modules
    modules.close()


def draw_symmetric(random: np.random.Generator) -> list[Strokes]:
    """Lines, boxes and rings, whose centre of mass may lie between two pixels."""
    angle = np.linspace(0, 2 * np.pi, 60)
    drawings: list[Strokes] = []
    for width, height in random.integers(5, 300, (40, 2)).tolist():
        drawings += [
            [[(0, 0), (0, height)]],
            [[(7, 9), (7 + width, 9)]],
            [[(0, 0), (width, height)]],
            [[(0, 0), (width, 0), (width, height), (0, height), (0, 0)]],
            [[(0, 0), (0, height)], [], [(width, 0), (width, height)]],
            [np.stack([width * np.cos(angle), height * np.sin(angle)], axis=1)],
        ]
    return drawings


def draw_small(random: np.random.Generator) -> list[Strokes]:
    """Drawings around the size of a tap, in several units; and nothing."""
    walks = [np.cumsum(random.normal(0, 1, (6, 2)), axis=0) for _ in range(10)]
    scaled = [[walk * size * share] for walk in walks for size in SIZES for share in (0.01, 0.1, 1)]
    return [*scaled, [], [[]], [[(5, 5)]], [[(5, 5), (5, 5)]], [[(0, 0)], [(300, 300)]]]


@pytest.mark.parametrize("draw", [draw_symmetric, draw_small])
def test_the_browser_draws_the_same_frame_as_the_server(live, random, draw):
    drawings = draw(random)
    found = live.draw_frames(drawings)
    for strokes, frame in zip(drawings, found, strict=True):
        points = [np.array(stroke, float).reshape(-1, 2) for stroke in strokes]
        try:
            expected = frame_from_strokes(points)
        except EmptyDrawingError:
            assert frame is None
        else:
            assert np.array_equal(frame, expected)
    drawn = [frame is not None for frame in found]
    assert any(drawn)
    assert all(drawn) != (draw is draw_small)
