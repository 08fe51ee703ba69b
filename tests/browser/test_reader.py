"""The Draw page predicts in the browser: while the pen is down, and without the server."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from core.digits.strokes import strokes_from_canvas
from core.models.files import DEFAULT_MODEL_IDS
from tests.browser.conftest import (
    DESKTOP,
    PAD_SIDE,
    TIMEOUT,
    count_ink,
    draw_with_mouse,
    find_pad,
    go_to,
    hold_pen_down,
    open_own_server,
    read_pad,
    restart,
)
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.browser.test_draw import (
    FOUR_TWO,
    INVITATION,
    SEVEN,
    TWO,
    draw_picture,
    expect_answer,
    expect_cited,
    upload,
)

TOO_SMALL = "The drawing is too small. Draw the digit larger."
PAGES = {"desktop": False, "phone": True}
# The points of the pen as the canvas will send them, and as it has sent them.
PENDING = """async ([path, side]) => {
  const { readPen } = await import(new URL(path + "strokes.js", document.baseURI).href);
  const { lines } = globalThis[Symbol.for("digitlab.pads")].inks.get("pad");
  return lines.flatMap(({ points }) => readPen(points, side));
}"""
# The points of the pen, and the strokes that the browser reads from what the canvas has sent.
PEN = """() => globalThis[Symbol.for("digitlab.pads")].inks.get("pad").lines.at(-1).points"""
READ = """async ([path, side]) => {
  const { readCanvas } = await import(new URL(path + "strokes.js", document.baseURI).href);
  return readCanvas(globalThis[Symbol.for("digitlab.pads")].inks.get("pad").drawing, side);
}"""
# The modes of the roots that the pad's two canvases are in, as far as a script can reach them.
ROOTS = """() => ["upper-canvas", "lower-canvas"].map((name) =>
  [...document.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot)
    .find((root) => root?.querySelector(`canvas.${name}`))?.mode)"""
# Every set of answers that a frame of the animation showed, in the shadow roots of components too.
RECORD_ANSWERS = """() => {
  window.answers = [];
  const find = (root) => [...root.querySelectorAll("*")].flatMap((element) => [
    ...(element.dataset?.testid === "answer" ? [element.textContent] : []),
    ...(element.shadowRoot ? find(element.shadowRoot) : []),
  ]);
  const record = () => {
    window.answers.push(find(document));
    requestAnimationFrame(record);
  };
  record();
}"""
SENT = """() => globalThis[Symbol.for("digitlab.pads")].inks.get("pad").drawing"""


def wait_until_ready(page: Page) -> None:
    page.locator(".reader[data-ready=true]").wait_for(state="attached")


def find_modules(page: Page) -> str:
    """The address of the folder of pages/live."""
    return page.locator(".reader").evaluate(
        "() => performance.getEntriesByType('resource').map(({ name }) => name)"
        ".find((name) => name.endsWith('/reader.js')).slice(0, -'reader.js'.length)"
    )


def test_a_digit_is_predicted_while_the_pen_is_down_and_asked_about_once_it_is_up(open_page):
    page = open_page()
    wait_until_ready(page)
    hold_pen_down(page, [(160, 40), (160, 100), (160, 280)])
    expect_answer(page, 1)
    expect(page.get_by_role("button", name="Yes, a 1")).to_be_hidden()
    expect(page.get_by_role("status")).to_be_empty()
    page.mouse.up()
    expect(page.get_by_role("button", name="Yes, a 1")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("All 3 models predict 1.")


def test_each_digit_of_a_number_appears_as_it_is_written(open_page):
    page = open_page()
    wait_until_ready(page)
    draw_with_mouse(page, FOUR_TWO[:2])
    expect_answer(page, 4)
    hold_pen_down(page, FOUR_TWO[2])
    expect_answer(page, 42)
    page.mouse.up()
    expect_answer(page, 42)


def test_a_stroke_runs_the_pad_alone_and_the_server_has_it(open_page):
    page = open_page()
    wait_until_ready(page)
    wait_for_answer(page)
    requests = count_requests(page)
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    wait_for_answer(page, after=requests)
    assert count_requests(page) == requests + 1
    page.get_by_role("button", name="Yes, a 7").click()
    expect(page.get_by_text("Saved as a 7.")).to_be_visible()


def test_what_the_pen_has_drawn_is_predicted_as_what_the_canvas_sends(open_page):
    page = open_page()
    wait_until_ready(page)
    address = find_modules(page)
    for stroke in (TWO[0], [(60, 60)], [(60, 300), (64, 300), (64.2, 300), (200, 280)]):
        before = len(page.evaluate(SENT)["objects"])
        hold_pen_down(page, stroke)
        drawn = [np.array(line) for line in page.evaluate(PENDING, [address, 320])][-1]
        requests = count_requests(page)
        page.mouse.up()
        wait_for_answer(page, after=requests)
        sent = strokes_from_canvas(page.evaluate(SENT))
        assert len(sent) == before + 1
        assert np.abs(drawn[[0, -1]] - sent[-1][[0, -1]]).max() < 1
        # A pen at rest gives a canvas one point more.
        if len(drawn) == len(sent[-1]):
            assert np.abs(drawn - sent[-1]).max() < 1


def test_strokes_with_sharp_turns_are_read_where_the_pen_drew_them(open_page):
    page = open_page()
    wait_until_ready(page)
    box = find_pad(page).bounding_box()
    # Whole pixels of the screen, because the canvas leaves out what a mouse event has beside them.
    corner = np.array([box["x"], box["y"]], int)
    rng = np.random.default_rng(0)
    pens = []
    for corners in (3, 4, 4, 5, 5, 6):
        start, *rest = corner + rng.integers(20, int(box["width"]) - 20, (corners, 2))
        page.mouse.move(*start.tolist())
        page.mouse.down()
        for point in rest:
            page.mouse.move(*point.tolist())
        pens.append(np.array(page.evaluate(PEN)))
        page.mouse.up()
    page.wait_for_function(f"number => ({SENT})()?.objects.length === number", arg=len(pens))
    sent = strokes_from_canvas(page.evaluate(SENT))
    read = page.evaluate(READ, [find_modules(page), PAD_SIDE])
    for pen, stroke, twin in zip(pens, sent, read, strict=True):
        assert stroke[[0, -1]] == pytest.approx(pen[[0, -1]], abs=0.6)
        # The browser rounds to hundredths.
        assert np.array(twin) == pytest.approx(stroke, abs=0.0051)


def test_the_canvases_of_the_pad_have_their_names_and_are_in_an_open_root(open_page):
    page = open_page()
    wait_until_ready(page)
    assert page.evaluate(ROOTS) == ["open", "open"]


@pytest.mark.parametrize("name", PAGES)
def test_undo_clear_a_sample_and_another_choice_of_models_show_at_once(open_page, name):
    page = open_page(phone=PAGES[name])
    wait_until_ready(page)
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_test_id("answer")).to_have_count(0)
    expect(page.get_by_text(INVITATION)).to_be_visible()
    page.get_by_role("button", name="Redo").click()
    expect_answer(page, 7)
    page.get_by_role("radio", name="One model").click()
    expect(page.get_by_text(re.compile("^LeNet-5 predicts 7 with")).first).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_test_id("answer")).to_have_count(0)
    page.get_by_role("button", name="Give me a digit").click()
    expect(page.get_by_test_id("answer")).to_have_text(re.compile(r"^\d$"))


def test_undo_redo_and_clear_change_the_answer_before_the_server_has_answered(server, browser):
    """The server gets nothing while ``held`` is a list, and all of it afterwards."""
    held: list[str | bytes] | None = None
    servers: list[WebSocketRoute] = []

    def route(socket: WebSocketRoute) -> None:
        servers.append(socket.connect_to_server())
        servers[-1].on_message(socket.send)
        socket.on_message(
            lambda sent: servers[-1].send(sent) if held is None else held.append(sent)
        )

    context = browser.new_context(viewport=DESKTOP)
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    page.route_web_socket("**/_stcore/stream", route)
    page.goto(server.address)
    wait_until_ready(page)
    draw_with_mouse(page, FOUR_TWO)
    expect_answer(page, 42)
    page.wait_for_timeout(1000)  # the server has the drawing
    held = []
    page.get_by_role("button", name="Undo").click()
    expect_answer(page, 4)
    draw_with_mouse(page, FOUR_TWO[2:])
    expect_answer(page, 42)
    page.get_by_role("button", name="Undo").click()
    expect_answer(page, 4)
    page.get_by_role("button", name="Redo").click()
    expect_answer(page, 42)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_test_id("answer")).to_have_count(0)
    assert count_ink(page) == 0
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    ink = count_ink(page)
    held, waiting = None, held
    for sent in waiting:
        servers[-1].send(sent)
    page.get_by_role("button", name="Yes, a 7").click()
    expect(page.get_by_text("Saved as a 7.")).to_be_visible()
    assert count_ink(page) == ink
    context.close()


def test_the_pad_predicts_while_the_server_is_away_and_the_drawing_is_kept(browser):
    page, server = open_own_server(browser)
    try:
        wait_until_ready(page)
        server.stop()
        notice = page.get_by_role("alert").filter(has_text="has lost its connection")
        expect(notice).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        draw_with_mouse(page, FOUR_TWO[:2])
        expect_answer(page, 4)
        draw_with_mouse(page, FOUR_TWO[2:])
        expect_answer(page, 42)
        server = restart(page, server)
        expect(notice).to_have_count(0)
        expect_answer(page, 42)
        page.get_by_role("button", name="Yes, 42").click()
        expect(page.get_by_text("Saved 2 digits.")).to_be_visible()
        metrics = page.request.get(f"{server.address}/api/metrics").text()
        assert (
            re.search(r"^digitlab_browser_differences_total (.*)$", metrics, re.MULTILINE)[1]
            == "0.0"
        )
    finally:
        server.stop()
        page.context.close()


@pytest.mark.parametrize("missing", ["**/live/**", "**/api/models/mlp/browser*"])
def test_where_the_browser_cannot_predict_the_server_does(open_page, missing):
    page = open_page("models")

    def refuse(route: Route) -> None:
        route.fulfill(status=404, body="no")

    page.route(missing, refuse)
    go_to(page, "Draw")
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    expect(page.locator(".stHtml .bar")).to_have_count(10 * len(DEFAULT_MODEL_IDS))
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_test_id("answer")).to_have_count(0)
    draw_with_mouse(page, TWO)
    expect_answer(page, 2)


def test_another_tab_leaves_the_drawing_on_the_pad(open_page):
    page = open_page()
    wait_until_ready(page)
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    ink = count_ink(page)
    for tab in ("Steps", "API", "Answer"):
        requests = count_requests(page)
        page.get_by_role("tab", name=tab).click()
        wait_for_answer(page, after=requests)
        assert count_ink(page) == ink
    draw_with_mouse(page, [[(20, 250), (60, 250)]])
    assert count_ink(page) > ink


def test_a_dot_is_too_small_to_be_a_digit(open_page):
    page = open_page()
    wait_until_ready(page)
    draw_with_mouse(page, [[(160, 160), (161, 160)]])
    expect(page.get_by_text(TOO_SMALL)).to_be_visible()


def test_the_command_for_the_api_waits_for_a_drawing_that_is_large_enough(open_page):
    page = open_page("?tab=API")
    wait_until_ready(page)
    draw_with_mouse(page, [[(160, 160), (161, 160)]])
    expect(page.get_by_text(TOO_SMALL).locator("visible=true")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_answers_to_a_drawing_and_to_a_picture_are_never_shown_together(open_page):
    page = open_page("?source=Upload")
    upload(page, draw_picture(2))
    expect_answer(page, 2)
    page.get_by_role("tab", name="Draw").click()
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    wait_for_answer(page)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
    page.evaluate(RECORD_ANSWERS)
    for tab, answer in [("Upload", 2), ("Draw", 7), ("Upload", 2)]:
        page.get_by_role("tab", name=tab).click()
        expect_answer(page, answer)
    shown = page.evaluate("window.answers")
    assert ["7"] in shown
    assert ["2"] in shown
    assert max(map(len, shown)) == 1


def test_keys_undo_redo_clear_and_answer_the_question(open_page):
    page = open_page()
    wait_until_ready(page)
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    page.keyboard.press("Control+z")
    expect(page.get_by_test_id("answer")).to_have_count(0)
    page.keyboard.press("Control+y")
    expect_answer(page, 7)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved as a 7.")).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")  # no frame around the page
    page.keyboard.press("1")
    expect(page.get_by_text("Saved as a 1.")).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("answer")).to_have_count(0)
    page.keyboard.press("3")  # there is nothing to answer
    go_to(page, "My drawings")
    captions = page.locator(".gallery button")
    expect(captions).to_have_count(1)
    expect(captions).to_have_text(re.compile("^1"))


def test_keys_are_meant_for_what_has_the_focus(open_page):
    page = open_page()
    wait_until_ready(page)
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    page.get_by_role("button", name="Pen").focus()
    for key in ("3", "Delete", "Control+z"):
        page.keyboard.press(key)
    expect_answer(page, 7)
    expect(page.get_by_text("Saved as")).to_have_count(0)


def test_after_a_button_of_the_pad_the_keys_that_undo_and_clear_work(open_page):
    page = open_page()
    wait_until_ready(page)
    draw_with_mouse(page, FOUR_TWO)
    expect_answer(page, 42)
    page.get_by_role("button", name="Undo").click()
    expect_answer(page, 4)
    page.keyboard.press("Control+y")
    expect_answer(page, 42)
    page.get_by_role("button", name="Undo").click()
    expect_answer(page, 4)
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("answer")).to_have_count(0)


def test_a_digit_key_answers_while_the_list_of_digits_is_open(open_page):
    page = open_page()
    wait_until_ready(page)
    draw_with_mouse(page, SEVEN)
    page.get_by_role("button", name="No, it is").click()
    page.keyboard.press("1")
    expect(page.get_by_text("Saved as a 1.")).to_be_visible()


def test_what_is_typed_takes_the_place_of_a_wrong_number(open_page):
    page = open_page()
    wait_until_ready(page)
    draw_with_mouse(page, FOUR_TWO)
    page.get_by_role("button", name="No, it is").click()
    page.keyboard.type("47")
    expect(page.get_by_label("The correct number")).to_have_value("47")


SIZES = {
    "phone": (390, 844),
    "phone sideways": (844, 390),
    "tablet": (820, 1180),
    "laptop": (1280, 800),
    "laptop, 150 %": (853, 533),
    "screen": (1920, 1080),
}


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_pad_and_the_number_are_in_sight_and_ink_lies_under_the_pen(open_page, size):
    width, height = SIZES[size]
    page = open_page()
    page.set_viewport_size({"width": width, "height": height})
    wait_until_ready(page)
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    pad, answer = find_pad(page).bounding_box(), page.get_by_test_id("answer").bounding_box()
    for box in (pad, answer):
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
    assert pad["width"] == pytest.approx(pad["height"])
    # The pen is 20 pixels of the pad wide, and the canvas rounds its corners.
    rows, columns = np.nonzero(read_pad(page))
    drawn = np.array(SEVEN[0])
    for pixels, points in ((columns, drawn[:, 0]), (rows, drawn[:, 1])):
        shown = np.array([pixels.min() + 10, pixels.max() - 9]) * PAD_SIDE / side_of(page)
        assert shown == pytest.approx([points.min(), points.max()], abs=8)


def side_of(page: Page) -> int:
    """The side of the canvas, in pixels of its picture."""
    return page.locator("canvas.upper-canvas").evaluate("canvas => canvas.width")


def test_the_pad_stays_in_sight_beside_a_long_answer(open_page):
    page = open_page("?tab=API")
    draw_with_mouse(page, SEVEN)
    expect_cited(page, 7)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 400)")
    pad = find_pad(page).bounding_box()
    assert pad["y"] >= 0
    ink = count_ink(page)
    draw_with_mouse(page, [[(20, 250), (60, 250)]])
    assert count_ink(page) > ink
