"""Every page by the rules of axe-core for WCAG 2.2 AA, and what those rules do not see.

``axe-core`` takes its rules from the page as it is: each page is shown with its main contents, at
both sizes and in both themes.
"""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, draw_with_mouse, find_pad
from tests.browser.script_runs import wait_for_answer
from tests.browser.test_draw import FOUR_TWO, SEVEN, draw_picture, upload
from tests.core.runs.conftest import finish_run, make_run

OWNER = "somebody_who_tests_access"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What is being faded in has a low contrast.
WAIT_FOR_ANIMATIONS = """() => Promise.all(document.getAnimations()
  .filter(animation => animation.effect.getComputedTiming().endTime !== Infinity)
  .map(animation => animation.finished.catch(() => null)))"""

Action = Callable[[Page], object]


def wait_until_whole(page: Page) -> None:
    """Wait until a page has everything that its script gave, as it stays."""
    wait_for_answer(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    page.evaluate(WAIT_FOR_ANIMATIONS)


def list_violations(page: Page) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


def draw(*strokes: list) -> Action:
    def act(page: Page) -> None:
        draw_with_mouse(page, [*strokes])
        page.get_by_test_id("answer").wait_for()

    return act


def click(role: str, name: str) -> Action:
    return lambda page: page.get_by_role(role, name=name).first.click()


# Path and what is done there.
STATES: dict[str, tuple[str, list[Action]]] = {
    "draw": ("", [find_pad]),
    "draw a number": ("", [draw(*FOUR_TWO)]),
    "draw, steps": ("?closer=Preprocessing+steps", [draw(*SEVEN)]),
    "draw, sensitivity": ("?closer=Sensitivity", [draw(*SEVEN)]),
    "draw, similar errors": ("?closer=Similar+errors", [draw(*SEVEN)]),
    "draw, to cite": ("?closer=Details+to+cite", [draw(*SEVEN)]),
    "draw, request": ("", [draw(*SEVEN), click("button", "API request")]),
    "draw, pen": ("", [find_pad, click("button", "Pen")]),
    "upload": ("?source=Upload", [lambda page: upload(page, draw_picture(2))]),
    "upload a row": ("?source=Upload", [lambda page: upload(page, draw_picture(4, 2, 7))]),
    "upload no picture": ("?source=Upload", [lambda page: upload(page, b"no picture")]),
    "camera": ("?source=Camera", []),
    "tour": ("?tour=1", []),
    "drawings": ("drawings", []),
    "collect": ("collect", [draw(*SEVEN)]),
    "train": ("train", []),
    "train, settings": ("train", [lambda page: page.get_by_text("More settings").click()]),
    "curves": ("curves", []),
    "confusion": ("confusion", []),
    "errors, predictions": ("errors?detail=Predictions", []),
    "errors, ink": ("errors?detail=Important+ink", []),
    "errors, similar": ("errors?detail=Similar+digits", []),
    "errors, labels": ("errors?show=Suspected+label+errors", []),
    "compare": ("compare", []),
    "robustness": ("robustness", []),
    **{f"models, {view}": (f"models?view={view.replace(' ', '+')}", []) for view in
       ("Layers", "Weights", "Feature maps", "Digits", "Calibration", "Recipe")},
    "runs": ("runs", []),
    "sweeps": ("sweeps", []),
}  # fmt: skip


@pytest.fixture(scope="session")
def owner() -> str:
    """Somebody with a run."""
    finish_run(make_run(owner=OWNER, name="My model"))
    return OWNER


@pytest.fixture(params=[False, True], ids=["light", "dark"])
def open_state(request, open_page, owner) -> Callable[[str], Page]:
    """A function that shows a page in one of its states, to somebody with a run."""

    def open_at(state: str) -> Page:
        path, actions = STATES[state]
        page = open_page(path, dark=request.param, owner=owner)
        for act in actions:
            act(page)
        return page

    return open_at


@pytest.mark.usefixtures("mnist_test")
@pytest.mark.parametrize("state", STATES)
def test_no_rule_of_wcag_is_broken(open_state, state):
    page = open_state(state)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        wait_until_whole(page)
        assert not list_violations(page), size
