"""The tour in a real browser, from its first step to its end."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import find_pad
from tests.browser.script_runs import wait_for_answer

STEPS = 7
MAX_HEIGHT_ON_A_PHONE = 130


def find_banner(page: Page) -> object:
    return page.locator(".st-key-tour")


def expect_step(page: Page, number: int) -> None:
    expect(find_banner(page)).to_contain_text(f"{number}/{STEPS}")
    expect(page).to_have_url(re.compile(rf"tour={number}\b"))
    # The last run has ended, so nothing on the page belongs to the previous step.
    wait_for_answer(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator("[data-testid=stAlertContentError]")).to_have_count(0)


def follow(page: Page, label: str) -> None:
    page.get_by_role("link", name=label).click()


def test_the_tour_leads_from_draw_through_every_step_and_back(open_page):
    page = open_page()
    find_pad(page)
    follow(page, "Take the tour")
    expect_step(page, 1)
    expect(page.get_by_test_id("answer")).to_have_text("0")
    expect(page.locator(".preprocessing")).to_be_visible()
    seen = set()
    for number in range(2, STEPS + 1):
        follow(page, "Next")
        expect_step(page, number)
        expect(page.locator(".js-plotly-plot .main-svg, .stImage img, img").first).to_be_visible()
        seen.add(find_banner(page).inner_text())
    assert len(seen) == STEPS - 1
    # "Why 4 and 9?" shows those digits and digits similar to them.
    for caption in page.locator(".gallery button").all_inner_texts():
        assert {*re.findall(r"\d", caption)} == {"4", "9"}
    expect(page.get_by_role("tab", name="Similar digits")).to_have_attribute(
        "aria-selected", "true"
    )
    follow(page, "Back")
    expect_step(page, STEPS - 1)
    follow(page, "End tour")
    expect(page.locator("h1")).to_have_text("Draw digits")
    expect(find_banner(page)).to_have_count(0)
    assert "tour" not in page.url


def test_the_note_stays_visible_while_the_page_is_scrolled(open_page):
    page = open_page("robustness?tour=2&corruption=Shift")
    expect_step(page, 2)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 900)")
    page.wait_for_function(
        """() => {
            const [header, main, note] = ['[data-testid=stHeader]', '[data-testid=stMain]',
                '.st-key-tour'].map((selector) => document.querySelector(selector));
            const bottom = header.getBoundingClientRect().bottom;
            const top = note.getBoundingClientRect().top;
            return main.scrollTop > 500 && bottom - 1 <= top && top <= bottom + 40;
        }"""
    )
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    page.get_by_role("radio", name="7", exact=True).click()
    expect(page).to_have_url(re.compile("digit=7"))
    expect_step(page, 2)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_note_is_small_on_a_phone_and_covers_nothing(open_page, dark):
    page = open_page("?tour=1&closer=Preprocessing+steps", phone=True, dark=dark)
    expect_step(page, 1)
    # Measured together, and again until the page has settled.
    page.wait_for_function(
        """(tallest) => {
            const note = document.querySelector('.st-key-tour').getBoundingClientRect();
            const title = document.querySelector('h1').getBoundingClientRect();
            return note.height <= tallest && note.bottom <= title.top;
        }""",
        arg=MAX_HEIGHT_ON_A_PHONE,
    )
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
