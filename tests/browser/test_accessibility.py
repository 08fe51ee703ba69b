"""Every page by the rules of axe-core for WCAG 2.2 AA, and what those rules do not see.

``axe-core`` takes its rules from the page as it is: each page is shown with its main contents, at
both sizes and in both themes. To save time, a state is shown in two of these four combinations,
and the next one in the other two.
"""

import itertools
import re
from collections.abc import Callable

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, draw_with_mouse, find_pad, wait_until_whole
from tests.browser.test_draw import FOUR_TWO, SEVEN, draw_picture, upload
from tests.core.runs.conftest import finish_run, make_run

OWNER = "somebody_who_tests_access"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Rules that markup of Streamlit breaks, out of our reach: by rule, where, with the reason.
EXCEPTIONS = {
    # Text that is too high for a block of code scrolls; browsers let the keyboard reach such a
    # block, which axe-core does not know.
    "scrollable-region-focusable": "[data-testid=stCode]",
    # The field in a box for several options is small beside them; the button "Open" does the same.
    "target-size": "[data-testid=stMultiSelect]",
    # The menu of a phone has the headings of groups between the items of one list.
    "list": "[data-testid=stSidebarNavItems]",
    "listitem": "[data-testid=stSidebarNavItems]",
}
IS_WITHIN = "(element, selector) => element.closest(selector) !== null"
# What is being faded in has a low contrast.
WAIT_FOR_ANIMATIONS = """() => Promise.all(document.getAnimations()
  .filter(animation => animation.effect.getComputedTiming().endTime !== Infinity)
  .map(animation => animation.finished.catch(() => null)))"""

HAS_THEME = "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme"
# Charts without a text that has figures, and tables without a name.
LIST_NAMELESS = """() => [
  ...[...document.querySelectorAll('[data-testid=stPlotlyChart]')]
    .filter(chart => chart.role !== 'figure' || !/\\d/.test(chart.ariaLabel ?? '')),
  ...[...document.querySelectorAll('[data-testid=stTable] table')]
    .filter(table => !table.ariaLabel),
].map(element => element.outerHTML.slice(0, 200))"""
# What has the focus, the colour of the ring around it or what it belongs to, and the page's colour.
# Fields for text have a border and a caret instead; "body" has the focus after the last element.
FIND_RING = """() => {
  let focused = document.activeElement;
  while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  const background = getComputedStyle(document.querySelector('.stApp')).backgroundColor;
  const name = focused.outerHTML.slice(0, 200);
  if (focused.matches('body, textarea, input:is([type=text], [type=number], [role=combobox])')) {
    return [name, getComputedStyle(document.body).color, background];
  }
  for (let element = focused, steps = 0; element && steps < 3; steps += 1) {
    const { outlineStyle, outlineWidth, outlineColor, borderColor } = getComputedStyle(element);
    const outlined = outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2;
    if (outlined) return [name, outlineColor, background];
    if (element.matches('.gallery button')) return [name, borderColor, background];
    element = element.parentElement ?? element.getRootNode().host;
  }
  return [name, null, background];
}"""
TABS, MIN_CONTRAST = 24, 3.0

Action = Callable[[Page], object]


def wait_until_still(page: Page) -> None:
    """Wait until a page has everything that its script gave, as it stays."""
    wait_until_whole(page)
    page.wait_for_load_state("networkidle")
    page.evaluate(WAIT_FOR_ANIMATIONS)


def list_violations(page: Page) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
        if not is_excepted(page, violation["id"], node["target"][-1])
    ]


def is_excepted(page: Page, rule: str, target: str) -> bool:
    """Whether what breaks a rule is within one of its exceptions."""
    place = EXCEPTIONS.get(rule)
    return place is not None and page.locator(target).first.evaluate(IS_WITHIN, place)


def draw(*strokes: list) -> Action:
    def act(page: Page) -> None:
        draw_with_mouse(page, [*strokes])
        page.get_by_test_id("answer").wait_for(state="attached")

    return act


def wait_for_curves(page: Page) -> None:
    page.locator(".curves svg").wait_for()


def wait_for_finding(page: Page) -> None:
    page.locator(".finding").get_by_text("LeNet-5").wait_for()


def click(role: str, name: str) -> Action:
    return lambda page: page.get_by_role(role, name=name).first.click()


CHANGES = "?tab=What+would+change+it"
# Path and what is done there.
STATES: dict[str, tuple[str, list[Action]]] = {
    "draw": ("", [find_pad]),
    "draw a number": ("", [draw(*FOUR_TWO)]),
    "draw, network": ("?tab=Network", [draw(*SEVEN), click("button", "Output 7")]),
    "draw, steps": ("?tab=Steps", [draw(*SEVEN)]),
    "draw, changes": (CHANGES, [draw(*SEVEN), wait_for_curves]),
    "draw, ink": (f"{CHANGES}&view=Ink", [draw(*SEVEN), wait_for_finding]),
    "draw, smallest change": (f"{CHANGES}&view=Smallest+change", [draw(*SEVEN), wait_for_finding]),
    "draw, look-alikes": ("?tab=Look-alikes", [draw(*SEVEN)]),
    "draw, teach": ("?tab=Teach", [draw(*SEVEN), click("button", "Add as a 7")]),
    "draw, api": ("?tab=API", [draw(*SEVEN)]),
    "draw, pen": ("", [find_pad, click("button", "Pen")]),
    "upload": ("?source=Upload", [lambda page: upload(page, draw_picture(2))]),
    "upload a row": ("?source=Upload", [lambda page: upload(page, draw_picture(4, 2, 7))]),
    "upload no picture": ("?source=Upload", [lambda page: upload(page, b"no picture")]),
    "camera": ("?source=Camera", []),
    "tour": ("?tour=1", []),
    "drawings": ("drawings", []),
    "collect": ("collect", [lambda page: draw_with_mouse(page, SEVEN)]),
    "train": ("train", []),
    "train, settings": ("train", [lambda page: page.get_by_text("More settings").click()]),
    "curves": ("curves", []),
    "confusion": ("confusion", []),
    "errors, predictions": ("errors?detail=Predictions", []),
    "errors, ink": ("errors?detail=Important+ink", []),
    "errors, similar": ("errors?detail=Similar+digits", []),
    "errors, pair": ("errors?show=Why+this+pair&detail=Attributions", []),
    "errors, labels": ("errors?show=Suspected+label+errors", []),
    "weak spots": ("weak_spots?model=Logistic+regression", []),
    "compare": ("compare", []),
    "map": ("map?true=4&area=-1,-1,1,-1,1,1", []),
    "robustness": ("robustness", []),
    **{f"models, {view}": (f"models?view={view.replace(' ', '+')}", []) for view in
       ("Layers", "Weights", "Network", "Digits", "Calibration", "Weak spots", "Recipe")},
    "runs": ("runs", []),
    "sweeps": ("sweeps", []),
}  # fmt: skip

LOOKS = (((DESKTOP, "light"), (PHONE, "dark")), ((DESKTOP, "dark"), (PHONE, "light")))


@pytest.fixture(scope="session")
def owner() -> str:
    """Somebody with a run."""
    finish_run(make_run(owner=OWNER, name="My model"))
    return OWNER


def show_theme(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(HAS_THEME, arg=scheme)


@pytest.mark.usefixtures("mnist_test")
@pytest.mark.parametrize(
    ("state", "looks"),
    [
        pytest.param(state, looks, id=state)
        for state, looks in zip(STATES, itertools.cycle(LOOKS), strict=False)
    ],
)
def test_no_rule_of_wcag_is_broken_and_every_chart_and_table_has_a_text(
    open_page, owner, state, looks
):
    path, actions = STATES[state]
    page = open_page(path, owner=owner)
    for act in actions:
        act(page)
    for size, scheme in looks:
        page.set_viewport_size(size)
        show_theme(page, scheme)
        wait_until_still(page)
        assert not list_violations(page), (size, scheme)
    assert page.evaluate(LIST_NAMELESS) == []


def measure_contrast(first: str, second: str) -> float:
    """The contrast of two opaque CSS colours, by WCAG."""
    channels = np.array([re.findall(r"\d+", colour)[:3] for colour in (first, second)], float) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    low, high = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["", "train", "errors"])
def test_what_has_the_focus_has_a_ring_that_stands_out(open_page, path, dark):
    page = open_page(path, dark=dark)
    wait_until_still(page)
    for _ in range(TABS):
        page.keyboard.press("Tab")
        name, ring, background = page.evaluate(FIND_RING)
        assert ring is not None, name
        assert measure_contrast(ring, background) >= MIN_CONTRAST, (name, ring)
