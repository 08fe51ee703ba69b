"""The API beside the pages, in one process and on one port."""

import json
import shlex
import urllib.request

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import draw_with_mouse, find_pad
from tests.browser.test_draw import SEVEN, draw_picture, expect_answer

# The numbers behind the bars of the chart, model by model.
READ_CHART = """() => Object.fromEntries(document.querySelector(".js-plotly-plot")._fullData
    .map(trace => [trace.name, Array.from(trace.y)]))"""


def send(command: str, *, file: bytes | None = None) -> dict[str, list[float]]:
    """Do what a curl command does; the probabilities by the models' titles."""
    curl, address, option, body = shlex.split(command)
    assert curl == "curl"
    if file is None:
        assert option == "--json"
        content, kind = body.encode(), "application/json"
    else:
        assert (option, body) == ("-F", 'files=@"digit.png"')
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="digit.png"\r\n\r\n'
        content, kind = head + file + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
    request = urllib.request.Request(address, content, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=30) as response:
        (result,) = json.load(response)["results"]
    return {one["title"]: one["probabilities"] for one in result["predictions"]}


@pytest.mark.parametrize("source", ["pad", "file"])
def test_the_command_on_the_page_gives_the_numbers_of_the_page(open_page, source):
    page = open_page()
    file = None
    if source == "pad":
        draw_with_mouse(page, SEVEN)
        expect_answer(page, 7)
    else:
        file = draw_picture(5)
        page.get_by_role("tab", name="Upload").click()
        page.locator("input[type=file]").set_input_files(
            {"name": "digit.png", "mimeType": "image/png", "buffer": file}
        )
        expect_answer(page, 5)
    page.get_by_role("button", name="API request").click()
    command = page.get_by_test_id("stCode").locator("code")
    expect(command).to_contain_text("curl")
    answered = send(command.inner_text(), file=file)
    expect(page.locator(".js-plotly-plot .bars .point")).to_have_count(30)
    shown = page.evaluate(READ_CHART)
    assert set(answered) == set(shown) == {"LeNet-5", "Logistic regression", "MLP"}
    for title, probabilities in answered.items():
        assert np.abs(np.array(probabilities) - shown[title]).max() < 1e-6


def test_the_example_in_the_documentation_runs(open_page, server):
    page = open_page()
    find_pad(page)
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(f"{server.address}/api/docs")
    page.get_by_text("/predict/strokes", exact=True).click()
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table .response").first
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer.locator("code.language-json")).to_contain_text('"digit": 4')
    assert not failed
