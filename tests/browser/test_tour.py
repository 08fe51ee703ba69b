"""The tour in a real browser, from its first step to its end."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import find_pad
from tests.browser.script_runs import wait_for_answer

STEPS = 10
MAX_HEIGHT_ON_A_PHONE = 130
# What each step is about.
SUBJECTS = [
    "table:has-text('Centre of mass')",
    ".js-plotly-plot:has(.legend, .xtitle:has-text('Severity'))",
    ".st-key-changes:has-text('One dot')",
    ".st-key-paired_tests [data-testid=stDataFrame]",
    ".st-key-network:has(.maps)",
    ".js-plotly-plot:has-text('Confidence')",
    ".st-key-replay:has(.ribbon)",
    ".js-plotly-plot:has-text('Predicted')",
    ".st-key-teach:has-text('It is')",
    ".st-key-reasons:has-text('Models predict 4s as 9s')",
]
# Whether an outline is around it, and its top is in the window, below the note.
IS_SHOWN = """subject => {
  const note = document.querySelector('.st-key-tour').getBoundingClientRect();
  let outlined = subject;
  while (outlined && getComputedStyle(outlined).outlineStyle !== 'solid') {
    outlined = outlined.parentElement;
  }
  if (!outlined) return false;
  const { top, bottom, height } = outlined.getBoundingClientRect();
  const room = innerHeight - note.bottom;
  const whole = bottom <= innerHeight;
  return note.bottom <= top && (whole || (height > room - 40 && top < note.bottom + 40));
}"""


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
        expect(page.locator(".js-plotly-plot .main-svg, img, canvas").first).to_be_visible()
        seen.add(find_banner(page).inner_text())
    assert len(seen) == STEPS - 1
    expect(page.locator(".digit-picture[alt^='Mean of 4 → 9']")).to_be_visible()
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
    page.mouse.move(640, 600)
    page.mouse.wheel(0, 900)  # from then on the step leaves the page where it is
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


@pytest.mark.usefixtures("mnist_test")
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_each_step_scrolls_to_its_subject_and_outlines_it(open_page, phone):
    page = open_page(phone=phone)
    find_pad(page)
    follow(page, "Take the tour")
    for number, subject in enumerate(SUBJECTS, start=1):
        expect_step(page, number)
        found = page.locator(subject).first
        found.wait_for()
        page.wait_for_function(IS_SHOWN, arg=found.element_handle())
        if number < STEPS:
            follow(page, "Next")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_note_is_small_on_a_phone(open_page, dark):
    page = open_page("?tour=1&tab=Steps", phone=True, dark=dark)
    expect_step(page, 1)
    # Measured again until the page has settled.
    page.wait_for_function(
        "tallest => document.querySelector('.st-key-tour').offsetHeight <= tallest",
        arg=MAX_HEIGHT_ON_A_PHONE,
    )
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
