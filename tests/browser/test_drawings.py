"""My drawings in a real browser: what one browser saves, and what another one sees of it."""

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import draw_with_mouse, go_to, pick_from_list
from tests.browser.test_draw import SEVEN, expect_answer
from tests.conftest import CHROMIUM
from tests.servers import Server, listen_in_silence

# Within which somebody is told that a drawing was not saved, and others are answered, with what a
# busy machine adds.
MAX_SECONDS_TO_TELL, MAX_SECONDS_TO_ANSWER = 6 + 2, 0.5 + 1.5
INVITATION = "You have not saved any drawings yet"


def save_seven(page: Page) -> None:
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    page.get_by_role("button", name="Yes, a 7").click()
    expect(page.get_by_text("Saved as a 7.")).to_be_visible()


def expect_accuracy(page: Page, accuracy: str) -> None:
    expect(page.get_by_text(f"LeNet-5 {accuracy}")).to_be_visible()


def test_a_seven_is_saved_corrected_counted_and_deleted(open_page):
    page = open_page()
    save_seven(page)
    page.get_by_role("button", name="Yes, a 7").click()
    go_to(page, "My drawings")
    thumbnail = page.locator(".gallery button")
    expect(thumbnail).to_have_text("7")
    go_to(page, "Confusion matrices")
    pick_from_list(page, "Data set", "My drawings")
    expect_accuracy(page, "100.00%")
    go_to(page, "My drawings")
    labels = page.get_by_test_id("stButtonGroup").filter(has_text="Correct the label")
    labels.get_by_role("radio", name="1").click()
    expect(thumbnail).to_have_text("1")
    go_to(page, "Confusion matrices")
    pick_from_list(page, "Data set", "My drawings")
    expect_accuracy(page, "0.00%")
    go_to(page, "My drawings")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete this drawing").click()
    expect(page.get_by_text(INVITATION)).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_another_browser_sees_none_of_it_and_the_same_one_sees_it_again(open_page):
    first = open_page()
    save_seven(first)
    second = open_page("drawings")
    expect(second.get_by_text(INVITATION)).to_be_visible()
    again = first.context.new_page()
    again.goto(first.url + "drawings")
    expect(again.locator(".gallery button")).to_have_text("7")
    assert first.evaluate("document.cookie.includes('digitlab_visitor')") is False


def test_a_browser_without_cookies_is_told_how_long_its_drawings_last(server, browser, tmp_path):
    preferences = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default/Preferences").write_text(json.dumps(preferences))
    context = browser.browser_type.launch_persistent_context(tmp_path, **CHROMIUM)
    for whose, notes in ((context, 1), (browser, 0)):
        page = whose.new_page()
        page.goto(f"{server.address}/drawings")
        expect(page.get_by_text(INVITATION)).to_be_visible()
        expect(page.get_by_text("Your browser blocks cookies")).to_have_count(notes)
        page.close()
    context.close()


def test_an_export_can_be_imported_by_somebody_else(open_page, tmp_path):
    first = open_page()
    save_seven(first)
    go_to(first, "My drawings")
    with first.expect_download() as download:
        first.get_by_role("button", name="Export 1").click()
    download.value.save_as(tmp_path / "drawings.zip")
    second = open_page("drawings")
    for sentence in ("1 added, 0 already saved.", "0 added, 1 already saved."):
        second.get_by_role("button", name="Import").first.click()
        second.locator("input[type=file]").set_input_files(tmp_path / "drawings.zip")
        expect(second.get_by_text("drawings.zip")).to_be_visible()
        second.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
        expect(second.get_by_text(sentence)).to_be_visible()
        second.keyboard.press("Escape")
    expect(second.locator(".gallery button")).to_have_text("7")


def test_a_database_out_of_reach_is_a_sentence_and_digits_are_still_classified(browser):
    fresh = Server(DIGITLAB_DATABASE_URL="sqlite:////dev/null/drawings.sqlite3")
    sentence = re.compile("The folder of the database .* cannot be created")
    try:
        page = browser.new_page()
        for path in ("drawings", "confusion?data=My+drawings", "errors?dataset=My+drawings"):
            page.goto(f"{fresh.address}/{path}")
            error = page.locator("[data-testid=stAlertContentError]")
            expect(error).to_have_text(sentence)
            expect(page.get_by_test_id("stException")).to_have_count(0)
        page.goto(fresh.address)
        draw_with_mouse(page, SEVEN)
        expect_answer(page, 7)
        page.get_by_role("button", name="Yes, a 7").click()
        expect(error).to_have_text(sentence)
        expect_answer(page, 7)
        page.close()
    finally:
        fresh.stop()


@contextmanager
def lock_database(folder: Path) -> Iterator[str]:
    """The URL of an SQLite file that somebody writes to all the time."""
    file = folder / "drawings.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        yield f"sqlite:///{file}"


@contextmanager
def silence_database(_: Path) -> Iterator[str]:
    """The URL of a PostgreSQL server that accepts connections and sends nothing."""
    with listen_in_silence() as port:
        yield f"postgresql://anna:secret@127.0.0.1:{port}/drawings"


@pytest.mark.parametrize(
    ("break_database", "sentence"),
    [(lock_database, "is busy"), (silence_database, "does not respond")],
)
def test_only_who_saves_waits_for_the_database_and_is_told_why(
    browser, tmp_path, break_database, sentence
):
    log = tmp_path / "log"
    with break_database(tmp_path) as url:
        fresh = Server(log=log, DIGITLAB_DATABASE_URL=url)
        try:
            saving, drawing = browser.new_page(), browser.new_page()
            for page in (saving, drawing):
                page.goto(fresh.address)
                draw_with_mouse(page, SEVEN)
                expect_answer(page, 7)
            drawing.get_by_role("button", name="Clear").click()
            expect(drawing.get_by_test_id("answer")).to_have_count(0)
            error = saving.locator("[data-testid=stAlertContentError]")
            saving.get_by_role("button", name="Yes, a 7").click()
            started = time.monotonic()
            draw_with_mouse(drawing, SEVEN)
            drawn = time.monotonic()
            expect_answer(drawing, 7)
            assert time.monotonic() - drawn < MAX_SECONDS_TO_ANSWER
            expect(error).to_contain_text(sentence)
            assert time.monotonic() - started < MAX_SECONDS_TO_TELL
            assert sentence in log.read_text()
            assert "secret" not in log.read_text()
            saving.close()
            drawing.close()
        finally:
            fresh.stop()
