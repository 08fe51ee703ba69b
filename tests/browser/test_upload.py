"""Files that are refused before the server has them: too large, another format, not accepted."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_draw import draw_picture, expect_answer, upload

TOO_LARGE = b"\0" * (11 << 20)


def choose(page: Page, contents: bytes, name: str = "other.png", kind: str = "image/png") -> None:
    file = {"name": name, "mimeType": kind, "buffer": contents}
    page.locator("input[type=file]").set_input_files(file)


def refuse_upload(page: Page) -> None:
    """As for a token that has expired."""
    page.route("**/_stcore/upload_file/**", lambda route: route.fulfill(status=403))


@pytest.mark.parametrize(
    ("contents", "name", "kind", "refused", "sentence"),
    [
        (TOO_LARGE, "large.png", "image/png", False, "This file is larger than 10 MB."),
        (b"text", "a.txt", "text/plain", False, "not a picture in a supported format"),
        (draw_picture(7), "7.png", "image/png", True, "The server has not accepted this file"),
    ],
    ids=["too large", "text", "refused by the server"],
)
def test_a_refused_file_takes_the_place_of_the_answer_before(
    open_page, contents, name, kind, refused, sentence
):
    page = open_page()
    upload(page, draw_picture(2))
    expect_answer(page, 2)
    if refused:
        refuse_upload(page)
    choose(page, contents, name, kind)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_test_id("answer")).to_have_count(0)
    expect(page.get_by_test_id("stFileChip")).to_have_count(0)
    page.unroute_all()
    choose(page, draw_picture(3))
    expect_answer(page, 3)
    expect(page.get_by_text(sentence)).to_have_count(0)
