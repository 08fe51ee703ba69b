"""The map in a real window: digits are selected by a lasso, and the address keeps it."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from core.analysis import selection
from core.analysis.digit_map import load_maps
from core.analysis.selection import Area, Areas, find_inside
from core.models.card import MNIST_TEST
from tests.browser.conftest import (
    PHONE,
    draw_with_mouse,
    go_to,
    pick_from_list,
    wait_for_chart,
    wait_until_whole,
)
from tests.browser.test_draw import SEVEN, expect_answer

pytestmark = pytest.mark.usefixtures("mnist_test")
# Shares of the width and height of the map.
Loop = list[tuple[float, float]]
LOOP: Loop = [(0.4, 0.3), (0.6, 0.3), (0.6, 0.6), (0.4, 0.6)]


def find_chart(page: Page, name: str = "area") -> Locator:
    wait_until_whole(page)  # until then, the chart before may be there, and what is late moves it
    chart = page.locator(f"[class*=st-key-map_{name}_] .js-plotly-plot")
    expect(chart).to_have_count(1)
    wait_for_chart(chart)
    return chart


def draw_lasso(page: Page, name: str = "area", loop: Loop = LOOP) -> None:
    box = find_chart(page, name).locator(".nsewdrag").bounding_box()
    for place, (x, y) in enumerate([*loop, loop[0]]):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)
        if place == 0:
            page.mouse.down()
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"[?&]{name}="))


def read_area(page: Page, name: str = "area") -> Area:
    text = re.search(rf"[?&]{name}=([^&]+)", page.url)[1].replace("%2C", ",")
    return Area.from_text(text)


def read_areas(page: Page) -> Areas:
    return selection.read_areas(parse_qs(urlsplit(page.url).query)["area"][0])


def read_ranges(page: Page) -> list[float]:
    """The lowest and highest x and y in sight."""
    return find_chart(page).evaluate(
        "({ layout: { xaxis, yaxis } }) => [...xaxis.range, ...yaxis.range]"
    )


def count_selected(chart: Locator) -> int:
    """How many points Plotly itself has selected."""
    return chart.evaluate(
        "chart => chart.data.map(({ selectedpoints }) => selectedpoints?.length ?? 0)"
        ".reduce((sum, count) => sum + count)"
    )


def test_a_lasso_selects_the_digits_in_it_and_the_address_keeps_it(open_page):
    page = open_page("map")
    draw_lasso(page)
    expect(page.get_by_role("button", name="Remove the area")).to_be_visible()
    inside = read_area(page).contains(load_maps("lenet5")[MNIST_TEST].positions)
    assert 0 < inside.sum() < 10_000
    expect(page.get_by_text(f"{inside.sum():,} digits, accuracy")).to_be_visible()
    # What Plotly itself has selected is the same, but for points on the line.
    assert abs(count_selected(find_chart(page)) - inside.sum()) <= 0.01 * inside.sum() + 2
    again = page.context.new_page()
    again.goto(page.url)
    expect(again.get_by_text(f"{inside.sum():,} digits, accuracy")).to_be_visible()
    expect(find_chart(again).locator(".selectionlayer path").first).to_be_attached()
    again.get_by_role("button", name="Remove the area").click()
    expect(again.get_by_text("10,000 digits, accuracy")).to_be_visible()
    expect(find_chart(again).locator(".selectionlayer path")).to_have_count(0)


def test_with_shift_a_lasso_adds_an_area(open_page):
    page = open_page("map")
    draw_lasso(page)
    before = page.url
    page.keyboard.down("Shift")
    draw_lasso(page, loop=[(x - 0.25, y) for x, y in LOOP])
    page.keyboard.up("Shift")
    expect(page).not_to_have_url(before)
    areas = read_areas(page)
    assert len(areas) == 2
    inside = find_inside(areas, load_maps("lenet5")[MNIST_TEST].positions)
    expect(page.get_by_text(f"{inside.sum():,} digits, accuracy")).to_be_visible()
    draw_lasso(page, loop=[(x + 0.25, y) for x, y in LOOP])
    expect(page).not_to_have_url(re.compile("%3B|;"))


def test_another_colour_keeps_the_zoom_and_the_address_has_it(open_page):
    page = open_page("map")
    find_chart(page).locator("[data-title='Zoom in']").click()
    expect(page).to_have_url(re.compile("[?&]view="))
    before = read_ranges(page)
    assert before[1] - before[0] < 2
    pick_from_list(page, "Colour", "Confidence")
    expect(page).to_have_url(re.compile("colour=Confidence"))
    expect(find_chart(page).locator(".colorbar, .cbaxis").first).to_be_attached()
    # What is below the map has another height then, so the same height is another width.
    assert read_ranges(page) == pytest.approx(before, abs=0.1)
    again = page.context.new_page()
    again.goto(page.url)
    assert read_ranges(again) == pytest.approx(read_ranges(page), abs=0.01)
    find_chart(again).locator("[data-title='Autoscale']").click()
    expect(again).not_to_have_url(re.compile("view="))
    assert read_ranges(again)[1] - read_ranges(again)[0] > 1.9


def test_a_zoom_is_kept_where_another_chart_follows_at_once(open_page):
    page = open_page("map?area=0,0,1,0,1,1")
    find_chart(page).evaluate("""async (chart) => {
      const zoomed = new Promise((resolve) => chart.once("plotly_relayout", resolve));
      chart.querySelector("[data-title='Zoom in']").click();
      await zoomed;
      document.querySelector(".st-key-remove_area button").click();
    }""")
    expect(page.get_by_text("10,000 digits, accuracy")).to_be_visible()
    expect(page).to_have_url(re.compile("[?&]view="))
    expect(page).not_to_have_url(re.compile("[?&]area="))
    left, right, *_ = read_ranges(page)
    assert right - left < 2


def test_a_chart_that_is_replaced_before_it_listens_is_not_waited_for(browser):
    page = browser.new_page()
    page.set_content("<div></div>")
    page.evaluate("""() => setTimeout(() => {
      const another = document.createElement("div");
      another._ev = { _events: { plotly_selected: [] } };
      document.querySelector("div").replaceWith(another);
    }, 200)""")
    wait_for_chart(page.locator("div"))
    page.close()


def test_of_two_maps_a_lasso_on_one_highlights_the_same_digits_on_the_other(open_page):
    page = open_page("map?other=MLP")
    draw_lasso(page, "other_area")
    inside = read_area(page, "other_area").contains(load_maps("mlp")[MNIST_TEST].positions)
    expect(page.get_by_text(f"{inside.sum():,} digits, accuracy")).to_have_count(2)
    expect(find_chart(page).locator(".selectionlayer path")).to_have_count(0)
    assert count_selected(find_chart(page)) == inside.sum()
    draw_lasso(page)
    inside = read_area(page).contains(load_maps("lenet5")[MNIST_TEST].positions)
    expect(page.get_by_text(f"{inside.sum():,} digits, accuracy")).to_have_count(2)
    expect(find_chart(page, "other_area").locator(".selectionlayer path")).to_have_count(0)
    assert count_selected(find_chart(page, "other_area")) == inside.sum()
    assert "other_area" not in page.url


def test_a_finger_hits_the_buttons_of_the_map(open_page):
    page = open_page("map", phone=True)
    buttons = find_chart(page).locator(".modebar-btn")
    boxes = [buttons.nth(place).bounding_box() for place in range(buttons.count())]
    assert len(boxes) == 8
    assert min(min(box["width"], box["height"]) for box in boxes) >= 40
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    chart = find_chart(page).locator(".nsewdrag").bounding_box()
    assert max(box["y"] + box["height"] for box in boxes) <= chart["y"] + 12


def test_the_images_of_few_digits_take_no_more_room_than_they_need(open_page):
    page = open_page("map?model=Logistic+regression&true=4&predicted=2")
    images = page.locator(".st-key-chosen_images")
    row = page.locator(".gallery button").first
    expect(row).to_be_visible()
    assert images.bounding_box()["height"] < 3 * row.bounding_box()["height"]  # two rows
    pick_from_list(page, "Predicted digit", "Any")
    expect(page.get_by_text("982 digits, accuracy")).to_be_visible()
    expect(page.locator(".gallery button")).to_have_count(60)
    assert 300 < images.bounding_box()["height"] < 340  # and the others are scrolled to


def test_digits_are_selected_by_keyboard_and_a_cell_opens_its_errors(open_page, mnist_test):
    page = open_page("map?model=Logistic+regression")
    box = page.get_by_role("combobox", name=re.compile("^True digit"))
    box.focus()
    box.press_sequentially("4")
    box.press("Enter")
    expect(page).to_have_url(re.compile("true=4"))
    expect(page.get_by_text(f"{(mnist_test.labels == 4).sum()} digits, accuracy")).to_be_visible()
    page.get_by_role("combobox", name=re.compile("Images of")).click()
    page.get_by_role("option", name=re.compile("^4 predicted as 9")).click()
    expect(page.locator("h1")).to_have_text("Error explorer")
    expect(page).to_have_url(re.compile("way=4-9"))


def test_the_drawing_on_the_pad_stands_on_the_map_with_its_neighbours(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    go_to(page, "Map")
    expect(page.get_by_text("are the most similar to yours")).to_contain_text("predicts 7")
    expect(page.locator("img[alt*='at a distance of']")).to_have_count(5)
    names = find_chart(page).evaluate("chart => chart.data.map(({ name }) => name)")
    assert names[-1] == "Your drawing"
    pick_from_list(page, "Colour", "Confidence")
    expect(page).to_have_url(re.compile("colour=Confidence"))
