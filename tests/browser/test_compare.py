"""The Compare page in a real window."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from core.analysis.agreement import list_regions
from core.analysis.evaluation import evaluate
from core.inference.classifier import load_classifier
from tests.browser.conftest import PHONE, pick_from_list, wait_for_chart
from tests.browser.script_runs import wait_for_answer

QUERY = "compare?digits=Bundled+digits&models=LeNet-5&models=Logistic+regression"


def test_a_click_on_the_chart_shows_exactly_its_digits_and_a_new_tab_shows_them_too(
    open_page, bundled_digits
):
    ids = ("lenet5", "logistic_regression")
    regions = list_regions(
        [evaluate(load_classifier(model_id), bundled_digits) for model_id in ids]
    )
    only_logistic = next(region for region in regions if region.right == (False, True))
    page = open_page(QUERY)
    rows = [region.right for region in regions[1:]]
    chart = page.locator("[class*=st-key-agreement] .js-plotly-plot")
    wait_for_chart(chart)
    bars = chart.locator(".nsewdrag[data-subplot=x2y2]")
    height = bars.bounding_box()["height"]
    place = height * (rows.index((False, True)) + 0.5) / len(rows)
    bars.click(position={"x": 3, "y": place})  # once it does not move any more
    chosen = page.get_by_role("combobox", name="Digits")
    expect(chosen).to_have_value(re.compile("^only Logistic regression correct"))
    thumbnails = page.locator(".gallery button")
    expect(thumbnails).to_have_count(len(only_logistic.indices))
    expect(page).to_have_url(re.compile("region=01"))
    again = page.context.new_page()
    again.goto(page.url)
    expect(again.locator(".gallery button")).to_have_count(len(only_logistic.indices))
    expect(again.get_by_text(f"Number {np.min(only_logistic.indices)}")).to_be_visible()


def test_five_models_are_too_many(open_page):
    page = open_page(QUERY + "&models=MLP&models=CNN&models=Committee")
    expect(page.get_by_text("Choose 2 to 4 models.")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


# On a busy machine the browser shows what arrives piece by piece; here, once it is told to.
SHOW_PIECE_BY_PIECE = """
  const listen = WebSocket.prototype.addEventListener;
  let shown = Promise.resolve();
  WebSocket.prototype.addEventListener = function (type, handle, ...rest) {
    const handleLater = (event) => {
      if (window.slow) shown = shown.then(() => new Promise((done) => setTimeout(done, 15)));
      shown = shown.then(() => handle(event));
    };
    listen.call(this, type, type === "message" ? handleLater : handle, ...rest);
  };
"""


@pytest.mark.usefixtures("mnist_test")
def test_a_tab_is_kept_in_the_address_although_another_data_set_needs_no_flag(open_page):
    page = open_page()
    page.add_init_script(SHOW_PIECE_BY_PIECE)
    page.goto(page.url + "compare?models=LeNet-5&models=Logistic+regression")
    wait_for_answer(page, after=1)
    flag = page.get_by_text("Reviewers found this label to be wrong")
    expect(flag).to_be_visible()
    page.evaluate("window.slow = true")
    pick_from_list(page, "Data set", "Bundled digits")
    wait_for_answer(page, after=2)
    expect(flag).to_have_count(0)
    expect(page.get_by_text("of Bundled digits, labelled")).to_be_visible()
    # The last message: what is not shown any more is gone.
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.get_by_role("tab", name="Important ink").click()
    expect(page).to_have_url(re.compile("detail=Important"))


@pytest.mark.usefixtures("mnist_test")
def test_the_report_of_four_models_works_offline_and_is_one_sheet_of_paper(
    open_page, browser, tmp_path
):
    models = ("LeNet-5", "Logistic regression", "MLP", "Committee")
    page = open_page("compare?" + "&".join(f"models={title.replace(' ', '+')}" for title in models))
    button = page.get_by_role("button", name="Report")
    button.wait_for()
    with page.expect_download() as download:
        button.click()
    file = tmp_path / "report.html"
    download.value.save_as(file)
    context = browser.new_context(viewport=PHONE, offline=True)
    asked: list[str] = []
    report = context.new_page()
    report.on("request", lambda request: asked.append(request.url))
    report.goto(file.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert report.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(report.locator("img").first).to_have_js_property("naturalWidth", 28)
    assert report.get_by_role("link").get_attribute("href") == (
        page.url.partition("?")[0]
        + "?digits=MNIST+test&models=LeNet-5&models=Logistic+regression&models=MLP&models=Committee"
        "&two=LeNet-5+and+Logistic+regression"
    )
    printed = report.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    context.close()
