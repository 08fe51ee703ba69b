"""A model as one HTML file: it predicts like the dashboard, without a server and a network."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.inference.browser_file import write_browser_file
from core.inference.classifier import load_classifier
from core.inference.number import find_in_strokes
from core.inference.number_prediction import predict_number
from core.models.files import LITERT_FILE, load_card, read_file
from core.server.take_home import PAD_SIDE, round_weights, write_page
from tests.browser.test_draw import FOUR_TWO, SEVEN
from tests.servers import ROOT

MAX_DIFFERENCE = 1e-4
MAX_BYTES = 250_000  # of the file of LeNet-5
PHONE = {"width": 390, "height": 844}
STROKES = """async () => {
  const { readPen } = await import("digitlab/strokes.js");
  const { lines } = globalThis[Symbol.for("digitlab.pads")].inks.get("pad");
  return lines.flatMap(({ points }) => readPen(points, SIDE));
}""".replace("SIDE", str(PAD_SIDE))
BARS = """bars => bars.map(({ style }) => parseFloat(style.transform.slice("scaleY(".length)))"""


def write_file(folder: Path, model_id: str) -> Path:
    file = folder / f"{model_id}.html"
    command = [sys.executable, "-m", "core.models.take_home", model_id, str(file)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return file


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a telephone without a network; whatever it asks the network for is an error."""
    context = browser.new_context(viewport=PHONE, offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert [url for url in asked if not url.startswith(("blob:", "file:"))] == []


def draw(page: Page, strokes: list[list[tuple[float, float]]]) -> None:
    page.locator(".reader[data-ready=true]").wait_for(state="attached")
    box = page.get_by_role("img", name="Drawing pad").bounding_box()
    assert box is not None
    scale = box["width"] / PAD_SIDE
    for stroke in strokes:
        for index, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + scale * x, box["y"] + scale * y, steps=5)
            if index == 0:
                page.mouse.down()
        page.mouse.up()


@pytest.mark.parametrize("model_id", ["lenet5", "logistic_regression", "committee"])
def test_a_file_predicts_like_the_dashboard(tmp_path, page, model_id):
    page.goto(write_file(tmp_path, model_id).as_uri())
    draw(page, FOUR_TWO)
    strokes = [np.array(stroke) for stroke in page.evaluate(STROKES)]
    expected = predict_number(find_in_strokes(strokes), [load_classifier(model_id)])
    expect(page.get_by_test_id("answer")).to_have_text(expected.text)
    shown = page.locator(".bar").evaluate_all(BARS)
    assert np.abs(shown - expected.digits[0].predictions[0].probabilities).max() < MAX_DIFFERENCE


def test_the_models_page_gives_the_file(open_page, page, tmp_path):
    models = open_page("models")
    with models.expect_download() as downloaded:
        models.get_by_role("button", name="Take home").click()
    file = tmp_path / downloaded.value.suggested_filename
    downloaded.value.save_as(file)
    assert file.read_text("utf-8") == write_page(load_card("lenet5"))
    page.goto(file.as_uri())
    draw(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_have_text("7")


def test_the_file_of_lenet5_is_small(tmp_path):
    assert write_file(tmp_path, "lenet5").stat().st_size < MAX_BYTES


@pytest.mark.parametrize("bits", [1, 6, 15, 22])
def test_a_rounded_weight_has_the_nearest_value_with_so_many_bits(bits):
    network = write_browser_file(read_file("logistic_regression", LITERT_FILE), {})
    rounded = round_weights(network, bits)
    start = int.from_bytes(network[:8], "little") + 8
    before, after = (np.frombuffer(one, "<f4", offset=start) for one in (network, rounded))
    assert rounded[:start] == network[:start]
    assert (np.abs(after - before) <= np.abs(before) * 2.0 ** -(bits + 1)).all()
    assert not (np.frombuffer(rounded, "<u4", offset=start) % (1 << (23 - bits))).any()


def test_strokes_are_undone_and_cleared(tmp_path, page):
    page.goto(write_file(tmp_path, "lenet5").as_uri())
    answer = page.get_by_test_id("answer")
    draw(page, FOUR_TWO)
    expect(answer).to_have_text("42")
    page.get_by_role("button", name="Undo").click()
    expect(answer).to_have_text("4")
    page.get_by_role("button", name="Clear").click()
    expect(answer).to_have_count(0)
    draw(page, SEVEN)
    expect(answer).to_have_text("7")


def test_a_title_is_text_whatever_it_contains(tmp_path, page):
    title = "</script><h1>$title & <b>"
    file = tmp_path / "odd.html"
    file.write_text(write_page(replace(load_card("lenet5"), title=title)), "utf-8")
    page.goto(file.as_uri())
    draw(page, SEVEN)
    expect(page.get_by_role("heading")).to_have_text(title)
    expect(page.get_by_text(f"{title} predicts 7 with")).to_be_visible()
