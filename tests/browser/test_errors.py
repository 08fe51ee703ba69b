"""The Error explorer: from a cell of a matrix to one digit, its important ink and neighbours."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from core.analysis.evaluation import evaluate, report_from_evaluation
from core.inference.classifier import load_classifier
from core.models.files import list_model_ids, load_card
from tests.browser.conftest import pick_from_list
from tests.browser.script_runs import wait_for_answer
from tests.browser.test_pages import click_cell


@pytest.mark.usefixtures("mnist_test")
def test_from_a_cell_to_a_digit_its_ink_and_its_neighbours(open_page):
    """Confusion matrices, 4 predicted as 9 by logistic regression, one of them, and why."""
    count = load_card("logistic_regression").test_confusion[4][9]
    page = open_page("confusion?models=Logistic+regression")
    click_cell(page, "logistic_regression", 4, 9)
    expect(page.locator("h1")).to_have_text("Error explorer")
    expect(page.locator(".gallery button")).to_have_count(count)
    second = page.locator(".gallery button").nth(1)
    number = re.search(r"Number (\d+)", second.locator("img").get_attribute("alt"))[1]
    second.click()
    expect(page.get_by_text(f"Number {number}", exact=True)).to_be_visible()
    page.get_by_role("tab", name="Important ink").click()
    maps = page.locator('.digit-picture[alt^="Ink that"]')
    expect(maps).to_have_count(len(list_model_ids()))
    expect(
        page.locator('.digit-picture[alt="Ink that Logistic regression uses to predict a 9"]')
    ).to_be_visible()
    page.get_by_role("tab", name="Similar digits").click()
    expect(page.locator('.digit-picture[alt*=", a 4, at a distance of"]')).to_have_count(5)
    expect(page.locator('.digit-picture[alt*=", a 9, at a distance of"]')).to_have_count(5)
    expect(page.locator('.digit-picture[alt="Mean 4 minus mean 9"]')).to_be_visible()
    again = page.context.new_page()
    again.goto(page.url)
    expect(again.get_by_text(f"Number {number}", exact=True)).to_be_visible()
    expect(again.locator('.digit-picture[alt="Mean 4 minus mean 9"]')).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.usefixtures("mnist_test")
def test_why_fours_and_nines_are_confused_by_all_models_and_by_one(open_page):
    """The sentences, the means, one model, a digit on the border, what to believe of it."""
    page = open_page("errors?pair=4%2F9")
    page.get_by_role("button", name="Why 4/9?").click()
    expect(page.get_by_text(re.compile(r"^Models predict 4s as 9s"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Models predict 9s as 4s"))).to_be_visible()
    for title in ("of 4 → 9", "4 → 9 minus 4", "9 minus 4", "of 9 → 4"):
        expect(page.locator(f'.digit-picture[alt^="Mean {title}"]')).to_be_visible()
    pick_from_list(page, "Models", "LeNet-5")
    expect(page.get_by_text(re.compile(r"^LeNet-5 predicts 4s as 9s"))).to_be_visible()
    wait_for_answer(page)  # the galleries stand below the sentences
    second = page.locator(".gallery button").nth(1)
    number = re.search(r"Number (\d+)", second.locator("img").get_attribute("alt"))[1]
    second.click()
    expect(page.get_by_text(f"Number {number}", exact=True)).to_be_visible()
    page.get_by_role("tab", name="Attributions").click()
    expect(page.get_by_text(re.compile("^Believe"))).to_be_visible()
    again = page.context.new_page()
    again.goto(page.url)
    expect(again.get_by_text(f"Number {number}", exact=True)).to_be_visible()
    expect(again.get_by_text(re.compile("^Believe"))).to_be_visible()
    expect(again.get_by_text(re.compile(r"^LeNet-5 predicts 4s as 9s"))).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.usefixtures("mnist_test")
def test_suspected_labels_are_listed_and_the_known_ones_flagged(open_page):
    page = open_page("errors?show=Suspected+label+errors")
    thumbnails = page.locator(".gallery button")
    expect(thumbnails).to_have_count(40)
    assert sum("⚑" in caption for caption in thumbnails.all_inner_texts()) >= 8
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == "index,label,suggested,self_confidence,is_confident"
    assert len(lines) == 41


def test_each_pair_shows_at_most_six_images_unless_all_are_wanted(open_page, bundled_digits):
    evaluation = evaluate(load_classifier("logistic_regression"), bundled_digits)
    confusion = report_from_evaluation(evaluation).confusion
    page = open_page("errors?dataset=Bundled+digits&model=Logistic+regression&pair=all")
    thumbnails = page.locator(".gallery button")
    expect(thumbnails).to_have_count(60)
    captions = [caption.strip() for caption in thumbnails.all_inner_texts()]
    assert max(captions.count(caption) for caption in captions) == 6
    page.get_by_role("button", name="More").click()
    page.get_by_text("At most 6 of each pair").click()
    count = confusion.total - np.trace(confusion.counts)
    expect(page.get_by_text(f"{count} images", exact=True)).to_be_visible()
