"""The smallest change ends in another digit for the server too, and each part of it is needed."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, Page, expect

from core.digits.datasets import load_bundled_digits
from core.digits.frame import frame_from_strokes, frames_from_bytes
from core.inference.browser_file import write_arrays
from core.inference.classifier import load_classifier
from core.synthesis.glyphs import draw_sample
from tests.browser.conftest import draw_with_mouse
from tests.browser.live_modules import LiveModules
from tests.browser.script_runs import count_requests
from tests.browser.test_draw import SEVEN, draw_picture, upload

MAX_DIFFERENCE = 1e-4
PATH = "?tab=What+would+change+it&view=Smallest+change"
MODELS = ("lenet5", "logistic_regression", "cnn")
SAMPLES = 200
SEARCH = """async ({ frame, rival, model }) => {
  const network = await live.get(model);
  const { rehearsal } = await live.loadSamples("digits");
  const neighbour = live.findNeighbour(new Float32Array(frame), rival, rehearsal, network);
  const search = live.searchCounterfactual(new Float32Array(frame), neighbour, rival, network);
  let step = search.next();
  while (!step.done) step = search.next();
  const { pixels, probabilities } = step.value;
  const { added, removed } = live.measureInk(step.value, pixels.length);
  return { neighbour: [...neighbour], pixels, last: [...probabilities.at(-1)], added, removed };
}"""
Frames = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def live(live) -> LiveModules:
    digits = load_bundled_digits()
    arrays = {
        f"{part}_{name}": values[:SAMPLES]
        for part in ("rehearsal", "held_out")
        for name, values in (("images", digits.images), ("labels", digits.labels))
    }
    live.add_file("digits", write_arrays(arrays, {"title": digits.title}))
    return live


def draw_frame(digit: int) -> Frames:
    random = np.random.default_rng(digit)
    return frame_from_strokes(draw_sample(digit, canvas_size=320, random=random))


def find_nearest(frame: Frames, rival: int, model: str) -> Frames:
    """The nearest sample that the server predicts as a digit."""
    digits = load_bundled_digits()
    labels = digits.labels[:SAMPLES]
    own = frames_from_bytes(digits.images[:SAMPLES][labels == rival])
    predicted = load_classifier(model).probabilities(own).argmax(axis=1)
    distances = ((own - frame) ** 2).sum(axis=(1, 2))
    return own[np.where(predicted == rival, distances, np.inf).argmin()]


def leave_out_each(changed: Frames, frame: Frames, pixels: list[int]) -> Frames:
    """The changed frame without each of the changes, ``(len(pixels), 28, 28)``."""
    frames = np.repeat(changed[None], len(pixels), axis=0).reshape(len(pixels), -1)
    frames[range(len(pixels)), pixels] = frame.ravel()[pixels]
    return frames.reshape(-1, 28, 28)


@pytest.mark.parametrize(
    ("digit", "rival", "model"),
    [
        (9, 4, "lenet5"),
        (0, 1, "lenet5"),
        (3, 8, "lenet5"),
        (7, 2, "lenet5"),
        (4, 9, "logistic_regression"),
        (5, 0, "logistic_regression"),
        (1, 7, "cnn"),
    ],
)
def test_the_server_predicts_the_other_digit_only_after_all_changes(live, digit, rival, model):
    frame = draw_frame(digit)
    classifier = load_classifier(model)
    assert classifier.predict(frame).digit == digit
    found = search(live, frame, rival, model)
    pixels = found["pixels"]
    neighbour = np.reshape(found["neighbour"], (28, 28)).astype(np.float32)
    np.testing.assert_array_equal(neighbour, find_nearest(frame, rival, model))
    changed = frame.copy()
    changed.ravel()[pixels] = neighbour.ravel()[pixels]
    probabilities = classifier.probabilities(changed[None])[0]
    assert probabilities.argmax() == rival
    assert np.abs(probabilities - found["last"]).max() <= MAX_DIFFERENCE
    difference = changed - frame
    assert found["added"] == pytest.approx(difference[difference > 0].sum(), abs=1e-3)
    assert found["removed"] == pytest.approx(-difference[difference < 0].sum(), abs=1e-3)
    without = classifier.probabilities(leave_out_each(changed, frame, pixels))
    others = np.delete(without, rival, axis=1).max(axis=1)
    assert (without[:, rival] <= others + MAX_DIFFERENCE).all()


def search(live: LiveModules, frame: Frames, rival: int, model: str) -> Mapping[str, Any]:
    arguments = {"frame": frame.ravel().tolist(), "rival": rival, "model": model}
    return live.page.evaluate(SEARCH, arguments)


def find_finding(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="would turn this")


def find_first(page: Page) -> Locator:
    """The most probable digit of the model at the present step."""
    return page.locator(".changes .probabilities td b").locator("visible=true").first


def test_the_steps_go_from_the_digit_to_another_one_that_can_be_chosen(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, SEVEN)
    expect(find_finding(page)).to_have_text(re.compile(r"turn this 7 \(LeNet-5\) into an? \d"))
    other = re.search(r"into an? (\d)", find_finding(page).inner_text())[1]
    requests = count_requests(page)
    slider = page.get_by_role("slider", name="Changed pixels")
    expect(find_first(page)).to_have_text(other)
    slider.press("Home")
    expect(find_first(page)).to_have_text("7")
    slider.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"^1 of \d+ pixels changed"))).to_be_visible()
    assert count_requests(page) == requests
    page.get_by_role("button", name="9" if other == "3" else "3", exact=True).click()
    expect(find_finding(page)).to_have_text(re.compile(f"into a {9 if other == '3' else 3}\\."))
    expect(page).to_have_url(re.compile("rival="))


def test_a_digit_of_a_picture_is_changed_too(open_page):
    page = open_page(PATH)
    upload(page, draw_picture(2))
    expect(find_finding(page)).to_have_text(re.compile(r"turn this 2 \(LeNet-5\) into"))


def test_where_the_labelled_digits_cannot_be_had_a_sentence_says_so(open_page):
    page = open_page("?tab=What+would+change+it")
    page.route("**/api/digits/browser*", lambda route: route.fulfill(status=404, body="no"))
    draw_with_mouse(page, SEVEN)
    page.get_by_role("button", name="Smallest change").click()
    expect(page.get_by_text("The labelled digits cannot be had.")).to_be_visible()
