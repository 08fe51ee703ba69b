"""A page whose websocket is blocked, as by a proxy that forbids websockets."""

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import DESKTOP, PHONE, TIMEOUT

SOCKET = "**/_stcore/stream"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_page_without_websocket_says_so_until_it_connects(server, browser, size):
    blocked = True

    def route(socket: WebSocketRoute) -> None:
        if blocked:
            socket.close()
        else:
            socket.connect_to_server()

    context = browser.new_context(viewport=size)
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    page.route_web_socket(SOCKET, route)
    page.goto(server.address)
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("It needs a websocket")
    expect(notice).to_contain_text("ask your administrator to allow websockets to 127.0.0.1")
    expect(notice).to_be_in_viewport(ratio=1)
    blocked = False
    expect(page.locator("h1")).to_have_text("Draw digits")
    expect(page.get_by_text("It needs a websocket")).to_have_count(0)
    context.close()


def test_a_page_that_is_connected_says_nothing(open_page):
    page = open_page("sweeps")
    page.wait_for_timeout(11_000)  # the notice would come after ten seconds
    expect(page.get_by_text("It needs a websocket")).to_have_count(0)
