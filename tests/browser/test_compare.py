"""The Compare page in a real window."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from core.analysis.agreement import list_regions
from core.analysis.evaluation import evaluate
from core.inference.classifier import load_classifier
from tests.browser.conftest import pick_from_list, wait_for_chart
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
