"""The Models page: the card of each model, its pictures and its files."""

import hashlib
import re

import pytest
from playwright.sync_api import Page, expect

from core.models.files import KERAS_FILE, LITERT_FILE, load_card
from tests.browser.conftest import draw_with_mouse, go_to, pick_from_list

SEVEN = [[(80, 70), (240, 70), (140, 270)]]


def choose_model(page: Page, title: str) -> None:
    pick_from_list(page, "Model", title)


def test_another_model_changes_the_card_and_the_link(open_page):
    page = open_page("models")
    expect(page.get_by_text(load_card("lenet5").description)).to_be_visible()
    choose_model(page, "MLP")
    expect(page.get_by_text(load_card("mlp").description)).to_be_visible()
    expect(page).to_have_url(re.compile("model=MLP"))
    again = open_page(page.url.split("/")[-1])
    expect(again.get_by_text(load_card("mlp").description)).to_be_visible()


def test_all_models_are_in_the_chart_of_error_rates(open_page):
    page = open_page("models")
    page.get_by_test_id("stDataFrame").first.wait_for()
    chart = page.locator(".st-key-error_rates .js-plotly-plot")
    for title in ("LeNet-5", "Logistic regression", "MLP"):
        expect(chart.locator(".ytick").get_by_text(title, exact=True)).to_be_visible()


def test_the_table_of_accuracies_is_not_cut_on_a_laptop(open_page):
    page = open_page("models")
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    cut = table.locator(".dvn-scroller").evaluate("area => area.scrollWidth - area.clientWidth")
    assert cut <= 0


def test_logistic_regression_shows_its_ten_templates(open_page):
    page = open_page("models?model=Logistic+regression")
    page.get_by_role("tab", name="Weights").click()
    expect(page).to_have_url(re.compile("view=Weights"))
    for digit in range(10):
        expect(page.get_by_role("img", name=f"Weights of the digit {digit}")).to_be_visible()


def test_the_filters_of_a_model_are_shown(open_page):
    page = open_page("models?view=Weights")
    expect(page.get_by_role("img", name=re.compile("^Weights of unit"))).to_have_count(6)


def test_the_network_is_shown_for_the_drawing_on_the_pad_and_for_examples(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    go_to(page, "Models")
    page.get_by_role("tab", name="Network").click()
    best = page.locator(".outputs .best b")
    expect(best).to_have_text("7")
    expect(page.get_by_role("application", name="Convolution 1: 6 maps")).to_be_visible()
    page.get_by_role("radio", name="3").click()
    expect(best).to_have_text("3")
    page.get_by_role("button", name="Output 3").click()
    expect(page.get_by_text("Output, digit 3: ")).to_be_visible()


@pytest.mark.parametrize("name", [KERAS_FILE, LITERT_FILE])
def test_the_files_can_be_downloaded(open_page, name):
    page = open_page("models?model=MLP")
    expect(page.get_by_text(load_card("mlp").description)).to_be_visible()
    extension = name.split(".")[1]
    with page.expect_download() as download:
        page.get_by_role("button", name=f".{extension}").click()
    assert download.value.suggested_filename == f"mlp.{extension}"
    contents = download.value.path().read_bytes()
    assert hashlib.sha256(contents).hexdigest() == load_card("mlp").files[name]


@pytest.mark.parametrize("view", ["Layers", "Weights", "Network", "Digits", "Calibration"])
def test_every_view_fits_a_phone(open_page, view):
    page = open_page(f"models?view={view}", phone=True, dark=True)
    expect(page.get_by_role("tab", selected=True)).to_have_text(view.replace("+", " "))
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
