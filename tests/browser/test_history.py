"""Back, Forward, the menu and links: an opened page is one step, and its address is its state."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import TIMEOUT, find_in_menu, go_to
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.browser.test_links import INTERVAL, describe
from tests.browser.test_links import choose as pick


def act(page: Page, do: Callable[[], object]) -> None:
    """Do something that has the page run, and wait until it shows what came of it."""
    before = count_requests(page)
    do()
    wait_for_answer(page, after=before)


def choose(page: Page, *choices: Callable[[Page], object]) -> None:
    for choice in choices:
        act(page, lambda choice=choice: choice(page))


def read_address(page: Page) -> tuple[str, dict[str, list[str]]]:
    """The path and the parameters."""
    address = urlsplit(page.url)
    return address.path, parse_qs(address.query)


def expect_address(page: Page, expected: tuple[str, dict[str, list[str]]]) -> None:
    """Streamlit writes the parameters after the page that it opens, one after the other."""
    for _ in range(TIMEOUT // INTERVAL):
        if read_address(page) == expected:
            break
        page.wait_for_timeout(INTERVAL)
    assert read_address(page) == expected


def count_entries(page: Page) -> int:
    return page.evaluate("history.length")


def hide_diagonal(page: Page) -> None:
    page.get_by_text("Hide diagonal").click()


def expect_view(page: Page, view: str) -> None:
    for _ in range(TIMEOUT // INTERVAL):
        if describe(page) == view:
            break
        page.wait_for_timeout(INTERVAL)
    assert describe(page) == view


def test_back_and_forward_are_one_step_to_each_page_as_it_was(open_page):
    page = open_page("confusion")
    wait_for_answer(page)
    entries = count_entries(page)
    choose(page, pick("Cells", "% of true class"), hide_diagonal, pick("Models", "CNN"))
    confusion, matrices = read_address(page), describe(page)
    assert set(confusion[1]) == {"cells", "errors_only", "models"}
    act(page, lambda: go_to(page, "Error explorer"))
    expect_address(page, ("/errors", {}))
    choose(page, pick("Model", "Logistic regression"), pick("Pair", "1/7"))
    errors, images = read_address(page), describe(page)
    assert errors == ("/errors", {"model": ["Logistic regression"], "pair": ["1/7"]})
    assert count_entries(page) == entries + 1
    act(page, page.go_back)
    expect_address(page, confusion)
    expect_view(page, matrices)
    act(page, page.go_forward)
    expect_address(page, errors)
    expect_view(page, images)
    act(page, page.reload)
    expect_address(page, errors)
    expect_view(page, images)
    act(page, page.go_back)
    expect_address(page, confusion)
    expect_view(page, matrices)


def test_pages_whose_parameters_have_one_name_keep_their_own_values(open_page):
    page = open_page("confusion?models=CNN&models=MLP")
    wait_for_answer(page)
    act(page, lambda: go_to(page, "Training curves"))
    expect_address(page, ("/curves", {}))
    choose(page, pick("Models", "CNN"))
    curves = read_address(page)
    act(page, page.go_back)
    wait_for_answer(page)
    expect_address(page, ("/confusion", {"models": ["CNN", "MLP"]}))
    expect(page.get_by_text(", top-3 ")).to_have_text([re.compile("^CNN"), re.compile("^MLP")])
    act(page, page.go_forward)
    wait_for_answer(page)
    expect_address(page, curves)


def test_the_menu_shows_a_page_as_it_was_seen_last(open_page):
    page = open_page("confusion")
    wait_for_answer(page)
    choose(page, hide_diagonal)
    confusion, matrices = read_address(page), describe(page)
    for title in ("Error explorer", "Confusion matrices"):
        act(page, lambda title=title: go_to(page, title))
    expect_address(page, confusion)
    expect_view(page, matrices)
    entries = count_entries(page)
    act(page, page.go_back)
    expect_address(page, ("/errors", {}))
    assert count_entries(page) == entries


def test_a_link_to_images_shows_them_whatever_was_chosen_before_and_back_is_one_step(open_page):
    page = open_page("errors?show=Suspected+label+errors&confidence=90&confidence=95")
    wait_for_answer(page)
    act(page, lambda: go_to(page, "Confusion matrices"))
    choose(page, pick("Data set", "Bundled digits"), hide_diagonal)
    confusion = read_address(page)
    errors = page.get_by_role("combobox", name="Images of").first
    errors.focus()
    errors.press("ArrowDown")
    act(page, lambda: errors.press("Enter"))
    expect(page).to_have_title(re.compile("^Error explorer"))
    wait_for_answer(page)
    path, query = read_address(page)
    assert path == "/errors"
    assert set(query) == {"dataset", "pair", "way"}  # the model is the default
    expect(page.get_by_text(re.compile("misclassified by LeNet-5"))).to_be_visible()
    act(page, page.go_back)
    wait_for_answer(page)
    expect_address(page, confusion)
    expect(page).to_have_title(re.compile("^Confusion"))


@pytest.mark.parametrize("query", ["cells=nonsense", "cells=", "models=Nobody&pair=4/9"])
def test_a_wrong_value_shows_the_default_on_the_way_back_too(open_page, query):
    page = open_page(f"confusion?{query}")
    wait_for_answer(page)
    act(page, lambda: go_to(page, "Error explorer"))
    act(page, page.go_back)
    expect(page.get_by_role("combobox", name="Cells")).to_have_value("Counts")
    expect(page.get_by_text(", top-3 ")).to_have_count(3)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert not {"cells", "models"} & set(read_address(page)[1])


def test_a_link_opens_in_a_new_tab_as_links_do(open_page):
    page = open_page("confusion?errors_only=true")
    wait_for_answer(page)
    with page.context.expect_page() as opened:
        find_in_menu(page, "Error explorer").click(modifiers=["ControlOrMeta"])
    expect(opened.value).to_have_title(re.compile("^Error explorer"))
    expect_address(page, ("/confusion", {"errors_only": ["true"]}))


def test_a_link_to_the_open_page_shows_it_from_its_beginning(open_page):
    page = open_page("curves")
    below = page.get_by_role("heading", name="Confusion matrix by epoch")
    below.scroll_into_view_if_needed()
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    page.wait_for_function(f"{scrolled} > 100")
    go_to(page, "Training curves")
    page.wait_for_function(f"{scrolled} === 0")
