"""Weak spots: from a sentence to exactly its digits, and back."""

import re

from playwright.sync_api import expect

from pages.widgets.gallery import PAGE_SIZE


def test_a_finding_leads_to_its_errors_and_back_leads_to_the_finding(open_page):
    page = open_page("weak_spots?model=Logistic+regression")
    finding = page.locator("[class*=st-key-weak_slices_]").first
    sentence = finding.locator("strong").inner_text()
    name, errors = re.fullmatch(r"(.+): ([\d,]+) of .+", sentence).groups()
    finding.get_by_role("link", name="Open in the Error explorer").click()
    expect(page.locator("h1")).to_have_text("Error explorer")
    expect(page.get_by_text(f"Only: {name}")).to_be_visible()
    expect(page.get_by_text(f"{errors} image")).to_be_visible()
    expect(page.locator(".gallery button")).to_have_count(min(int(errors), PAGE_SIZE))
    page.go_back()
    expect(page.locator("h1")).to_have_text("Weak spots")
    expect(finding.locator("strong")).to_have_text(sentence)


def test_a_finding_leads_to_a_training_of_the_same_model_with_augmentation(open_page):
    page = open_page("weak_spots?model=Logistic+regression")
    link = page.get_by_role("link", name=re.compile("^Train with stronger augmentation: ")).first
    distortion = link.inner_text().split(": ")[1]
    link.click()
    expect(page.locator("h1")).to_have_text("Train")
    expect(page.get_by_role("combobox", name="Model")).to_have_value("Logistic regression")
    expect(page.get_by_role("switch", name="Augmentation")).to_be_checked()
    doubled = page.get_by_role("combobox", name="Doubled distortion")
    expect(doubled).to_have_value(distortion)
    expect(doubled).to_be_visible()
