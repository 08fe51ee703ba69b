"""Training in a real browser: watched, killed, and found again after the page was closed."""

import os
import re
import signal
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from core.models.files import runs_directory
from core.runs.job_files import is_training
from tests.browser.conftest import TIMEOUT, go_to
from tests.browser.script_runs import wait_for_answer

pytestmark = pytest.mark.usefixtures("mnist_test")
LIGHT = "train?epochs=2&share=1%25&augmentation=false"


def start(page: Page, name: str) -> None:
    box = page.get_by_role("textbox", name="Name")
    box.fill(name)
    box.press("Enter")
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name="Train", exact=True).click()


def find_stop(page: Page) -> Locator:
    """The button of a training, not that of Streamlit while a page runs."""
    return page.locator("[class*=st-key-job_]").get_by_role("button", name="Stop")


def count_points(page: Page) -> int:
    """Vertices of the training curve of loss, the first line of the first figure."""
    line = page.locator("[class*=st-key-job_] .scatterlayer .js-line").first
    if not line.count():
        return 0
    return len(re.findall("[ML]", line.get_attribute("d") or "")) + len(
        re.findall(",", line.get_attribute("d") or "")
    )


def test_a_training_is_watched_left_alone_and_found_finished(open_page):
    page = open_page(LIGHT)
    start(page, "Killed")
    expect(page.get_by_text("training", exact=True)).to_be_visible()
    kill_trainers()
    killed = time.monotonic()
    expect(page.get_by_text("interrupted", exact=True)).to_be_visible()
    assert time.monotonic() - killed < 5
    start(page, "Watched")
    stop = find_stop(page)
    expect(page.get_by_text("Training: epoch 1 of 2")).to_be_visible(timeout=2 * TIMEOUT)
    seen = set()
    while stop.count() and len(seen) < 2:
        seen.add(count_points(page))
        time.sleep(0.2)
    assert len(seen) == 2, "the curve has not moved while it was trained"
    context = page.context
    address = page.url
    page.close()
    again = context.new_page()
    again.goto(address)
    expect(again.get_by_text("finished", exact=True)).to_be_visible(timeout=2 * TIMEOUT)
    expect(again.get_by_text("Accuracy, MNIST test", exact=True)).to_be_visible()
    expect(again.get_by_test_id("stException")).to_have_count(0)
    # The curves and the matrix of the finished one, and nothing is asked of the server any more.
    expect(again.locator("[class*=st-key-job_] .js-plotly-plot")).to_have_count(2)
    job = again.locator("[class*=st-key-job_]")
    job.get_by_role("link", name="Draw", exact=True).click()
    again.get_by_role("button", name="Give me a digit").click()
    expect(again.get_by_role("table").get_by_text("Watched")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True])
def test_a_training_is_in_sight_and_in_the_navigation_at_once(open_page, phone):
    page = open_page(LIGHT, phone=phone)
    start(page, "Seen at once")
    state = page.get_by_text("Starting: loading TensorFlow")
    expect(state).to_be_in_viewport(ratio=1)
    expect(find_stop(page)).to_be_in_viewport(ratio=1)
    expect(page).to_have_title("Training · Train · Digit Lab")
    address = page.url
    page.goto(address.replace("train", "models", 1).split("?")[0])
    expect(page).to_have_title("Training · Models · Digit Lab")
    if not phone:
        expect(page.get_by_text("Train (training)")).to_be_visible()
    page.goto(address)
    expect(state).to_be_in_viewport(ratio=1)
    kill_trainers()
    expect(page.get_by_text("interrupted", exact=True)).to_be_visible()
    expect(page).to_have_title("Train · Digit Lab")


def kill_trainers() -> None:
    """As the kernel does when memory runs out."""
    for process in runs_directory().glob("*/job/process"):
        if is_training(process.parts[-3]):
            os.kill(int(process.read_text()), signal.SIGKILL)


def pick_model(page: Page, title: str) -> None:
    box = page.get_by_role("combobox", name=re.compile("^Model"))
    box.focus()
    box.press("ArrowDown")
    box.press_sequentially(title)
    box.press("Enter")


def expect_value(page: Page, name: str, value: str) -> None:
    slider = page.get_by_role("slider", name=name)
    expect(slider).to_have_attribute("aria-valuetext", value)


def describe_plan(page: Page) -> str:
    """All widgets of the plan with their values."""
    wait_for_answer(page)
    return page.get_by_test_id("stColumn").first.aria_snapshot()


def test_another_model_brings_its_settings_and_a_link_holds_them(open_page):
    page = open_page("train")
    page.get_by_text("More settings").click()
    expect_value(page, "Batch size", "64")
    pick_model(page, "Logistic regression")
    expect_value(page, "Learning rate", "0.004")
    pick_model(page, "MLP")
    expect_value(page, "Learning rate", "0.002")
    expect_value(page, "Batch size", "128")
    wait_for_answer(page)  # until then the page still sets values
    page.get_by_text("Cosine decay").click()  # the first thing after the page has set it
    page.wait_for_function("location.search.includes('cosine_decay=false')")
    page.get_by_role("slider", name="Weight decay").press("ArrowRight")
    expect_value(page, "Weight decay", "0.0001")
    page.wait_for_function("location.search.includes('weight_decay=0.0001')")
    expect(page.get_by_text("default value")).to_have_count(0)  # a warning of Streamlit's
    shown = describe_plan(page)
    again = page.context.new_page()
    again.goto(page.url)
    again.get_by_text("More settings").click()
    expect_value(again, "Weight decay", "0.0001")
    assert describe_plan(again) == shown


def test_settings_are_still_chosen_after_a_look_at_another_page(open_page):
    page = open_page("train")
    slider = page.get_by_role("slider", name="Epochs")
    slider.press("ArrowRight")
    expect(page).to_have_url(re.compile("epochs=6"))
    go_to(page, "Models")
    go_to(page, "Train")
    expect(slider).to_have_value("6")
    expect(page).to_have_url(re.compile("epochs=6"))
