"""Every page in a real window, and the links from a cell to its images."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.analysis.evaluation import evaluate, report_from_evaluation
from core.inference.classifier import load_classifier
from core.models.files import load_card
from core.runs.run import MAX_NAME_LENGTH
from pages.widgets.probabilities import STYLE
from tests.browser.conftest import (
    GROUPS,
    PHONE,
    find_in_menu,
    go_to,
    pick_from_list,
    wait_for_chart,
    wait_until_whole,
)
from tests.browser.script_runs import wait_for_answer
from tests.servers import Server

PATHS = [
    "",
    "drawings",
    "collect",
    "curves",
    "confusion",
    "errors",
    "weak_spots",
    "compare",
    "map",
    "robustness",
    "models",
]


def watch_for_errors(page: Page) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def click_cell(page: Page, model_id: str, true: int, predicted: int) -> None:
    """Click the middle of a cell of a model's confusion matrix."""
    chart = page.locator(f".st-key-confusion_{model_id} .js-plotly-plot")
    wait_for_chart(chart)
    plot = chart.locator(".nsewdrag")
    box = plot.bounding_box()
    plot.click(  # once it does not move any more
        position={
            "x": box["width"] * (predicted + 0.5) / 10,
            "y": box["height"] * (true + 0.5) / 10,
        }
    )


def count_thumbnails(page: Page) -> int:
    return page.locator(".gallery button").count()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_page_opens_without_errors_and_fits_its_window(open_page, path, phone):
    page = open_page(path, phone=phone, dark=phone)
    errors = watch_for_errors(page)
    pad = "canvas.upper-canvas"
    content = {
        "": pad,
        "collect": pad,
        "drawings": "[data-testid=stAlert]",
        "errors": ".probabilities",
        "weak_spots": ".digit-picture",
    }
    page.locator(content.get(path, ".js-plotly-plot .main-svg")).first.wait_for()
    wait_until_whole(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator("[data-testid=stAlertContentError]")).to_have_count(0)
    width = page.evaluate("window.innerWidth")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width
    assert errors == []


def test_the_table_of_probabilities_fits_a_phone_whatever_a_model_is_called(browser):
    page = browser.new_page(viewport=PHONE)
    names = ["MW" * (MAX_NAME_LENGTH // 2), "Logistic regression"]
    rows = (f"<tr><th>{name}</th>{'<td><b>9</b> 49.5%</td>' * 3}</tr>" for name in names)
    page.set_content(
        f"<style>{STYLE.read_text('utf-8')}</style>"
        f"<div class=probabilities><table><tbody>{''.join(rows)}</tbody></table></div>"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    heights = page.locator("tr").evaluate_all("rows => rows.map((row) => row.offsetHeight)")
    assert heights[1] < 2 * heights[0] / 3  # an ordinary name is in one or two lines
    page.close()


def test_the_first_visitor_may_open_any_page_by_its_link(browser):
    fresh = Server()
    try:
        page = browser.new_page()
        page.goto(f"{fresh.address}/confusion")
        expect(find_in_menu(page, "Error explorer")).to_be_visible()
        expect(page).to_have_title("Confusion matrices · Digit Lab")
        expect(page.get_by_text("streamlit app")).to_have_count(0)
        page.close()
    finally:
        fresh.stop()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_navigation_shows_and_opens_all_pages_in_groups(open_page, dark):
    page = open_page(dark=dark)
    bar = page.get_by_role("navigation", name="App pages")
    expect(bar.get_by_role("button")).to_have_text([*GROUPS])
    for title in [title for titles in GROUPS.values() for title in titles]:
        expect(find_in_menu(page, title)).to_be_in_viewport(ratio=1)
        page.keyboard.press("Escape")
        if not dark:
            go_to(page, title)
            expect(page.locator("h1")).to_be_visible()
            expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_documentation_of_the_api_is_in_the_menu_with_an_icon_as_the_pages_have(
    open_page, server
):
    page = open_page()
    find_in_menu(page, "Collect")
    links = page.get_by_role("menuitem")
    expect(links).to_have_count(len(GROUPS["Draw"]) + 1)
    expect(links.last).to_have_attribute("href", f"{server.address}/api/docs")
    for link in links.all():
        expect(link.get_by_test_id("stIconMaterial").first).to_be_visible()


# A phone, and a window as narrow whose browser does not call itself a phone's.
PHONES = [None, "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140 Mobile"]


@pytest.mark.parametrize("user_agent", PHONES, ids=["narrow window", "phone"])
def test_the_menu_of_a_narrow_window_closes_after_a_choice(server, browser, user_agent):
    context = browser.new_context(viewport=PHONE, has_touch=True, user_agent=user_agent)
    page = context.new_page()
    page.goto(f"{server.address}/compare")
    for title in ("Sweeps", "Models"):
        page.get_by_role("button", name="Menu", exact=True).click()
        link = page.get_by_test_id("stSidebarNavLink").filter(has_text=title)
        expect(link).to_be_in_viewport(ratio=1)
        link.click()
        expect(page).to_have_title(f"{title} · Digit Lab")
        expect(page.get_by_role("button", name="Menu", exact=True)).to_be_visible()
        expect(link).not_to_be_in_viewport()
    page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("button", name="Close menu").click()
    expect(link).not_to_be_in_viewport()
    context.close()


def test_the_buttons_of_a_chart_are_whole_on_a_phone(open_page):
    page = open_page("curves", phone=True)
    wait_until_whole(page)
    buttons = page.locator(".modebar")
    buttons.locator(".modebar-btn").first.wait_for(state="attached")
    ends = buttons.evaluate("""buttons => [buttons, buttons.closest(".js-plotly-plot")].map(
      element => element.getBoundingClientRect().bottom)""")
    assert ends[0] <= ends[1] + 1


def test_runs_and_sweeps_link_to_each_other(open_page):
    page = open_page("runs")
    page.get_by_role("link", name="Sweeps").click()
    expect(page.locator("h1")).to_have_text("Sweeps")
    expect(page).to_have_url(re.compile("/sweeps$"))
    page.get_by_role("link", name="All runs").click()
    expect(page.locator("h1")).to_have_text("Runs")


def test_a_cell_links_to_exactly_its_images(open_page, bundled_digits):
    evaluation = evaluate(load_classifier("logistic_regression"), bundled_digits)
    counts = report_from_evaluation(evaluation).confusion.counts.copy()
    np.fill_diagonal(counts, 0)
    counts[counts > 60] = 0  # more would take a second page of thumbnails
    true, predicted = np.unravel_index(counts.argmax(), counts.shape)
    page = open_page("confusion?data=Bundled+digits")
    click_cell(page, "logistic_regression", int(true), int(predicted))
    expect(page.locator("h1")).to_have_text("Error explorer")
    expect(page.get_by_text(re.compile(rf"^{counts.max()} images?$"))).to_be_visible()
    expect(page.locator(".gallery button")).to_have_count(int(counts.max()))
    for caption in page.locator(".gallery button").all_inner_texts():
        assert caption.strip() == f"{true} → {predicted}"


@pytest.mark.usefixtures("mnist_test")
@pytest.mark.parametrize("model_id", ["lenet5", "logistic_regression"])
def test_the_cell_4_9_of_mnist_links_to_as_many_images_as_it_counts(open_page, model_id):
    count = load_card(model_id).test_confusion[4][9]
    page = open_page("confusion")
    click_cell(page, model_id, 4, 9)
    expect(page.locator("h1")).to_have_text("Error explorer")
    expect(page.locator(".gallery button")).to_have_count(count)
    for caption in page.locator(".gallery button").all_inner_texts():
        assert caption.strip().removesuffix(" ⚑") == "4 → 9"  # a label may be flagged


def test_a_picked_image_is_shown_large_and_its_link_restores_it(open_page):
    page = open_page("errors?dataset=Bundled+digits&model=Logistic+regression&pair=all")
    third = page.locator(".gallery button").nth(2)
    number = re.search(r"Number (\d+)", third.locator("img").get_attribute("alt"))[1]
    third.click()
    expect(page.get_by_text(f"Number {number}")).to_be_visible()
    expect(page).to_have_url(re.compile(f"image={number}"))
    again = open_page(page.url.split("/")[-1])
    expect(again.get_by_text(f"Number {number}")).to_be_visible()
    expect(again.locator(".gallery button[aria-pressed=true] img")).to_have_attribute(
        "alt", re.compile(f"^Number {number}:")
    )


def test_a_pair_and_its_direction_are_kept_in_the_link_from_model_to_model(open_page):
    page = open_page("errors?dataset=Bundled+digits&pair=1/8&way=1-8&model=MLP")
    captions = page.locator(".gallery button")
    expect(captions.first).to_contain_text("1 → 8")
    pick_from_list(page, "Model", "Logistic regression")
    expect(page.get_by_text("misclassified by Logistic regression")).to_be_visible()
    expect(captions.first).to_contain_text("1 → 8")
    pick_from_list(page, "Direction", "8 predicted as 1")
    expect(page).to_have_url(re.compile("way=8-1"))
    pick_from_list(page, "Pair", "All")
    expect(page).to_have_url(re.compile("pair=all"))


def test_the_epoch_slider_moves_the_matrix(open_page):
    page = open_page("curves")
    accuracy = page.get_by_test_id("stMetricValue")
    first = accuracy.inner_text()
    page.get_by_role("slider", name="Epoch").press("ArrowRight")
    expect(accuracy).not_to_have_text(first)
    expect(page).to_have_url(re.compile("epoch=2"))


def test_a_choice_made_right_before_the_page_is_left_does_not_empty_the_next_page(open_page):
    page = open_page("models")
    wait_for_answer(page)
    choice = page.get_by_role("tab", name="Calibration")
    link = find_in_menu(page, "Runs")
    # In one task: the choice is sent in a timer, after the request of the next page.
    page.evaluate(
        "elements => elements.forEach(element => element.click())",
        [choice.element_handle(), link.element_handle()],
    )
    expect(page.locator("h1")).to_have_text("Runs")
    page.wait_for_timeout(500)  # if the server took the choice, it would empty the page now
    expect(page.locator("h1")).to_have_text("Runs")
