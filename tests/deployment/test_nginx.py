"""nginx before two replicas: who comes stays with one, and moves to the other when it dies."""

import json
import re
import ssl
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.conftest import TIMEOUT, draw_with_mouse, find_pad, go_to
from tests.browser.test_draw import SEVEN, TWO, draw_picture, expect_answer
from tests.browser.test_drawings import save_seven
from tests.deployment.conftest import StartNginx
from tests.deployment.nginx import Nginx
from tests.servers import Server

COOKIE = "digitlab_replica"
JSON = "application/json"
STROKES = json.dumps({"strokes": SEVEN}).encode()


@pytest.fixture(scope="module")
def replicas() -> Iterator[list[Server]]:
    started = [Server(), Server()]
    yield started
    for one in started:
        one.stop()


@pytest.fixture(scope="module")
def nginx(start_nginx: StartNginx, replicas: list[Server]) -> Nginx:
    return start_nginx(replicas)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(TIMEOUT)
    yield context
    context.close()


def open_page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.locator("h1").wait_for()
    return page


def find_holder(replicas: list[Server]) -> Server:
    """The replica to which nginx keeps a connection: it holds the only websocket."""
    for _ in range(100):
        holders = [one for one in replicas if count_connections(one)]
        if len(holders) == 1 and count_connections(holders[0]) == 1:
            return holders[0]
        time.sleep(0.1)
    raise AssertionError(f"expected one websocket, got {[count_connections(o) for o in replicas]}")


def count_connections(replica: Server) -> int:
    try:
        connections = psutil.Process(replica.process.pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return 0
    return sum(
        one.status == psutil.CONN_ESTABLISHED and one.laddr.port == replica.port
        for one in connections
    )


def read_cookies(context: BrowserContext) -> dict[str, str]:
    return {one["name"]: one["value"] for one in context.cookies()}


def ask(
    url: str,
    data: bytes | None = None,
    *,
    method: str | None = None,
    source: str = "127.0.0.1",
    **headers: str,
) -> tuple[int, Message]:
    """Status and headers of an answer, whatever it is, to the request of an address."""
    parts = urlsplit(url)
    tls = {"context": ssl._create_unverified_context()} if parts.scheme == "https" else {}
    kind = HTTPSConnection if tls else HTTPConnection
    server = kind(parts.hostname, parts.port, timeout=30, source_address=(source, 0), **tls)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(server):
        path = f"{parts.path or '/'}?{parts.query}"
        server.request(
            method or ("POST" if data else "GET"), path, data, {"Content-Type": JSON, **given}
        )
        answer = server.getresponse()
        answer.read()
        return answer.status, answer.headers


def upload(page: Page, digit: int) -> None:
    page.get_by_role("tab", name="Upload").click()
    picture = {"name": f"{digit}.png", "mimeType": "image/png", "buffer": draw_picture(digit)}
    page.locator("[data-testid=stFileUploader] input").set_input_files(picture)
    expect_answer(page, digit)


def wait_until_idle(page: Page) -> None:
    """Until the page is connected and shows what its last run gave."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")


def kill(replica: Server) -> None:
    replica.process.kill()
    replica.process.wait(timeout=20)


def test_a_session_stays_on_its_replica(nginx, replicas, context):
    page = open_page(context, nginx.address)
    holder = find_holder(replicas)
    for _ in range(5):
        page.reload()
        page.locator("h1").wait_for()
        assert find_holder(replicas) is holder
    assert read_cookies(context)[COOKIE] == f"app{replicas.index(holder) + 1}"


def test_new_visitors_are_drawn_among_those_who_live(nginx):
    drawn = Counter()
    for _ in range(60):
        _, headers = ask(nginx.address)
        drawn[next(one for one in headers.get_all("Set-Cookie") if COOKIE in one)] += 1
    # Who would have gone to the third goes to the first.
    assert sorted(drawn) == [
        f"{COOKIE}={name}; Path=/; HttpOnly; SameSite=Lax" for name in ("app1", "app2")
    ]
    assert min(drawn.values()) >= 5


def test_who_has_a_replica_is_given_no_other_one(nginx):
    for name in ("app1", "app2", "app3"):
        _, headers = ask(nginx.address, Cookie=f"{COOKIE}={name}")
        assert not [one for one in headers.get_all("Set-Cookie") if COOKIE in one]
    _, headers = ask(nginx.address, Cookie=f"{COOKIE}=127.0.0.1:22")
    assert [one for one in headers.get_all("Set-Cookie") if COOKIE in one]


def test_drawing_uploading_saving_and_exporting_work(nginx, context):
    page = open_page(context, nginx.address)
    save_seven(page)
    go_to(page, "My drawings")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export 1").click()
    assert download.value.path().read_bytes().startswith(b"PK")
    go_to(page, "Draw")
    upload(page, 2)


@pytest.mark.parametrize("data", [None, STROKES], ids=["GET", "POST"])
def test_a_request_for_a_dead_replica_is_answered_by_another(nginx, data):
    url = f"{nginx.address}/api/predict/strokes" if data else nginx.address
    status, _ = ask(url, data, Cookie=f"{COOKIE}=app3")
    assert status == HTTPStatus.OK


def test_killing_a_replica_moves_its_users_to_the_other(start_nginx, context):
    replicas = [Server(), Server()]
    try:
        page = open_page(context, start_nginx(replicas).address)
        save_seven(page)
        visitor = read_cookies(context)["digitlab_visitor"]
        dead = find_holder(replicas)
        kill(dead)
        alive = replicas[1 - replicas.index(dead)]

        assert find_holder(replicas) is alive
        wait_until_idle(page)
        page.get_by_role("radio", name="One model").click()
        expect(page.get_by_text("LeNet-5 predicts")).to_be_visible()
        expect_answer(page, 7)
        page.get_by_role("button", name="Clear").click()
        draw_with_mouse(page, TWO)
        expect_answer(page, 2)
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        go_to(page, "My drawings")
        expect(page.locator(".gallery button")).to_have_text("7")

        # When the dead one is back, nobody is torn between the two.
        replicas[replicas.index(dead)] = Server(port=dead.port)
        go_to(page, "Draw")
        upload(page, 3)
        page.reload()
        page.locator("h1").wait_for()
        assert find_holder(replicas) is alive
        cookies = read_cookies(context)
        assert cookies["digitlab_visitor"] == visitor
        assert cookies[COOKIE] == f"app{replicas.index(alive) + 1}"
    finally:
        for one in replicas:
            one.stop()


def test_who_has_only_looked_when_the_replica_dies_can_draw_afterwards(start_nginx, context):
    replicas = [Server(), Server()]
    try:
        page = open_page(context, start_nginx(replicas).address)
        find_pad(page)
        wait_until_idle(page)
        dead = find_holder(replicas)
        kill(dead)
        assert find_holder(replicas) is not dead
        wait_until_idle(page)
        draw_with_mouse(page, SEVEN)
        expect_answer(page, 7)
    finally:
        for one in replicas:
            one.stop()


def test_while_no_replica_lives_a_page_says_so_and_tries_again(start_nginx, context):
    replica = Server()
    try:
        nginx = start_nginx([replica])
        page = context.new_page()
        kill(replica)
        status, headers = ask(nginx.address)
        assert status == HTTPStatus.SERVICE_UNAVAILABLE
        assert headers["Retry-After"] == "5"
        page.goto(nginx.address)
        expect(page.locator("h1")).to_have_text("Digit Lab is starting")
        replica = Server(port=replica.port)
        expect(page.locator("h1")).to_have_text("Draw digits")
    finally:
        replica.stop()


def list_statuses(address: str, *sources: str) -> list[int]:
    """The answers to a request from each of these, which claim all to come from elsewhere."""
    url = f"{address}/api/models/lenet5"
    return [
        ask(url, source=source, X_Forwarded_For=f"192.0.2.{number}")[0]
        for number, source in enumerate(sources)
    ]


def test_a_script_is_sent_from_the_cache_of_nginx_and_compressed(start_nginx):
    replica = Server()
    nginx = start_nginx([replica])
    try:
        with urllib.request.urlopen(nginx.address, timeout=30) as page:
            script = re.search(r"static/js/[^\"]+\.js", page.read().decode())[0]
        url = f"{nginx.address}/{script}"
        assert ask(url, Cookie=f"{COOKIE}=app1")[0] == HTTPStatus.OK
    finally:
        kill(replica)
    status, headers = ask(url, Accept_Encoding="gzip")
    assert status == HTTPStatus.OK
    assert headers["Content-Encoding"] == "gzip"
    assert ask(nginx.address)[0] == HTTPStatus.SERVICE_UNAVAILABLE


def test_requests_are_counted_by_the_address_that_nginx_saw(start_nginx):
    replica = Server(DIGITLAB_API_MAX_REQUESTS_PER_SECOND="3")
    try:
        nginx = start_nginx([replica])
        many = [f"127.0.0.{number}" for number in range(2, 42)]
        assert set(list_statuses(nginx.address, *many)) == {HTTPStatus.OK}
        one = ["127.0.0.50"] * 40
        assert HTTPStatus.TOO_MANY_REQUESTS in list_statuses(nginx.address, *one)
    finally:
        replica.stop()


def test_who_is_not_trusted_cannot_claim_another_address():
    replica = Server(DIGITLAB_API_MAX_REQUESTS_PER_SECOND="3", FORWARDED_ALLOW_IPS="192.0.2.1")
    try:
        one = ["127.0.0.50"] * 40
        assert HTTPStatus.TOO_MANY_REQUESTS in list_statuses(replica.address, *one)
    finally:
        replica.stop()


@pytest.mark.parametrize(
    ("megabytes", "kind"), [(10.5, "application/problem+json"), (12, "text/html")]
)
def test_too_large_a_request_is_refused(nginx, megabytes, kind):
    status, headers = ask(f"{nginx.address}/api/predict/strokes", b" " * int(megabytes * 1e6))
    assert status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert headers.get_content_type() == kind


def test_with_a_certificate_everything_goes_through_https(start_nginx, replicas, context):
    nginx = start_nginx(replicas, "https")
    status, headers = ask(f"http://127.0.0.1:{nginx.ports['8080']}/drawings?digit=7")
    assert status == HTTPStatus.PERMANENT_REDIRECT
    assert headers["Location"] == "https://127.0.0.1/drawings?digit=7"
    status, headers = ask(nginx.address)
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    cookies = headers.get_all("Set-Cookie")
    assert len(cookies) == 2
    assert all(one.endswith("; Secure") for one in cookies)
    page = open_page(context, nginx.address)
    save_seven(page)
    upload(page, 2)


def test_behind_a_proxy_that_ends_tls_cookies_are_for_https_alone(nginx):
    _, headers = ask(nginx.address, X_Forwarded_Proto="https")
    assert headers["Strict-Transport-Security"]
    assert all(one.endswith("; Secure") for one in headers.get_all("Set-Cookie"))
    _, headers = ask(nginx.address)
    assert "Strict-Transport-Security" not in headers
    assert not any("Secure" in one for one in headers.get_all("Set-Cookie"))


def test_what_another_site_sends_is_refused(nginx):
    stream = f"{nginx.address.replace('http', 'ws')}/_stcore/stream"

    def open_stream(origin: str) -> None:
        with connect(stream, origin=origin, subprotocols=["streamlit"]):
            pass

    open_stream(nginx.address)
    with pytest.raises(InvalidStatus, match="403"):
        open_stream("http://elsewhere.example")
    url = f"{nginx.address}/_stcore/upload_file/session/file"
    assert ask(url, b"x", method="PUT")[0] == HTTPStatus.FORBIDDEN
