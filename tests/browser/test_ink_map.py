"""Ink that would change the answer: what the map says of a change is what the server predicts."""

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Page, expect

from core.digits.found_digits import list_digits
from core.digits.strokes import Stroke
from core.inference.classifier import load_classifier
from core.inference.number import find_in_strokes
from tests.browser.conftest import draw_with_mouse
from tests.browser.live_modules import list_points
from tests.browser.many_drawings import Drawing, draw_digits, draw_outlines
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.browser.test_draw import FOUR_TWO, SEVEN, draw_picture, upload

MAX_DIFFERENCE = 1e-4
PATH = "?tab=What+would+change+it&view=Ink"
# The place that the worker's map names in each drawing, with the changed strokes.
MAP = """async ({ drawings, kind, model }) => {
  const judge = await Promise.all(["lenet5", "mlp"].map(live.get));
  const newNetworks = { judge, detector: await live.get("detector"), model: await live.get(model) };
  const worker = new Worker("./ink_worker.js", { type: "module" });
  const compute = (job) => new Promise((resolve, reject) => {
    worker.onerror = reject;
    worker.onmessage = ({ data: { id, before, outcomes } }) => {
      const place = live.findStrongest(outcomes, before);
      if (id === job.id && place !== undefined) resolve({ place, before, outcomes });
    };
    worker.postMessage({ newNetworks, job });
  });
  const found = [];
  for (const [id, strokes] of drawings.entries()) {
    const { place, before, outcomes } = await compute({ id, strokes, kind });
    found.push(place === null ? null : {
      strokes: live.changeInk(strokes, kind, place).strokes,
      before: [...before],
      after: [...outcomes[place].probabilities],
      sentence: live.describeMap({ title: "It", strokes, kind, before, outcomes }),
    });
  }
  worker.terminate();
  return found;
}"""


@pytest.fixture(scope="module")
def drawings() -> list[Drawing]:
    """Twenty-five digits by our pen and as many outlines, each of which is read as one digit."""
    random = np.random.default_rng(11)
    return [
        drawing
        for many in (draw_digits(random)[:30], draw_outlines(random)[:30])
        for drawing in [one for one in many if len(list_digits(find_in_strokes(one))) == 1][:25]
    ]


def predict_on_server(strokes: list[Stroke], model: str) -> npt.NDArray[np.floating]:
    """The probabilities of a model for the one digit that the server finds."""
    (digit,) = list_digits(find_in_strokes(strokes))
    return load_classifier(model).probabilities(digit.frame[None])[0]


def find_strongest(live: Any, drawings: list[Drawing], kind: str, model: str) -> list[Any]:
    arguments = {"drawings": list_points(drawings), "kind": kind, "model": model}
    return live.page.evaluate(MAP, arguments)


@pytest.mark.parametrize(
    ("kind", "model", "count"),
    [("more", "lenet5", 50), ("less", "lenet5", 10), ("more", "logistic_regression", 10)],
)
def test_the_server_predicts_what_the_map_says_of_the_change_that_it_names(
    live, drawings, kind, model, count
):
    chosen = drawings[:: len(drawings) // count]
    named = find_strongest(live, chosen, kind, model)
    assert len(chosen) == count
    assert all(named)
    for found, drawing in zip(named, chosen, strict=True):
        before, after = (
            predict_on_server(drawing, model),
            predict_on_server(found["strokes"], model),
        )
        assert np.abs(before - found["before"]).max() <= MAX_DIFFERENCE
        assert np.abs(after - found["after"]).max() <= MAX_DIFFERENCE
        flips = int(before.argmax()) != int(after.argmax())
        ending = f"into an? {after.argmax()}" if flips else "changes the prediction"
        assert re.search(ending, found["sentence"]), found["sentence"]


def test_what_lies_in_a_circle_is_taken_from_strokes(live):
    strokes = [[[0, 0], [100, 0]], [[0, 50], [100, 50]]]
    left, right = live.page.evaluate(
        "strokes => live.removeInk(strokes, [50, 0]).slice(0, 2)", strokes
    )
    radius = live.page.evaluate("strokes => live.findPenWidth(strokes)", strokes)
    assert left == [[0, 0], [pytest.approx(50 - radius), 0]]
    assert right == [[pytest.approx(50 + radius), 0], [100, 0]]
    assert live.page.evaluate("strokes => live.removeInk(strokes, [50, 25])", strokes) is None


def find_sentence(page: Page) -> str:
    """What is said of the selected place."""
    return page.locator(".outcome p").locator("visible=true").inner_text()


def test_a_place_is_selected_by_keys_and_by_touch_and_its_outcome_is_spoken(open_page):
    page = open_page(PATH, phone=True)
    draw_with_mouse(page, SEVEN)
    page.get_by_role("status").filter(has_text="LeNet-5").wait_for()
    area = page.get_by_role("application", name="Map of 20 by 20 places")
    first = find_sentence(page)
    area.press("ArrowDown" if first.startswith("Row 1,") else "ArrowUp")
    assert find_sentence(page).split(",")[0] != first.split(",")[0]
    box = area.bounding_box()
    area.tap(position={"x": box["width"] * 0.27, "y": box["height"] * 0.52})
    expect(page.locator(".outcome p").locator("visible=true")).to_have_text(
        re.compile("^Row 11, column 6: ")
    )


def test_the_choice_stands_in_the_address_and_needs_no_server(open_page):
    page = open_page("?tab=What+would+change+it")
    draw_with_mouse(page, SEVEN)
    page.get_by_role("button", name="Ink", exact=True).click()
    page.get_by_role("status").filter(has_text="One dot").wait_for()
    expect(page).to_have_url(re.compile("view=Ink"))
    page.get_by_role("button", name="One dot less", exact=True).click()
    page.get_by_role("button", name="MLP", exact=True).click()
    page.get_by_role("status").filter(has_text=re.compile("ink .*MLP|MLP.* ink")).wait_for()
    expect(page).to_have_url(re.compile("view_model=MLP.*ink=less|ink=less.*view_model=MLP"))
    wait_for_answer(page)
    page.reload()
    draw_with_mouse(page, SEVEN)
    less = page.get_by_role("button", name="One dot less")
    expect(less).to_have_attribute("aria-pressed", "true")
    page.get_by_role("status").filter(has_text=re.compile("ink .*MLP|MLP.* ink")).wait_for()
    wait_for_answer(page)
    requests = count_requests(page)
    page.get_by_role("application").hover()
    assert count_requests(page) == requests


def test_the_map_is_of_the_picked_digit_and_of_no_picture(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, FOUR_TWO)
    finding = page.get_by_role("status").filter(has_text="LeNet-5")
    expect(finding).to_have_text(re.compile(r"\b4 (falls|\()"))
    page.get_by_role("button", name="Digit 2 of 2: 2").locator("visible=true").click()
    expect(finding).to_have_text(re.compile(r"\b2 (falls|\()"))
    upload(page, draw_picture(7))
    expect(page.get_by_text("The map needs a drawing.")).to_be_visible()
