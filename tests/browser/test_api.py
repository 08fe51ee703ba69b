"""The API beside the pages, in one process and on one port."""

import json
import re
import shlex
import urllib.request
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import draw_with_mouse
from tests.browser.script_runs import watch_runs
from tests.browser.test_draw import FOUR_TWO, SEVEN, draw_picture, expect_answer, upload
from tests.servers import Server

# The numbers behind the bars of the chart, model by model: of a drawing, and of a picture.
READ_BARS = """shown => Object.fromEntries(
    [...shown.querySelectorAll("tbody th")].map(({ textContent }, i) => [textContent,
        [...shown.querySelectorAll(`.bar:nth-child(${i + 1})`)]
            .map(({ style }) => parseFloat(style.transform.slice("scaleY(".length)))]))"""
# A browser's prediction differs from the server's by no more.
MAX_DIFFERENCE = 1e-4


def send(command: str, *, file: bytes | None = None) -> dict[str, Any]:
    """Do what a curl command does; the result of the only input."""
    curl, address, *_, body = shlex.split(command)
    assert curl == "curl"
    if file is None:
        content, kind = body.encode(), "application/json"
    else:
        assert body == 'files=@"some.png"'
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="some.png"\r\n\r\n'
        content, kind = head + file + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
    request = urllib.request.Request(address, content, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=30) as response:
        (result,) = json.load(response)["results"]
    return result


def copy_command(page: Page) -> str:
    """The command for curl; a drawing that it reads from a file is put in its place."""
    page.get_by_role("tab", name="API").click()
    command = page.get_by_role("tabpanel", name="curl").locator("code")
    expect(command).to_be_visible()
    text = command.inner_text()
    if "@drawing.json" in text:
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save drawing.json").click()
        text = text.replace("@drawing.json", shlex.quote(saved.value.path().read_text("utf-8")))
    page.get_by_role("tab", name="Answer").click()
    return text


def expect_chart(page: Page, predictions: list[dict[str, Any]]) -> None:
    """The bars of the chart are these predictions."""
    chart = page.locator(".probabilities")
    expect(chart.locator(".bar")).to_have_count(10 * len(predictions))
    shown = chart.evaluate(READ_BARS)
    assert set(shown) == {one["title"] for one in predictions}
    for one in predictions:
        differences = np.abs(np.array(one["probabilities"]) - shown[one["title"]])
        assert differences.max() < MAX_DIFFERENCE


@pytest.mark.parametrize("source", ["pad", "file"])
def test_the_command_on_the_page_gives_the_numbers_of_the_page(open_page, source):
    page = open_page()
    file = None
    if source == "pad":
        draw_with_mouse(page, SEVEN)
        expect_answer(page, 7)
    else:
        file = draw_picture(5)
        upload(page, file)
        expect_answer(page, 5)
    result = send(copy_command(page), file=file)
    assert [one["title"] for one in result["predictions"]] == [
        "LeNet-5", "Logistic regression", "MLP",
    ]  # fmt: skip
    expect_chart(page, result["predictions"])


@pytest.mark.parametrize("source", ["pad", "file"])
def test_the_text_and_the_digits_of_a_number_are_those_of_the_page(open_page, source):
    page = open_page("?place=2")
    file = None
    if source == "pad":
        draw_with_mouse(page, FOUR_TWO)
    else:
        file = draw_picture(4, 2)
        upload(page, file)
    expect_answer(page, 42)
    result = send(copy_command(page), file=file)
    assert result["text"] == page.get_by_test_id("answer").inner_text()
    assert [digit["character"] for digit in result["digits"]] == ["4", "2"]
    expect_chart(page, result["digits"][1]["predictions"])


def test_the_example_in_the_documentation_runs(open_page, server):
    page = open_page()
    page.locator(".reader[data-ready=true]").wait_for()  # leaving would break off its requests
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(f"{server.address}/api/docs")
    page.get_by_text("/predict/strokes", exact=True).click()
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table .response").first
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer.locator("code.language-json")).to_contain_text('"digit": 4')
    assert not failed


def test_below_a_prefix_the_command_and_the_documentation_are_found(browser):
    prefixed = Server(STREAMLIT_SERVER_BASE_URL_PATH="lab", health="/lab/_stcore/health")
    try:
        page = browser.new_page()
        watch_runs(page)
        page.goto(f"{prefixed.address}/lab/")
        draw_with_mouse(page, SEVEN)
        expect_answer(page, 7)
        command = copy_command(page)
        assert f"{prefixed.address}/lab/api/predict/strokes?" in command
        assert send(command)["text"] == "7"
        page.get_by_test_id("stTopNavSection").filter(has_text="Draw").click()
        link = page.get_by_role("menuitem", name=re.compile("^API"))
        expect(link).to_have_attribute("href", f"{prefixed.address}/lab/api/docs")
        page.goto(f"{prefixed.address}/lab/api/docs")
        expect(page.get_by_text("/predict/strokes", exact=True)).to_be_visible()
        page.close()
    finally:
        prefixed.stop()


def test_a_key_made_on_the_runs_page_is_in_the_command_until_it_is_revoked(open_page):
    page = open_page("runs")
    page.get_by_role("button", name="Access keys").click()
    page.get_by_label("Name of the key").fill("Script")
    page.get_by_role("button", name="Make a key").click()
    shown = page.get_by_test_id("stCode").locator("code")
    expect(shown).to_have_text(re.compile("^digitlab_"))
    key = shown.inner_text()

    def list_models() -> int:
        return page.request.get(
            page.url.replace("/runs", "/api/models"), headers={"Authorization": f"Bearer {key}"}
        ).status

    assert list_models() == 200
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_test_id("stToast")).to_contain_text("Revoked")
    expect(shown).to_have_count(0)
    assert list_models() == 401
