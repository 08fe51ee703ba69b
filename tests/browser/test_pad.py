"""The pad in a real browser: where a stroke may begin, its buttons, and which pointer draws."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import (
    Point,
    Touch,
    count_ink,
    draw_with_finger,
    draw_with_mouse,
    find_pad,
    go_to,
    hold_pen_down,
    open_own_server,
    read_pad,
    restart,
)
from tests.browser.script_runs import count_requests, wait_for_answer

SEVEN = [[(80, 70), (240, 70), (140, 270)]]
# All lie on the pad, some at its edge; the canvas's own toolbar lay over the upper right ones.
STARTS = [(x, y) for y in (3, 28, 160, 316) for x in (3, 160, 235, 270, 316)]


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def expect_strokes_to_undo(page: Page, count: int) -> None:
    """Undo exactly so many strokes; the last one empties the pad."""
    for left in reversed(range(count)):
        assert count_ink(page) > 0
        button(page, "Undo").click()
        if left:
            expect(button(page, "Undo")).to_be_enabled()
    expect(button(page, "Undo")).to_be_disabled()
    assert count_ink(page) == 0


def wait_for_ink(page: Page, ink: bool) -> None:
    for _ in range(100):
        if (count_ink(page) > 0) == ink:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"expected {'ink' if ink else 'no ink'} on the pad")


@pytest.mark.parametrize("path", ["", "collect"])
def test_a_stroke_may_begin_anywhere_on_the_pad_of_a_phone(open_page, path):
    page = open_page(path, phone=True)
    find_pad(page).scroll_into_view_if_needed()
    for x, y in STARTS:
        before = count_ink(page)
        end = (x + (12 if x < 160 else -12), y + (12 if y < 160 else -12))
        draw_with_finger(page, [[(x, y), end]])
        assert count_ink(page) > before, f"nothing is drawn from {x}, {y}"


def test_the_pad_of_a_phone_does_not_move_while_an_answer_comes_and_goes(open_page):
    page = open_page(phone=True)
    find_pad(page)
    main = page.get_by_test_id("stMain")
    main.evaluate("""main => {
        main.scrollTop = 174;
        window.lowest = 174;
        const look = () => {
            window.lowest = Math.min(window.lowest, main.scrollTop);
            requestAnimationFrame(look);
        };
        look();
    }""")
    for _ in range(4):
        draw_with_finger(page, SEVEN)
        expect(page.get_by_test_id("answer")).to_have_text("7")
        button(page, "Clear").tap()
        expect(page.get_by_test_id("answer")).to_have_count(0)
    assert page.evaluate("window.lowest") == 174


def test_undo_redo_and_clear_are_in_sight_and_work_by_touch(open_page):
    page = open_page(phone=True)
    find_pad(page)
    for name in ("Undo", "Redo", "Clear"):
        assert button(page, name).bounding_box()["height"] >= 24
    draw_with_finger(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    button(page, "Undo").tap()
    wait_for_ink(page, False)
    expect(page.get_by_test_id("answer")).to_have_count(0)
    button(page, "Redo").tap()
    wait_for_ink(page, True)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    button(page, "Clear").tap()
    wait_for_ink(page, False)
    button(page, "Undo").tap()
    wait_for_ink(page, True)


def test_strokes_can_be_moved_and_deleted_and_clear_ends_that(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    before = read_pad(page)
    move = button(page, "Move strokes")
    move.click()
    expect(move).to_have_attribute("aria-pressed", "true")
    draw_with_mouse(page, [[(150, 70), (160, 90)]])
    assert (read_pad(page) != before).sum() > 1000
    button(page, "Delete stroke").click()
    wait_for_ink(page, False)
    button(page, "Clear").click()
    expect(move).to_have_attribute("aria-pressed", "false")
    draw_with_mouse(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    assert (read_pad(page) != before).sum() < 100


# Each lies in the box of the other, and they cross nowhere.
CORNER, DOT = [(60, 60), (60, 260), (260, 260)], [(160, 120), (200, 160)]


@pytest.mark.parametrize("path", ["", "collect"])
@pytest.mark.parametrize("phone", [False, True], ids=["mouse", "touch"])
def test_the_eraser_takes_the_strokes_that_it_touches_and_undo_brings_them_back(
    open_page, path, phone
):
    page = open_page(path, phone=phone)
    draw = draw_with_finger if phone else draw_with_mouse
    find_pad(page).scroll_into_view_if_needed()
    draw(page, [DOT])
    dot = read_pad(page)
    draw(page, [CORNER])
    both = read_pad(page)
    eraser = button(page, "Erase strokes")
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    expect(button(page, "Move strokes")).to_have_attribute("aria-pressed", "false")
    draw(page, [[(100, 100), (130, 130)]])  # in the box of the corner, where no ink is
    assert (read_pad(page) == both).all()
    draw(page, [[(30, 200), (100, 200)]])
    assert (read_pad(page) == dot).all()
    button(page, "Undo").click()
    expect(button(page, "Redo")).to_be_enabled()
    wait_for_answer(page)
    assert (read_pad(page) == both).all()
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "false")
    draw(page, [[(230, 60), (280, 60)]])
    assert count_ink(page) > both.sum()


def test_the_last_stroke_that_was_erased_comes_back(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    wait_for_answer(page)
    ink = read_pad(page)
    button(page, "Erase strokes").click()
    draw_with_mouse(page, [[(150, 40), (150, 290)]])
    assert count_ink(page) == 0
    expect(page.get_by_test_id("answer")).to_have_count(0)
    button(page, "Undo").click()
    wait_for_ink(page, True)
    assert (read_pad(page) == ink).all()
    expect(page.get_by_test_id("answer")).to_have_text("7")
    expect(button(page, "Undo")).to_be_disabled()


def test_a_page_that_is_loaded_again_has_its_drawing_and_another_tab_has_none(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    wait_for_answer(page)
    ink = read_pad(page)
    page.reload()
    wait_for_ink(page, True)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    assert (read_pad(page) == ink).all()
    another = page.context.new_page()
    another.goto(page.url)
    expect(another.get_by_text("Draw a digit or a number")).to_be_visible()
    assert count_ink(another) == 0
    button(page, "Clear").click()
    wait_for_ink(page, False)
    wait_for_answer(page)
    page.reload()
    expect(page.get_by_text("Draw a digit or a number")).to_be_visible()
    assert count_ink(page) == 0


@pytest.mark.parametrize("path", ["", "collect"])
def test_what_was_cleared_comes_back(open_page, path):
    page = open_page(path)
    find_pad(page)
    draw_with_mouse(page, [CORNER])
    drawn = read_pad(page)
    requests = count_requests(page)
    button(page, "Clear").click()
    wait_for_answer(page, after=requests)
    assert not count_ink(page)
    button(page, "Undo").click()
    expect(button(page, "Clear")).to_be_enabled()
    wait_for_answer(page, after=requests + 1)
    assert (read_pad(page) == drawn).all()
    requests = count_requests(page)
    button(page, "Clear").click()
    wait_for_answer(page, after=requests)
    draw_with_mouse(page, [DOT])
    button(page, "Undo").click()
    wait_for_ink(page, False)
    wait_for_answer(page)
    button(page, "Undo").click()
    wait_for_ink(page, True)
    assert (read_pad(page) == drawn).all()


def test_one_way_of_the_eraser_takes_all_strokes_under_it_and_the_answer_follows(open_page):
    page = open_page()
    draw_with_mouse(page, [*SEVEN, [(100, 170), (240, 170)], [(60, 30), (60, 290)]])
    page.keyboard.press("e")
    expect(button(page, "Erase strokes")).to_have_attribute("aria-pressed", "true")
    draw_with_mouse(page, [[(40, 250), (80, 250)]])
    expect(page.get_by_test_id("answer")).to_have_text("7")
    draw_with_mouse(page, [[(150, 40), (150, 290)]])
    assert count_ink(page) == 0
    expect(page.get_by_test_id("answer")).to_have_count(0)
    button(page, "Give me a digit").click()
    expect(button(page, "Erase strokes")).to_have_attribute("aria-pressed", "false")


def make_line(row: int) -> list[Point]:
    """One of twenty lines below one another."""
    y = 10 + 15 * row
    return [(100, y), (150, y), (210, y)]


# What else happens while a finger draws: each function draws one stroke and something beside it.
def with_second_finger(touch: Touch, stroke: list[Point]) -> None:
    touch.send("touchStart", stroke[0])
    touch.draw(stroke[:2])
    touch.send("touchStart", stroke[1], (40, 200))
    touch.draw(stroke[1:], (200, 40))
    touch.send("touchEnd", stroke[-1])  # the first finger is lifted first
    touch.send("touchMove", (260, 300), first=1)
    touch.send("touchEnd")


def with_cancel(touch: Touch, stroke: list[Point]) -> None:
    touch.send("touchStart", stroke[0])
    touch.draw(stroke)
    touch.send("touchCancel")


def with_palm(touch: Touch, stroke: list[Point]) -> None:
    touch.send("touchStart", (250, 290), radius=50)
    touch.send("touchMove", (240, 280), radius=50)
    touch.send("touchEnd")
    touch.send("touchStart", stroke[0])
    touch.draw(stroke[:2])
    touch.send("touchStart", stroke[1], (250, 290), radius=50)
    touch.draw(stroke[1:], (250, 290), radius=50)
    touch.send("touchEnd", stroke[-1])
    touch.send("touchEnd")


def test_nine_strokes_beside_other_touches_are_those_that_one_finger_drew(open_page):
    alone, page = open_page(phone=True), open_page(phone=True)
    draw_with_finger(alone, [make_line(row) for row in range(9)])
    touch = Touch(page)
    for row in range(9):
        (with_second_finger, with_cancel, with_palm)[row % 3](touch, make_line(row))
    # The browser may leave out points of a line.
    assert (read_pad(page) != read_pad(alone)).sum() < 100
    expect_strokes_to_undo(page, 9)


def test_ink_outside_the_pad_does_not_count(open_page):
    page = open_page()
    # The bar of a 4 slips out to the right by more than the pad's width.
    draw_with_mouse(page, [[(120, 40), (70, 180), (700, 180)], [(230, 60), (230, 300)]])
    expect(page.get_by_test_id("answer")).to_have_text("4")


def test_a_stroke_that_leaves_the_pad_and_comes_back_is_as_long_as_it_can_be_seen(open_page):
    page = open_page()
    draw_with_mouse(page, [[(160, 100), (500, 100), (500, 200), (160, 200)]])
    pixels = read_pad(page)
    assert pixels[100, 165:318].all()
    assert pixels[200, 165:318].all()
    assert not pixels[150].any()


def look_at_another_page(page: Page) -> None:
    go_to(page, "Training curves")


def go_back_to_the_pad(page: Page) -> None:
    go_to(page, "Draw")
    find_pad(page)
    wait_for_ink(page, True)


def clear(page: Page) -> None:
    draw_with_mouse(page, [[(40, 40), (280, 280)]])
    button(page, "Clear").click()
    wait_for_ink(page, False)


def test_a_drawing_outlives_restarts_whatever_came_before(browser):
    page, server = open_own_server(browser)
    try:
        clear(page)
        draw_with_mouse(page, SEVEN)
        ink = read_pad(page)
        server = restart(page, server)
        expect(page.get_by_test_id("answer")).to_have_text("7")
        assert (read_pad(page) == ink).all()
        look_at_another_page(page)
        go_back_to_the_pad(page)
        server = restart(page, server)
        expect(page.get_by_test_id("answer")).to_have_text("7")
        assert (read_pad(page) == ink).all()
        look_at_another_page(page)
        server = restart(page, server)
        go_back_to_the_pad(page)
        expect(page.get_by_test_id("answer")).to_have_text("7")
        assert (read_pad(page) == ink).all()
        button(page, "Give me a digit").click()
        expect(button(page, "Undo")).to_be_disabled()
        wait_for_answer(page)
        ink = read_pad(page)
        server = restart(page, server)
        assert (read_pad(page) == ink).all()
        expect(page.get_by_test_id("answer")).to_be_visible()
    finally:
        server.stop()
        page.context.close()


def test_a_stroke_drawn_while_the_server_was_away_is_on_the_pad_afterwards(browser):
    page, server = open_own_server(browser)
    try:
        clear(page)
        server.stop()
        draw_with_mouse(page, SEVEN)
        server = restart(page, server)
        expect(page.get_by_test_id("answer")).to_have_text("7")
    finally:
        server.stop()
        page.context.close()


# The end of a stroke and a step to another page in one task: on a busy machine, the browser handles
# a click before the timer in which a stroke is sent.
LEAVE_AT_ONCE = """([canvas, link]) => {
  canvas.dispatchEvent(new PointerEvent("pointerup", {
    bubbles: true, composed: true, pointerId: 1, clientX: innerWidth, clientY: innerHeight,
  }));
  link ? link.click() : history.back();
}"""


@pytest.mark.parametrize("way", ["link", "back"])
@pytest.mark.parametrize("title", ["Draw", "Collect"])
def test_a_stroke_is_not_lost_when_the_page_is_left_at_once(open_page, title, way):
    page = open_page("drawings")
    go_to(page, title)
    pad = find_pad(page)
    wait_for_answer(page)
    hold_pen_down(page, SEVEN[0])
    link = None
    if way == "link":
        page.get_by_test_id("stTopNavSection").first.evaluate("group => group.click()")
        link = page.get_by_role("menuitem", name="My drawings").element_handle()
    page.evaluate(LEAVE_AT_ONCE, [pad.element_handle(), link])
    page.mouse.up()
    expect(page.locator("h1")).to_have_text("My drawings")
    page.wait_for_timeout(500)  # an event that came too late would empty the page now
    expect(page.locator("h1")).to_have_text("My drawings")
    go_to(page, title)
    find_pad(page)
    wait_for_ink(page, True)
    assert count_ink(page) > 7000
