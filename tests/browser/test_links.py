"""Every choice that changes what a page shows is in its URL, and a new tab shows the same."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from core.drawings.store import DrawingStore, default_url
from pages.widgets.gallery import PAGE_SIZE
from tests.browser.conftest import TIMEOUT, draw_with_mouse, pick_from_list
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.browser.test_draw import SEVEN, expect_answer
from tests.core.drawings.conftest import make_drawing

Act = Callable[[Page], object]
INTERVAL = 400  # ms between two looks


def pick(name: str) -> Act:
    return lambda page: page.get_by_role("radio", name=name).first.click()


def open_tab(name: str) -> Act:
    return lambda page: page.get_by_role("tab", name=name).click()


def press(name: str) -> Act:
    return lambda page: page.get_by_role("button", name=name, exact=True).click()


def click(text: str) -> Act:
    return lambda page: page.get_by_text(text).first.click()


def pick_thumbnail(place: int) -> Act:
    return lambda page: page.locator(".gallery button").nth(place).click()


def slide(name: str) -> Act:
    return lambda page: page.get_by_role("slider", name=name).first.press("ArrowRight")


def choose(label: str, option: str) -> Act:
    return lambda page: pick_from_list(page, label, option)


def open_more_and(act: Act) -> Act:
    def open_and_act(page: Page) -> None:
        page.get_by_role("button", name="More").click()
        act(page)

    return open_and_act


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
            choose("Model", "MLP"),
            open_tab("What would change it"),
            slide("Rotation"),
            press("Size"),
        ],
        "predict model tab change amount_rotation",
    ),
    ("", draw_seven, [open_tab("Look-alikes"), pick("MLP")], "tab look_alikes_of"),
    (
        "drawings",
        save_drawings,
        [choose("Misclassified by", "MLP"), turn_page],
        "misread page",
    ),
    ("drawings", save_drawings, [choose("Digit", "7"), pick_thumbnail(3)], "digit drawing"),
    (
        "curves",
        do_nothing,
        [
            choose("Models", "CNN"),
            choose("Metric", "Accuracy"),
            click("Log axis"),
            choose("Model", "MLP"),
            slide("Epoch"),
        ],
        "models metric log model epoch",
    ),
    (
        "confusion",
        do_nothing,
        [
            choose("Data set", "Bundled digits"),
            choose("Models", "CNN"),
            choose("Cells", "% of true class"),
            click("Hide diagonal"),
            click("Precision, recall and F1"),
        ],
        "data models cells errors_only figures_lenet5",
    ),
    (
        "errors",
        do_nothing,
        [
            choose("Data set", "Bundled digits"),
            choose("Model", "Logistic regression"),
            choose("Pair", "All"),
            open_more_and(click("At most 6 of each pair")),
            slide("Confidence"),
            turn_page,
            pick_thumbnail(2),
            open_tab("Similar digits"),
        ],
        "dataset model pair capped confidence page image detail",
    ),
    (
        "weak_spots",
        do_nothing,
        [
            choose("Data set", "Bundled digits"),
            choose("Model", "Logistic regression"),
            choose("Compare with", "MLP"),
        ],
        "dataset model other",
    ),
    (
        "errors?dataset=Bundled+digits&model=MLP",
        do_nothing,
        [
            choose("Pair", "1/8"),
            choose("Direction", "8 predicted as 1"),
            choose("Show", "Suspected label errors"),
            pick_thumbnail(5),
        ],
        "dataset pair way show image",
    ),
    (
        "compare",
        do_nothing,
        [
            choose("Data set", "Bundled digits"),
            choose("Models", "CNN"),
            choose("Digits", "all correct"),
            turn_page,
            pick_thumbnail(4),
            open_tab("Important ink"),
            choose("Two models", "LeNet-5 and CNN"),
            pick("File size"),
        ],
        "digits models region page image detail two cost",
    ),
    (
        "map",
        do_nothing,
        [
            choose("Data set", "Bundled digits"),
            choose("Model", "MLP"),
            choose("Colour", "Confidence"),
            choose("True digit", "8"),
            turn_page,
            pick_thumbnail(3),
            open_tab("Important ink"),
        ],
        "points model colour true page image detail",
    ),
    (
        "robustness",
        do_nothing,
        [
            choose("Data set", "Bundled digits"),
            choose("Corruption", "Occlu"),
            choose("Models", "CNN"),
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
        [choose("Model", "MLP"), open_tab("Calibration"), choose("Data set", "Bundled digits")],
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
