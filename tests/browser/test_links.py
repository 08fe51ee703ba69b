"""Every choice that changes what a page shows is in its URL, and a new tab shows the same."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from core.drawings.store import DrawingStore, default_url
from pages.widgets.gallery import PAGE_SIZE
from tests.browser.conftest import TIMEOUT, draw_with_mouse
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.browser.test_draw import SEVEN, expect_answer
from tests.core.drawings.conftest import make_drawing

Act = Callable[[Page], object]
INTERVAL = 400  # ms between two looks


def pick(name: str) -> Act:
    return lambda page: page.get_by_role("radio", name=name).first.click()


def add_model(title: str) -> Act:
    models = "toolbar[name=Models]"
    return lambda page: page.locator(f"role={models}").get_by_text(title, exact=True).click()


def open_tab(name: str) -> Act:
    return lambda page: page.get_by_role("tab", name=name).click()


def click(text: str) -> Act:
    return lambda page: page.get_by_text(text).first.click()


def pick_thumbnail(place: int) -> Act:
    return lambda page: page.locator(".gallery button").nth(place).click()


def slide(name: str) -> Act:
    return lambda page: page.get_by_role("slider", name=name).first.press("ArrowRight")


def pick_from_list(name: str, option: str) -> Act:
    def act(page: Page) -> None:
        choice = page.get_by_role("combobox", name=re.compile(f"^{name}"))
        choice.focus()
        choice.press("ArrowDown")
        choice.press_sequentially(option)
        choice.press("Enter")

    return act


def turn_page(page: Page) -> None:
    number = page.get_by_role("spinbutton", name=re.compile("^Page of"))
    number.fill("2")
    number.press("Enter")


def draw_seven(page: Page) -> None:
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)


def save_drawings(page: Page) -> None:
    """One drawing more than a page holds, each a seven that the MLP classifies as a one."""
    owner = next(
        cookie["value"] for cookie in page.context.cookies() if "visitor" in cookie["name"]
    )
    store = DrawingStore(default_url())
    if not store.count(owner):
        store.save(*(make_drawing(owner=owner) for _ in range(PAGE_SIZE + 1)))
    store.close()
    before = count_requests(page)
    page.reload()
    wait_for_answer(page, after=before)


def do_nothing(_: Page) -> None:
    pass


# Path, what has to be there first, the choices, and what the URL calls them.
VISITS: list[tuple[str, Act, list[Act], str]] = [
    ("", do_nothing, [open_tab("Upload")], "source"),
    (
        "",
        draw_seven,
        [
            pick("One model"),
            pick_from_list("Model", "MLP"),
            pick("Sensitivity"),
            pick("Size"),
            click("Combine perturbations"),
            slide("Rotation"),
        ],
        "predict model closer change by_hand amount_rotation",
    ),
    ("", draw_seven, [pick("Similar errors"), pick("MLP")], "closer look_alikes_of"),
    (
        "drawings",
        save_drawings,
        [pick_from_list("Misclassified by", "MLP"), turn_page],
        "misread page",
    ),
    ("drawings", save_drawings, [pick("7"), pick_thumbnail(3)], "digit drawing"),
    (
        "curves",
        do_nothing,
        [
            add_model("CNN"),
            pick("Accuracy"),
            click("Log axis"),
            pick_from_list("Model", "MLP"),
            slide("Epoch"),
        ],
        "models metric log model epoch",
    ),
    (
        "confusion",
        do_nothing,
        [
            pick("Bundled digits"),
            add_model("CNN"),
            pick("% of true class"),
            click("Hide diagonal"),
            click("Precision, recall and F1"),
        ],
        "data models cells errors_only figures_lenet5",
    ),
    (
        "errors",
        do_nothing,
        [
            pick("Bundled digits"),
            pick("Logistic regression"),
            pick("All ·"),
            click("At most 6 of each pair"),
            slide("Confidence"),
            turn_page,
            pick_thumbnail(2),
            open_tab("Similar digits"),
        ],
        "dataset model pair capped confidence page image detail",
    ),
    (
        "errors?dataset=Bundled+digits&model=MLP",
        do_nothing,
        [pick("1/8"), pick("8 predicted as 1"), pick("Suspected label errors"), pick_thumbnail(5)],
        "dataset pair way show image",
    ),
    (
        "compare",
        do_nothing,
        [
            pick("Bundled digits"),
            add_model("CNN"),
            pick_from_list("Digits", "all correct"),
            turn_page,
            pick_thumbnail(4),
            open_tab("Important ink"),
            pick_from_list("Two models", "LeNet-5 and CNN"),
        ],
        "digits models region page image detail two",
    ),
    (
        "robustness",
        do_nothing,
        [
            pick("Bundled digits"),
            pick_from_list("Corruption", "Occlu"),
            add_model("MLP"),
            pick("3"),
            click("Try another amount"),
            slide("Occlusion, px"),
            click("Every severity, as a table"),
        ],
        "dataset corruption models digit live amount_occlusion table",
    ),
    (
        "models",
        do_nothing,
        [pick("MLP"), open_tab("Calibration"), pick("Bundled digits")],
        "model view calibration",
    ),
]


def describe(page: Page) -> str:
    """All controls and figures of a page with their states, less the times that models took."""
    return re.sub(r"\d+\.\d+ ms", "", page.get_by_test_id("stMain").aria_snapshot())


@pytest.mark.parametrize(("path", "prepare", "choices", "names"), VISITS)
def test_a_new_tab_shows_what_was_chosen(open_page, path, prepare, choices, names):
    page = open_page(path)
    prepare(page)
    wait_for_answer(page)
    for act in choices:
        before, requests = page.url, count_requests(page)
        act(page)
        # The page may change its URL before its script has run.
        page.wait_for_function("url => location.href !== url", arg=before)
        wait_for_answer(page, after=requests)
    assert set(parse_qs(urlsplit(page.url).query)) == set(names.split())
    again = page.context.new_page()
    again.goto(page.url)
    prepare(again)
    for _ in range(TIMEOUT // INTERVAL):
        if describe(again) == describe(page):
            break
        page.wait_for_timeout(INTERVAL)
    assert describe(again) == describe(page)
    assert set(parse_qs(urlsplit(again.url).query)) == set(names.split())


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("collect?each=", "0 of 50 saved"),
        ("models?model=", "Model card"),
        ("robustness?dataset=", "All corruptions"),
        ("drawings?digit=", "You have not saved any drawings yet"),
    ],
)
def test_an_address_with_an_empty_value_shows_the_default(open_page, path, shown):
    page = open_page(path)
    expect(page.get_by_text(shown).first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("="))


def test_an_address_below_a_page_is_not_found(open_page):
    page = open_page("drawings/x")
    expect(page.locator("h1")).to_have_text("Not found")
    page.get_by_role("link", name="Open Digit Lab").click()
    expect(page.locator("h1")).to_have_text(re.compile("^Draw"))
