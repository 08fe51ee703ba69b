"""Pictures in a real browser: refused before the server has them, or kept while that is away."""

import base64
import io
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import draw_with_mouse, go_to, open_own_server, restart
from tests.browser.script_runs import wait_for_answer
from tests.browser.test_draw import (
    SEVEN,
    draw_picture,
    expect_answer,
    expect_cited,
    expect_invitation,
    upload,
)
from tests.conftest import CHROMIUM

KEPT_BYTES = re.compile(r'cache_memory_bytes\{cache_type="UploadedFileManager".*\} (\d+)')
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


class OwnServer:
    """A page, and a server of its own that can be stopped and restarted."""

    def __init__(self, browser: Browser, path: str) -> None:
        self.page, self._server = open_own_server(browser, path)
        self.address = self._server.address

    def stop(self) -> None:
        self._server.stop()

    def restart(self) -> None:
        self._server = restart(self.page, self._server)


@contextmanager
def own_server(browser: Browser, path: str = "?source=Upload") -> Iterator[tuple[Page, OwnServer]]:
    own = OwnServer(browser, path)
    try:
        yield own.page, own
    finally:
        own.stop()
        own.page.context.close()


def expect_file(page: Page, name: str) -> None:
    """The uploader has this file alone."""
    expect(page.get_by_test_id("stFileChip")).to_have_text(re.compile(rf"^{re.escape(name)}"))


def expect_nothing(page: Page) -> None:
    expect_invitation(page)
    expect(page.get_by_test_id("stFileChip")).to_have_count(0)


def remove(page: Page) -> None:
    page.get_by_test_id("stFileChipDeleteBtn").get_by_role("button").click()
    expect_nothing(page)
    wait_for_answer(page)


def list_sent(page: Page) -> list[str]:
    """The addresses that the page sends files to from now on; the list grows."""
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.url) if request.method == "PUT" else None
    )
    return sent


def look_at_another_page(page: Page) -> None:
    go_to(page, "Training curves")
    wait_for_answer(page)


def test_an_uploaded_picture_and_the_choices_outlive_restarts_and_other_pages(browser):
    choices = "?source=Upload&predict=One+model&tab=API"
    with own_server(browser, choices) as (page, server):
        upload(page, draw_picture(2))

        def expect_all() -> None:
            expect_cited(page, 2)
            expect_file(page, "some.png")
            expect(page.get_by_role("radio", name="One model")).to_be_checked()
            expect(page.get_by_role("tab", name="API")).to_have_attribute("aria-selected", "true")

        expect_all()
        server.restart()
        expect_all()
        look_at_another_page(page)
        go_to(page, "Draw")
        expect_all()
        look_at_another_page(page)
        page.go_back()
        expect_all()
        look_at_another_page(page)
        server.restart()
        go_to(page, "Draw")
        expect_all()


def test_the_last_picture_alone_is_kept_and_none_once_it_is_removed(browser):
    with own_server(browser) as (page, server):
        upload(page, draw_picture(2))
        expect_answer(page, 2)
        choose(page, draw_picture(3))
        expect_answer(page, 3)
        server.restart()
        expect_answer(page, 3)
        expect_file(page, "other.png")
        remove(page)
        server.restart()
        expect_nothing(page)
        look_at_another_page(page)
        go_to(page, "Draw")
        expect_nothing(page)
        choose(page, b"text", "a.txt", "text/plain")
        expect(page.get_by_text("not a picture in a supported format")).to_be_visible()
        server.restart()
        expect_nothing(page)


def test_a_picture_that_was_chosen_while_the_server_was_away_is_classified_afterwards(browser):
    with own_server(browser) as (page, server):
        upload(page, draw_picture(2))
        expect_answer(page, 2)
        server.stop()
        choose(page, draw_picture(3))
        server.restart()
        expect_answer(page, 3)
        expect_file(page, "other.png")


def test_a_picture_outlives_a_restart_though_its_file_is_gone(browser, tmp_path):
    file = tmp_path / "2.png"
    file.write_bytes(draw_picture(2))
    with own_server(browser) as (page, server):
        page.locator("input[type=file]").set_input_files(file)
        expect_answer(page, 2)
        file.unlink()
        server.restart()
        expect_answer(page, 2)


def test_a_picture_is_kept_by_its_tab_alone(browser):
    with own_server(browser) as (page, server):
        upload(page, draw_picture(2))
        expect_answer(page, 2)
        other = page.context.new_page()
        other.goto(f"{server.address}/?source=Upload")
        expect_nothing(other)
        server.restart()
        expect_answer(page, 2)
        wait_for_answer(other)
        expect_nothing(other)
        upload(other, draw_picture(3))
        expect_answer(other, 3)
        remove(page)
        expect_answer(other, 3)


def test_a_picture_is_not_sent_again_to_a_session_that_has_it(open_page):
    page = open_page("curves")
    sent = list_sent(page)
    sockets = []

    def route(socket) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    page.route_web_socket("**/_stcore/stream", route)
    page.goto(page.url.replace("curves", "?source=Upload"))
    upload(page, draw_picture(2))
    expect_answer(page, 2)
    wait_for_answer(page)
    page.get_by_role("tab", name="Draw").click()
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    page.get_by_role("tab", name="Upload").click()
    expect_answer(page, 2)
    sockets.pop().close()
    page.wait_for_function("() => document.querySelector('[data-test-connection-state=CONNECTED]')")
    page.wait_for_timeout(1000)
    expect_answer(page, 2)
    assert len(sent) == 1


def test_the_server_keeps_one_copy_of_a_picture_however_often_the_page_is_left(browser):
    picture = draw_picture(2)
    with own_server(browser) as (page, server):
        upload(page, picture)
        for _ in range(3):
            expect_answer(page, 2)
            look_at_another_page(page)
            with page.expect_request_finished(lambda request: request.method == "PUT"):
                go_to(page, "Draw")
        with urllib.request.urlopen(f"{server.address}/_stcore/metrics") as answer:
            (kept,) = KEPT_BYTES.findall(answer.read().decode())
        assert int(kept) == len(picture)


# As the browser's own command to copy a picture does.
COPY = """async (data) => {
  const picture = await (await fetch(data)).blob();
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""


def test_a_picture_that_is_pasted_is_uploaded_wherever_the_page_has_the_focus(open_page):
    page = open_page("?predict=One+model")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    sent = list_sent(page)
    data = base64.b64encode(draw_picture(2)).decode()
    page.evaluate(COPY, f"data:image/png;base64,{data}")
    page.keyboard.press("Control+v")
    expect_answer(page, 2)
    expect(page.get_by_role("tab", name="Upload")).to_have_attribute("aria-selected", "true")
    expect_file(page, "image.png")
    wait_for_answer(page)
    assert len(sent) == 1
    remove(page)
    page.get_by_role("tab", name="Draw").click()
    expect_answer(page, 7)
    page.get_by_role("combobox", name=re.compile("^Model")).focus()
    page.keyboard.press("Control+v")
    expect_answer(page, 2)
    wait_for_answer(page)
    page.evaluate("() => navigator.clipboard.writeText('7')")
    page.keyboard.press("Control+v")  # into the list of models, which has the focus
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Draw").click()
    expect_answer(page, 7)
    look_at_another_page(page)
    page.evaluate(COPY, f"data:image/png;base64,{data}")
    page.keyboard.press("Control+v")
    go_to(page, "Draw")
    expect_answer(page, 7)


def film(picture: bytes, file: Path) -> None:
    """A film of one image that stands still, as Y4M."""
    image = Image.new("RGB", (640, 360), "white")
    with Image.open(io.BytesIO(picture)) as digit:
        image.paste(digit.resize((420, 320)), (110, 20))
    levels = np.asarray(image.convert("YCbCr"))
    planes = (levels[..., 0], levels[::2, ::2, 1], levels[::2, ::2, 2])
    header = b"YUV4MPEG2 W640 H360 F10:1 Ip C420jpeg\n"
    file.write_bytes(header + b"FRAME\n" + b"".join(plane.tobytes() for plane in planes))


@pytest.fixture
def filming_browser(browser, tmp_path) -> Iterator[Browser]:
    """A browser whose camera sees a 2."""
    film(draw_picture(2), tmp_path / "2.y4m")
    camera = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / '2.y4m'}",
    )
    filming = browser.browser_type.launch(**{**CHROMIUM, "args": [*CHROMIUM["args"], *camera]})
    yield filming
    filming.close()


def take_photograph(page: Page) -> None:
    """The camera has an image a little later than its button can be clicked."""
    page.wait_for_function("() => document.querySelector('video')?.videoHeight")
    page.get_by_role("button", name="Take Photo").click()


def test_a_photograph_outlives_restarts_other_tabs_and_other_pages(filming_browser):
    with own_server(filming_browser, "?source=Camera") as (page, server):
        take_photograph(page)
        expect_answer(page, 2)
        server.restart()
        expect_answer(page, 2)
        expect_file(page, "photograph.jpg")
        page.get_by_role("tab", name="Upload").click()
        expect_nothing(page)
        page.get_by_role("tab", name="Camera").click()
        expect_answer(page, 2)
        look_at_another_page(page)
        go_to(page, "Draw")
        expect_answer(page, 2)
        remove(page)
        take_photograph(page)
        expect_answer(page, 2)
        page.get_by_role("button", name="Clear photo").click()
        expect_invitation(page)
        server.restart()
        expect_nothing(page)
