"""Teaching: the last layer of a model learns a visitor's own drawings in the browser."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.digits.frame import frame_from_strokes
from core.drawings.store import DrawingStore, default_url
from core.inference.classifier import load_classifier
from core.models.files import load_card
from core.runs.jobs import can_train, explain_no_training
from core.runs.run import list_own_runs
from core.server.visitors import new_visitor_id
from tests.browser.conftest import PAD_SIDE, TIMEOUT, draw_with_finger, draw_with_mouse, find_pad
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.browser.test_draw import SEVEN, draw_picture, upload
from tests.core.drawings.conftest import make_drawing

PATH = "?tab=Teach"
OWNER = "clara_" * 5
LEARNED, FURTHER = 5, 10
MARGIN = 0.2  # another processor, or a canvas that rounds, takes no other digit then
MAX_LOSS = 3  # of 1,000 held-out digits: 0.3 points
Drawing = list[list[tuple[float, float]]]


def write_zeros() -> Iterator[Drawing]:
    """Narrow zeros with a flat slash, in pixels of the pad: the habit of one writer."""
    random = np.random.default_rng(7)
    while True:
        slant, width = random.normal(0.2, 0.05), random.normal(34, 5)
        angles = np.linspace(-np.pi / 2, 1.52 * np.pi, 10)
        x, y = width * np.cos(angles), 100 * np.sin(angles)
        ring = np.stack([160 + x - slant * y, 160 + y], axis=1) + random.normal(0, 2, (10, 2))
        tilt, length = random.normal(0.4, 0.06), random.normal(100, 8)
        half = length * np.array([np.cos(tilt), -np.sin(tilt)])
        centre = np.array([155, 155]) + random.normal(0, 5, 2)
        slash = np.stack([centre - half, centre + half])
        yield [[(float(a), float(b)) for a, b in stroke] for stroke in (ring, slash)]


def choose_misread(model_id: str, count: int) -> list[Drawing]:
    """The first drawings that a model clearly takes for another digit than a zero."""
    model, found = load_classifier(model_id), []
    for drawing in write_zeros():
        frame = frame_from_strokes([np.array(stroke) for stroke in drawing])
        (probabilities,) = model.probabilities(frame[None])
        *_, second, first = np.argsort(probabilities)
        if first != 0 and probabilities[first] - probabilities[second] >= MARGIN:
            found.append(drawing)
        if len(found) == count:
            break
    return found


def find_sentence(page: Page) -> Locator:
    """What the model predicts for the drawing on the pad."""
    return page.locator(".labelling p").first


def find_status(page: Page) -> Locator:
    """How far the preparation is, or how many steps were taken."""
    return page.locator(".actions [role=status]")


def find_counts(page: Page, title: str) -> Locator:
    """The correct predictions before and now."""
    return page.locator(".teach tr", has_text=title).locator("td b")


def count_right(cell: Locator) -> int:
    return int(re.match(r"([\d,]+) of", cell.inner_text())[1].replace(",", ""))


# Between two frames, the browser makes one move of several.
NEXT_FRAME = "() => new Promise(requestAnimationFrame)"


def redraw(page: Page, drawing: Drawing) -> None:
    """Draw with as few moves of the mouse as there are points.

    The original model takes the whole drawing for no zero, but the ring alone for one.
    """
    page.get_by_role("button", name="Clear").click()
    expect(find_sentence(page)).to_contain_text("Draw a digit")
    box = find_pad(page).bounding_box()
    scale = box["width"] / PAD_SIDE
    for stroke in drawing:
        for index, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + scale * x, box["y"] + scale * y)
            page.evaluate(NEXT_FRAME)
            if index == 0:
                page.mouse.down()
        requests = count_requests(page)
        page.mouse.up()
    expect(find_sentence(page)).to_contain_text(re.compile(r"predict(s|ed) [1-9][^,]*\.$"))
    # Until the canvas has sent it, the drawing has the points of the mouse, which are others.
    wait_for_answer(page, after=requests)


def add(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Add as {name}").click()


def test_a_model_learns_a_habit_and_forgets_hardly_any_digit(open_page):
    zeros = choose_misread("lenet5", LEARNED + FURTHER)
    page = open_page(PATH)
    for number, drawing in enumerate(zeros[:LEARNED], 1):
        redraw(page, drawing)
        add(page, "a 0")
        expect(page.locator(".taught li")).to_have_count(number)
    teach = page.get_by_role("button", name="Teach", exact=True)
    expect(teach).to_be_enabled()
    requests = count_requests(page)
    teach.click()
    status = find_status(page)
    expect(status).to_have_text(re.compile("^60 steps in .* from the original model$"))
    assert float(re.search(r"in ([\d.]+) s", status.inner_text())[1]) < 1
    assert count_requests(page) == requests
    learned, held_out = (find_counts(page, title) for title in ("Drawings to learn", "Held-out"))
    assert count_right(learned.first) == 0
    assert count_right(learned.last) == LEARNED
    assert count_right(held_out.first) - count_right(held_out.last) <= MAX_LOSS
    right = 0
    for drawing in zeros[LEARNED:]:
        redraw(page, drawing)
        right += "LeNet-5 predicts 0" in find_sentence(page).inner_text()
    assert right >= 8


def test_steps_and_throwing_away_and_what_stays_after_a_reload(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, SEVEN)
    expect(find_sentence(page)).to_contain_text("LeNet-5 predicts 7")
    add(page, "a 2")
    add(page, "a 1")  # takes its place
    expect(page.locator(".taught li b")).to_have_text(["a 1"])
    step = page.get_by_role("button", name="Step")
    expect(step).to_be_enabled()
    for count in ("1 step", "2 steps"):
        step.press("Enter")
        expect(find_status(page)).to_contain_text(count)
    expect(find_sentence(page)).to_contain_text("Before, it predicted 7")
    page.get_by_role("button", name="Throw away").click()
    expect(find_sentence(page)).not_to_contain_text("Before")
    wait_for_answer(page)
    page.reload()
    expect(page.locator(".taught li")).to_have_count(1)
    expect(page.locator(".taught li")).to_contain_text("a 1")


def test_by_touch_what_was_learned_stays_behind_another_tab_and_changes_no_answer(open_page):
    page = open_page(PATH, phone=True)
    draw_with_finger(page, SEVEN)
    page.get_by_role("button", name="Add as a 1").tap()
    page.get_by_role("button", name="Teach", exact=True).tap()
    expect(find_sentence(page)).to_contain_text("LeNet-5 predicts 1")
    expect(find_status(page)).to_contain_text("60 steps in")
    page.get_by_role("group", name="Model that learns").get_by_role("button", name="MLP").tap()
    expect(find_sentence(page)).to_have_text(re.compile(r"^MLP predicts 7 \([\d.]+%\)\.$"))
    expect(find_status(page)).to_have_text("")
    page.get_by_role("tab", name="Answer").tap()
    expect(page.get_by_test_id("answer")).to_have_text("7")
    page.get_by_role("tab", name="Teach").tap()
    page.get_by_role("group", name="Model that learns").get_by_role("button", name="LeNet-5").tap()
    expect(find_sentence(page)).to_contain_text("LeNet-5 predicts 1")


def test_the_model_that_learns_stands_in_the_address(open_page):
    page = open_page(f"{PATH}&predict=All+models&learns=MLP")
    models = page.get_by_role("group", name="Model that learns")
    expect(models.get_by_role("button", name="MLP", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(models.get_by_role("button", name="Committee")).to_have_count(0)
    expect(page.get_by_text("Committee has no last layer of its own")).to_be_visible()
    models.get_by_role("button", name="CNN", exact=True).click()
    expect(page).to_have_url(re.compile("learns=CNN"))


def test_a_digit_of_a_picture_can_be_learned(open_page):
    page = open_page(PATH)
    upload(page, draw_picture(5))
    expect(find_sentence(page)).to_contain_text("LeNet-5 predicts 5")
    add(page, "a 5")
    expect(page.locator(".taught li.right")).to_have_count(1)
    expect(page.get_by_role("button", name="Step")).to_be_enabled()
    add(page, "a 5")
    expect(find_status(page)).to_have_text("This drawing is in the list already.")
    expect(page.locator(".taught li")).to_have_count(1)


def test_saved_drawings_can_be_added_and_none_twice(open_page):
    store = DrawingStore(default_url())
    for label in (3, 8):
        image = np.full((28, 28), label, np.uint8)
        store.save(make_drawing(owner=OWNER, label=label, image=image))
    store.close()
    page = open_page(PATH, owner=OWNER)
    saved = page.get_by_role("button", name="Add my saved drawings")
    saved.click()
    expect(page.locator(".taught li b")).to_have_text(["a 3", "an 8"])
    saved.press("Enter")
    expect(page.get_by_text("no saved drawings that are not in the list")).to_be_visible()
    page.get_by_role("button", name="Remove a 3").click()
    expect(page.locator(".taught li b")).to_have_text(["an 8"])
    saved.press("Enter")
    expect(page.locator(".taught li b")).to_have_text(["an 8", "a 3"])
    remove = page.get_by_role("button", name="Remove all")
    remove.press("Enter")
    expect(page.locator(".taught li")).to_have_count(0)
    expect(remove).to_be_hidden()
    expect(saved).to_be_focused()


def test_without_the_digits_to_rehearse_a_sentence_says_so(open_page):
    page = open_page("models")
    page.route("**/api/digits/browser*", lambda route: route.fulfill(status=404, body="no"))
    page.goto(page.url.replace("models", PATH))
    expect(page.get_by_text("could not be loaded. Reload the page")).to_be_visible()
    draw_with_mouse(page, SEVEN)
    page.get_by_role("tab", name="Answer").click()
    expect(page.get_by_test_id("answer")).to_have_text("7")


def read_taught(page: Page) -> np.ndarray:
    """The frames of the drawings in the list, ``(N, 28, 28)``, as the browser has them."""
    drawings = json.loads(page.evaluate("sessionStorage.getItem('digitlab:taught')"))
    levels = [np.frombuffer(b64decode(drawing["levels"]), np.uint8) for drawing in drawings]
    return np.stack(levels).reshape(-1, 28, 28) / np.float32(255)


def find_keep(page: Page) -> Locator:
    return page.get_by_role("button", name="Keep as a run")


def test_after_a_change_of_the_list_a_step_takes_all_steps_again(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, SEVEN)
    add(page, "a 1")
    page.get_by_role("button", name="Teach", exact=True).click()
    expect(find_sentence(page)).to_contain_text("predicts 1")
    add(page, "a 2")  # takes its place
    page.get_by_role("button", name="Step").click()
    expect(find_status(page)).to_contain_text("61 steps")
    expect(find_sentence(page)).to_contain_text("predicts 2")
    after = find_sentence(page).inner_text()
    page.get_by_role("button", name="Teach", exact=True).click()
    expect(find_status(page)).to_contain_text("60 steps")
    page.get_by_role("button", name="Step").click()
    expect(find_status(page)).to_contain_text("61 steps")
    expect(find_sentence(page)).to_have_text(after)


@pytest.mark.usefixtures("mnist_test")
@pytest.mark.skipif(not can_train(), reason=explain_no_training())
def test_a_taught_model_is_kept_once_as_a_run_that_predicts_the_same(open_page):
    owner = new_visitor_id()
    (drawing,) = choose_misread("lenet5", 1)
    page = open_page(PATH, owner=owner)
    redraw(page, drawing)
    add(page, "a 0")
    expect(find_keep(page)).to_be_disabled()
    page.get_by_role("button", name="Teach", exact=True).click()
    expect(find_status(page)).to_contain_text("60 steps")
    found = re.search(r"predicts (\d) \(([\d.]+)%\)", find_sentence(page).inner_text())
    assert found[1] == "0"
    # In the same moment, so that nobody keeps it twice, long before the server has answered.
    assert find_keep(page).evaluate("one => (one.click(), [one.textContent, one.disabled])") == [
        "Keeping …",
        True,
    ]
    expect(page.get_by_text("is one of your runs")).to_be_visible()
    expect(find_keep(page)).to_be_enabled()
    kept = page.locator(".st-key-kept_run")
    expect(kept.get_by_text("training", exact=True)).to_be_visible()
    find_keep(page).click()
    expect(kept.get_by_text("finished", exact=True)).to_be_visible(timeout=3 * TIMEOUT)
    (run,) = list_own_runs(owner)
    probabilities = load_classifier(run.id).probabilities(read_taught(page))[0]
    # The run is calibrated anew.
    powers = probabilities ** load_card(run.id).calibration.temperature
    # The page predicts the frame of the pad, which is rounded to bytes where it is kept.
    assert powers[0] / powers.sum() == pytest.approx(float(found[2]) / 100, abs=5e-3)
    wait_for_answer(page)
    page.reload()
    expect(kept.get_by_text("finished", exact=True)).to_be_visible()
    expect(kept.get_by_text("calibrated anew")).to_be_visible()
    kept.get_by_role("link", name="Runs").click()
    expect(page.get_by_text("Its last layer was taught 1 drawing")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
