import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.digits.ink import EmptyDrawingError
from core.digits.paper import (
    compare_with_quadrilateral,
    find_drawing,
    find_sheets,
    list_opaque,
    reduce_by_mean,
)


def to_rgb(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGB"), np.float32)


def draw_page(*, sheet: int = 250, table: int = 60, angle: float = 0) -> Image.Image:
    """A sheet with a stroke on a table."""
    note = Image.new("L", (120, 150), sheet)
    ImageDraw.Draw(note).line((60, 30, 60, 120), fill=140, width=9)
    page = Image.new("L", (320, 260), table)
    turned = note.rotate(angle, expand=True, fillcolor=table)
    page.paste(turned, (90, 50))
    return page


@pytest.mark.parametrize("angle", [0, 8, -12, 45])
@pytest.mark.parametrize(("sheet", "table"), [(250, 60), (60, 250)])
def test_a_sheet_on_a_table_is_found(angle, sheet, table):
    page = draw_page(sheet=sheet, table=table, angle=angle)
    found = [*find_sheets(to_rgb(page))]
    assert len(found) == 1
    grey = np.asarray(page)
    assert (np.abs(grey[found[0]].astype(int) - table) > 10).mean() > 0.99  # nothing of the table
    assert found[0].sum() > 0.8 * 120 * 150


@pytest.mark.parametrize(("page", "pad"), [(250, 0), (17, 0), (255, 250)])
def test_a_pad_in_a_screenshot_is_found_whole_though_strokes_reach_its_edge(page, pad):
    picture = Image.new("L", (640, 400), page)
    draw = ImageDraw.Draw(picture)
    draw.text((40, 20), "Draw a digit", fill=128, font_size=20)
    draw.rectangle((41, 150, 199, 308), fill=pad, outline=200)
    for place in (60, 120, 180):
        draw.line((place, 156, place, 302), fill=120, width=9)
    (sheet,) = find_sheets(to_rgb(picture))
    inside = np.zeros_like(sheet)
    inside[151:308, 42:199] = True
    assert not (sheet & ~inside).any()
    assert (inside & ~sheet).sum() < 0.05 * inside.sum()


def test_a_sheet_half_in_shadow_is_found_whole_by_its_colour():
    y, x = np.mgrid[:260, :320]
    page = np.tile(np.float32([142, 102, 66]), (260, 320, 1))
    on_sheet = (x > 90) & (x < 210) & (y > 50) & (y < 200)
    page[on_sheet] = 240
    page[(np.abs(x - 150) < 6) & (np.abs(y - 125) < 40)] = 60
    light = 1 - 0.6 / (1 + np.exp((x - 140) / 4))
    sheets = [*find_sheets((page * light[..., None]).astype(np.float32))]
    overlaps = [(sheet & on_sheet).sum() / (sheet | on_sheet).sum() for sheet in sheets]
    assert max(overlaps) > 0.9


def test_an_ellipse_a_bare_sheet_and_a_change_in_light_are_no_sheets():
    ellipse = Image.new("L", (320, 260), 60)
    ImageDraw.Draw(ellipse).ellipse((60, 40, 260, 220), fill=250)
    ImageDraw.Draw(ellipse).line((160, 80, 160, 180), fill=0, width=8)
    bare = Image.new("L", (320, 260), 60)
    bare.paste(250, (90, 50, 210, 200))
    light = np.linspace(60, 250, 320).repeat(260).reshape(320, 260).T.astype(np.uint8)
    for picture in (ellipse, bare, Image.fromarray(light)):
        assert not [*find_sheets(to_rgb(picture))]


def test_a_quadrilateral_is_told_from_an_ellipse():
    y, x = np.mgrid[:81, :101]
    ellipse = ((x - 50) / 50) ** 2 + ((y - 40) / 40) ** 2 <= 1
    assert compare_with_quadrilateral(np.ones((81, 101), np.bool_)) == 1
    assert compare_with_quadrilateral(ellipse) == pytest.approx(2 / np.pi, abs=0.03)


def test_a_drawing_on_plain_paper_is_found_but_no_frame():
    page = Image.new("L", (90, 80), 255)
    ImageDraw.Draw(page).line((20, 20, 60, 70), fill=0, width=5)
    rows, columns = find_drawing(to_rgb(page))
    assert (rows.start, columns.start) == (pytest.approx(20, abs=4), pytest.approx(20, abs=4))
    ImageDraw.Draw(page).rectangle((5, 5, 80, 75), outline=0)
    assert find_drawing(to_rgb(page)) is None
    assert find_drawing(to_rgb(Image.new("L", (90, 80), 255))) is None


def test_a_clear_background_has_several_interpretations():
    ink = Image.new("L", (9, 9), 0)
    ink.putpixel((4, 4), 255)
    picture = Image.merge("RGBA", [Image.new("L", (9, 9), 40)] * 3 + [ink])
    shade, median, white, black = list_opaque(picture)
    assert shade[4, 4].tolist() == [0]
    assert shade[0, 0].tolist() == white[0, 0].tolist() == [255]
    assert black[0, 0].tolist() == [0]
    assert median[4, 4].tolist() == [40]
    with pytest.raises(EmptyDrawingError, match="completely transparent"):
        list_opaque(Image.new("RGBA", (9, 9)))


def test_blocks_are_averaged_and_edges_are_continued(random):
    pixels = random.random((10, 13, 3)).astype(np.float32)
    assert reduce_by_mean(pixels, 13) is pixels
    small = reduce_by_mean(pixels, 5)
    assert small.shape == (4, 5, 3)
    assert np.allclose(small[0, 0], pixels[:3, :3].mean(axis=(0, 1)))
