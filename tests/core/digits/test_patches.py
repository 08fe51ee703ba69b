import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.digits.patches import EDGE_PENALTY, FRAME_PENALTY, select_patches


def select(draw_on) -> list[tuple[tuple[int, ...], float, float, bool]]:
    """Box (top, bottom, left, right), share, penalty and wholeness of each selection."""
    picture = Image.new("L", (100, 100), 0)
    draw_on(ImageDraw.Draw(picture))
    found = select_patches(np.asarray(picture, np.float32) / 255, 0.5, None)
    return [
        (
            (one.box[0].start + 2, one.box[0].stop - 2, one.box[1].start + 2, one.box[1].stop - 2),
            one.share,
            one.penalty,
            one.is_whole,
        )
        for one in found
    ]


def test_ink_alone_is_one_selection():
    ((box, share, penalty, is_whole),) = select(lambda draw: draw.rectangle((40, 20, 50, 80), 255))
    assert box == (20, 81, 40, 51)
    assert (share, penalty, is_whole) == (pytest.approx(1), 0, True)


def test_specks_do_not_count():
    def draw_on(draw: ImageDraw.ImageDraw) -> None:
        draw.rectangle((40, 20, 50, 80), 255)
        draw.point((90, 90), 255)

    assert all(box == (20, 81, 40, 51) for box, *_ in select(draw_on))


def test_a_frame_is_left_out_first_and_costs_something():
    def draw_on(draw: ImageDraw.ImageDraw) -> None:
        draw.rectangle((5, 5, 94, 94), outline=255, width=2)
        draw.rectangle((45, 30, 52, 70), 255)

    (inner, share, penalty, is_whole), *others = select(draw_on)
    assert inner == (30, 71, 45, 53)
    assert (share, penalty, is_whole) == (pytest.approx(1), 0, True)
    assert all(penalty >= FRAME_PENALTY for box, _, penalty, _ in others if box != inner)


def test_ink_at_the_edge_is_left_out_unless_it_is_all_there_is():
    def draw_both(draw: ImageDraw.ImageDraw) -> None:
        draw.rectangle((0, 0, 9, 99), 255)
        draw.rectangle((45, 30, 52, 70), 255)

    first, *others = select(draw_both)
    assert first[0] == (30, 71, 45, 53)
    assert max(penalty for *_, penalty, _ in others) >= EDGE_PENALTY
    ((_, share, penalty, _),) = select(lambda draw: draw.rectangle((0, 0, 9, 99), 255))
    assert (share, penalty) == (pytest.approx(1), 0)


def test_one_of_two_strokes_is_not_the_whole():
    def draw_on(draw: ImageDraw.ImageDraw) -> None:
        draw.rectangle((15, 30, 22, 70), 255)
        draw.rectangle((75, 25, 82, 75), 255)

    whole, main = select(draw_on)
    assert whole[3]
    assert not main[3]
    assert main[0] == (25, 76, 75, 83)
    assert main[2] > 0.4
    assert main[1] < 0.6


def test_what_is_around_a_stroke_does_not_look_like_it_but_along_an_edge_half_of_it_does():
    stroke = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(stroke).line((30, 20, 60, 80), fill=20, width=8)
    sheet = Image.new("L", (100, 100), 255)
    sheet.paste(20, (50, 0, 100, 100))
    edge = np.zeros((100, 100), np.float32)
    edge[10:90, 42:50] = 1  # the paper beside the sheet
    shares = []
    for picture, strength in ((stroke, 1 - np.asarray(stroke, np.float32) / 255), (sheet, edge)):
        (selection,) = select_patches(strength, 0.5, None)
        rgb = np.asarray(picture, np.float32)[..., None]
        shares.append(selection.compare_with_surroundings(rgb, None))
    assert shares[0] < 0.05
    assert 0.4 < shares[1] < 0.7


def test_what_lies_along_the_edge_of_a_picture_or_of_a_sheet_may_go_on_beyond_it():
    strength = np.zeros((100, 100), np.float32)
    strength[20:80, :6] = 1
    rgb = 255 * (1 - strength)[..., None]
    (at_edge,) = select_patches(strength, 0.5, None)
    assert at_edge.compare_with_surroundings(rgb, None) > 0.15
    inside = np.zeros((100, 100), np.bool_)
    inside[:, 20:] = True
    moved = np.roll(strength, 20, axis=1)
    (on_sheet,) = select_patches(moved, 0.5, inside)
    assert on_sheet.compare_with_surroundings(255 * (1 - moved)[..., None], inside) > 0.3
    (cropped,) = select_patches(strength[:, :6], 0.5, None)
    assert cropped.compare_with_surroundings(rgb[:, :6], None) < 0.05


def test_there_is_nothing_in_an_empty_picture():
    assert select(lambda draw: draw.point((5, 5), 0)) == []
