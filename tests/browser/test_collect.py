"""Prompted writing in a real browser."""

import re

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Page, expect

from core.digits.frame import bytes_from_frames, frame_from_strokes
from core.drawings.store import DrawingStore, default_url
from core.synthesis.glyphs import draw_sample
from tests.browser.conftest import (
    PHONE,
    count_ink,
    draw_with_finger,
    draw_with_mouse,
    find_in_menu,
    find_pad,
    open_own_server,
    restart,
)
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.core.drawings.conftest import make_drawing


def read_prompt(page: Page) -> int:
    return int(page.get_by_test_id("prompt").locator("b").inner_text())


def sample(digit: int) -> list[list[tuple[float, float]]]:
    """A sample with few points, which is drawn quickly."""
    strokes = draw_sample(digit, canvas_size=320, random=np.random.default_rng(digit))
    return [[tuple(map(float, point)) for point in stroke[::6]] for stroke in strokes]


def wait_for_empty_pad(page: Page) -> None:
    """Wait until the pad is cleared, which the next prompt may precede on a slow machine."""
    find_pad(page)
    expect(page.get_by_label("Undo")).to_be_disabled()


def expect_progress(page: Page, count: int) -> None:
    expect(page.get_by_text(f"{count} of 20 saved")).to_be_visible()


def test_three_digits_are_written_one_is_undone_and_a_reload_continues(open_page):
    page = open_page("collect?each=2")
    for count in range(3):
        prompted = read_prompt(page)
        wait_for_empty_pad(page)
        draw_with_mouse(page, sample(prompted))
        # Immediately: the pad has not sent the last stroke yet.
        page.keyboard.press("Enter")
        expect_progress(page, count + 1)
        expect(page.get_by_test_id("prompt").locator("b")).not_to_have_text(str(prompted))
        expect(page.get_by_text("on the pad first")).to_have_count(0)
    page.get_by_role("button", name="Delete last drawing").click()
    expect_progress(page, 2)
    expect(page.get_by_test_id("prompt").locator("b")).to_have_text(str(prompted))
    page.reload()
    find_pad(page)
    expect_progress(page, 2)
    assert count_ink(page) == 0
    draw_with_mouse(page, sample(read_prompt(page)))
    page.get_by_role("button", name="Save and next").click()
    expect_progress(page, 3)
    page.goto(page.url.replace("collect?each=2", "drawings"))
    expect(page.locator(".gallery button")).to_have_count(3)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def block(page: Page, milliseconds: int) -> None:
    """Block the page's thread, as on a slow machine: its timers and its pad stop."""
    page.evaluate(
        "ms => { for (const end = performance.now() + ms; performance.now() < end;); }",
        milliseconds,
    )


@pytest.mark.parametrize("blocked_ms", [0, 2000])
def test_the_last_stroke_counts_although_save_is_pressed_before_the_pad_has_sent_it(
    open_page, blocked_ms
):
    page = open_page("collect?each=2")
    find_pad(page)
    draw_with_mouse(page, [[(60, 60), (260, 60)], [(60, 160), (260, 160)], [(60, 260), (260, 260)]])
    page.keyboard.press("Enter")
    block(page, blocked_ms)
    expect_progress(page, 1)
    page.goto(page.url.replace("collect?each=2", "drawings"))
    picture = page.locator(".gallery img")
    rows = picture.evaluate(
        """async image => {
          await image.decode();
          const canvas = Object.assign(document.createElement("canvas"), {width: 28, height: 28});
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0, 28, 28);
          const data = context.getImageData(14, 0, 1, 28).data;
          return [...Array(28).keys()].map(y => data[4 * y] > 100);
        }"""
    )
    inked = "".join("#" if row else "." for row in rows)
    assert len(re.findall("#+", inked)) == 3, inked


def save_first(page: Page) -> int:
    """Save a first drawing; the digit that is prompted then."""
    prompted = read_prompt(page)
    draw_with_mouse(page, sample(prompted))
    page.get_by_role("button", name="Save and next").click()
    expect_progress(page, 1)
    wait_for_empty_pad(page)
    return read_prompt(page)


def test_enter_presses_the_button_that_has_the_focus(open_page):
    page = open_page("collect?each=2")
    prompted = save_first(page)
    draw_with_mouse(page, sample(prompted))
    page.get_by_role("button", name="Skip").focus()
    page.keyboard.press("Enter")
    wait_for_empty_pad(page)
    expect(page.get_by_test_id("prompt").locator("b")).not_to_have_text(str(prompted))
    expect_progress(page, 1)
    draw_with_mouse(page, sample(read_prompt(page)))
    page.get_by_role("button", name="Delete last drawing").focus()
    page.keyboard.press("Enter")
    expect_progress(page, 0)


def test_enter_follows_the_link_that_has_the_focus_and_saves_nothing(open_page):
    page = open_page("collect?each=2")
    find_pad(page)
    draw_with_mouse(page, sample(read_prompt(page)))
    find_in_menu(page, "My drawings").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("My drawings")
    expect(page.locator(".gallery button")).to_have_count(0)


def test_the_prompt_stays_with_the_drawing_when_the_repetitions_change(open_page):
    page = open_page("collect?each=2")
    prompted = save_first(page)
    for each in (10, 5, 2):
        draw_with_mouse(page, [[(160, 40), (160, 280)]])
        page.get_by_role("radio", name=str(each), exact=True).click()
        expect(page.get_by_text(f"1 of {10 * each} saved")).to_be_visible()
        assert read_prompt(page) == prompted
        assert count_ink(page) > 0


def test_prompt_and_drawing_outlive_a_restart_of_the_server(browser):
    page, server = open_own_server(browser, "collect?each=2")
    try:
        find_pad(page)
        requests = count_requests(page)
        page.get_by_role("button", name="Skip").click()
        wait_for_answer(page, after=requests)
        prompted = read_prompt(page)
        draw_with_mouse(page, sample(prompted))
        ink = count_ink(page)
        server = restart(page, server)
        assert count_ink(page) == ink
        assert read_prompt(page) == prompted
        page.keyboard.press("Enter")
        expect_progress(page, 1)
    finally:
        server.stop()
        page.context.close()


def save_all_but_one(page: Page, missing: int) -> None:
    """Save two sevens under each label for the visitor of a page, but one of the missing label."""
    owner = next(cookie["value"] for cookie in page.context.cookies())
    store = DrawingStore(default_url())
    store.save(
        *(
            make_drawing(owner=owner, label=label, image=draw_seven())
            for label in range(10)
            for _ in range(2 - (label == missing))
        )
    )
    store.close()


def draw_seven() -> npt.NDArray[np.uint8]:
    return bytes_from_frames(frame_from_strokes([np.array(stroke) for stroke in sample(7)]))


def test_after_the_last_digit_the_misclassified_ones_are_shown_and_taught_to_a_model(open_page):
    page = open_page("collect?each=2")
    find_pad(page)
    prompted = read_prompt(page)
    save_all_but_one(page, prompted)
    draw_with_mouse(page, sample(prompted))
    page.keyboard.press("Enter")
    expect_progress(page, 20)
    address = page.url
    row = page.locator(".st-key-misclassified_lenet5")
    # All sevens that are saved as something else; the prompted digit is drawn as what it is.
    label = 4 if prompted == 3 else 3
    picture = row.get_by_role("img", name=f"Your {label}, which LeNet-5 predicts as 7")
    expect(picture).to_have_count(2)
    row.get_by_role("link", name="Explain").click()
    expect(page.locator("h1")).to_have_text("Error explorer")
    expect(page.get_by_text("misclassified by LeNet-5: label")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(f"{label} → 7"))).to_have_count(2)
    page.goto(address)
    page.get_by_role("link", name="Teach a model these").click()
    expect(page.locator("h1")).to_have_text("Train")
    expect(page.get_by_role("switch", name="Start from its trained weights")).to_be_checked()
    copies = page.get_by_role("slider", name="Copies of each of your drawings")
    expect(copies).to_have_value("20")


@pytest.mark.parametrize("dark", [False, True])
def test_digit_pad_and_button_are_visible_together_on_a_phone(open_page, dark):
    page = open_page("collect", phone=True, dark=dark)
    pad = find_pad(page)
    boxes = [
        element.bounding_box()
        for element in (
            page.get_by_test_id("prompt"),
            pad,
            page.get_by_role("button", name="Save and next"),
        )
    ]
    assert min(box["y"] for box in boxes) >= 0
    assert max(box["y"] + box["height"] for box in boxes) <= PHONE["height"]
    prompted = read_prompt(page)
    draw_with_finger(page, sample(prompted))
    page.get_by_role("button", name="Save and next").tap()
    expect(page.get_by_text("1 of 50 saved")).to_be_attached()
    expect(page.get_by_test_id("prompt").locator("b")).not_to_have_text(str(prompted))
