"""From an error in a confusion matrix to one of its digits, with the keyboard alone."""

import re

from playwright.sync_api import Page, expect

from core.analysis.confusion import list_confused_pairs
from core.analysis.evaluation import evaluate, report_from_evaluation
from core.inference.classifier import load_classifier

# More presses of the Tab key would not be reached by anybody's patience.
MAX_TABS = 60
# What has the focus, inside the roots that components hide their elements in too.
FIND_FOCUS = """selector => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused.matches(selector);
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press the Tab key until the focus is on such an element."""
    for _ in range(MAX_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FIND_FOCUS, selector):
            return
    raise AssertionError(f"expected {selector} within {MAX_TABS} presses of Tab")


def test_a_pair_then_a_digit_then_its_look_alikes_are_picked_by_keyboard(open_page, bundled_digits):
    evaluation = evaluate(load_classifier("logistic_regression"), bundled_digits)
    pair = list_confused_pairs(report_from_evaluation(evaluation).confusion)[1]
    page = open_page("confusion?data=Bundled+digits&models=Logistic+regression")
    page.get_by_role("combobox", name=re.compile("^Images of")).wait_for()
    tab_to(page, "[class*=st-key-cells_] [role=combobox]")
    page.keyboard.press("ArrowDown")
    page.keyboard.type(f"{pair.true} predicted as {pair.predicted}")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Error explorer")
    thumbnails = page.locator(".gallery button")
    expect(thumbnails.first).to_contain_text(f"{pair.true} → {pair.predicted}")
    third = thumbnails.nth(2)
    number = re.search(r"Number (\d+)", third.locator("img").get_attribute("alt"))[1]
    tab_to(page, "[aria-pressed=true]:has(img)")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Number {number}", exact=True)).to_be_visible()
    expect(third).to_have_attribute("aria-pressed", "true")
    expect(third).to_be_focused()
    tab_to(page, "[role=tab]")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    difference = page.get_by_role("img", name=f"Mean {pair.true} minus mean {pair.predicted}")
    expect(difference).to_be_visible()
