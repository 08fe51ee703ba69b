"""Runs in a real window: exported, deleted, restored, imported and used on the Draw page."""

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from core.server.visitors import new_visitor_id
from tests.browser.conftest import draw_with_mouse
from tests.browser.test_draw import SEVEN, expect_answer
from tests.core.runs.conftest import finish_run, make_run

OWNER = "somebody_who_trains"


def test_a_run_is_exported_deleted_restored_imported_and_used(open_page, tmp_path: Path):
    run = finish_run(make_run(owner=OWNER, name="My seven reader"))
    page = open_page("runs", owner=OWNER)
    expect(page.get_by_text("0 settings differ")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    download.value.save_as(tmp_path / "run.zip")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("You have no run yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Restored.")).to_be_visible()
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("Renamed")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Renamed.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Import").first.click()
    page.locator("input[type=file]").set_input_files(tmp_path / "run.zip")
    expect(page.get_by_text("run.zip")).to_be_visible()
    page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Import").click()
    expect(page.get_by_text("Building the model of this run")).to_be_visible()
    expect(page.get_by_text("“My seven reader” was imported.")).to_be_visible(timeout=60_000)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stException")).to_have_count(0)

    page = open_page("?predict=All+models", owner=OWNER)
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    for name in ("Renamed", "My seven reader"):
        expect(page.get_by_role("rowheader", name=name)).to_be_visible()
    assert run.id not in page.inner_text("body")


def test_another_browser_does_not_see_the_run(open_page):
    finish_run(make_run(owner=OWNER, name="Hidden from others"))
    page = open_page("runs")
    expect(page.get_by_text("You have no run yet")).to_be_visible()
    page.goto(page.url.replace("runs", "models?model=Hidden+from+others"))
    expect(page.get_by_text("LeNet-5").first).to_be_visible()
    # What the address says, and no more: the same as of a model that never existed.
    expect(page.get_by_text("There is no model “Hidden from others” here.")).to_be_visible()
    expect(page.get_by_text("Hidden from others")).to_have_count(1)


NAMES = ("Odd **b** `c` _d_ ~~e~~ $f$ [g](//h.i) <b> | #", "Odd :red[a] :star: www.j.k k@l.mn")
MARKS = "em, del, code, b, a:not([href^='#']), .katex, span[style*='color']"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", ["runs?run=", "confusion?models=", "errors?pair=all&model="])
def test_the_name_of_a_run_is_shown_as_it_was_written(open_page, path: str, name: str):
    owner = new_visitor_id()  # a second run of a name would have another title
    finish_run(make_run(owner=owner, name=name))
    page = open_page(path + quote(name), owner=owner)
    containers = page.get_by_test_id("stMain").get_by_test_id("stMarkdownContainer")
    named = containers.filter(has_text="Odd")
    named.first.wait_for()
    for text in named.all():
        shown = text.inner_text().replace("\N{WORD JOINER}", "")
        assert name in shown
        assert text.locator(MARKS).count() == 0
        assert "b" not in text.locator("strong").all_inner_texts()  # others are the page's own
