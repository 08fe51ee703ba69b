"""In Firefox and in WebKit: drawings are read as in Chromium, and none gets a wrong label."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from core.digits.frame import frame_from_strokes
from core.server.browser_modules import load_modules
from core.synthesis.glyphs import draw_sample
from tests.browser.engines import ENTER, Engine, open_firefox, open_webkit
from tests.browser.live_modules import FOLDER, list_points
from tests.browser.many_drawings import draw_many
from tests.browser.test_draw import draw_picture
from tests.required import BROWSER, skip_unless_required
from tests.servers import Server

PROMPT = "document.querySelector('[data-testid=prompt] b')?.innerText"
IDLE = "document.querySelector('[data-test-script-state=notRunning]') !== null"
# The pad's corner, and how large its pixels are, once its style and its controls are there, and
# nothing moves it any more.
PAD = """(() => {
  const canvas = findAll("canvas.upper-canvas[role=img]")[0];
  const style = canvas?.getRootNode().querySelector("link[rel=stylesheet]");
  if (!style?.sheet || !(IDLE)) return null;
  const { left, top, width } = canvas.getBoundingClientRect();
  return [left, top, width / parseFloat(canvas.style.width)];
})()""".replace("IDLE", IDLE)
INK = """(() => {
  const canvas = findAll("canvas.dc-canvas.lower-canvas")[0];
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, index) => index % 4 === 0 && value > 128).length;
})()"""
# Has the page note each change of its connection and of its script's state.
WATCH = """(app => {
  globalThis.states = [];
  const { dataset } = app;
  const note = () => states.push(`${dataset.testConnectionState} ${dataset.testScriptState}`);
  new MutationObserver(note).observe(app, { attributes: true });
  return true;
})(document.querySelector("[data-test-script-state]"))"""
HAS_RUN_AGAIN = """(() => {
  const since = states.slice(states.findLastIndex(state => !state.startsWith("CONNECTED")) + 1);
  return since.length < states.length && since.includes("CONNECTED running") &&
    since.at(-1) === "CONNECTED notRunning";
})()"""
CHOOSE = """(bytes => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(bytes)], "2.png", { type: "image/png" }));
  const input = document.querySelector(".st-key-upload input");
  input.files = files.files;
  return input.dispatchEvent(new Event("change", { bubbles: true }));
})(BYTES)"""
SENT = """performance.getEntriesByType("resource")
  .filter(({ name }) => name.includes("upload_file")).length"""
IS_TWO = "document.querySelector('[data-testid=answer]')?.innerText === '2'"
ANSWER = "findAll('[data-testid=answer]')[0]?.innerText"
# Whether the page asks about the digit, as it does once the pen is up.
QUESTION = "findAll('button.yes').some(one => getComputedStyle(one).visibility === 'visible')"
KEEP = "({ drawFrame }) => { globalThis.drawFrame = drawFrame; }"
UNDO = "findAll('button[data-presses=Undo]:enabled')[0]"
CLEAR = "findAll('button[data-clears]:enabled')[0]"
LINE = [[(160.0, 60.0), (160.0, 160.0), (160.0, 260.0)]]


@pytest.fixture(params=[open_firefox, open_webkit])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    opened: Callable[[Path], AbstractContextManager[Engine]] = request.param
    try:
        window = opened(tmp_path)
        started = window.__enter__()
    except FileNotFoundError as error:
        skip_unless_required(BROWSER, f"there is no {error}: apt install it")
    yield started
    window.__exit__(None, None, None)


def draw(engine: Engine, strokes: Sequence[Sequence[tuple[float, float]]]) -> int:
    """Draw on the pad; how many of its pixels have ink then."""
    engine.draw(strokes, engine.wait_for(PAD))
    return engine.wait_for(INK)


def wait_for_text(engine: Engine, text: str) -> None:
    engine.wait_for(f"document.body.innerText.includes({text!r})")


def wait_for_empty_pad(engine: Engine) -> None:
    engine.wait_for(f"{IDLE} && {INK} === 0")


def press_enter_on(engine: Engine, element: str) -> None:
    engine.evaluate(f"{element}.focus()")
    engine.press(ENTER)


def count_saved(engine: Engine, digit: str) -> str:
    """How many drawings of a digit are saved, of how many."""
    return engine.evaluate(
        "[...document.querySelectorAll('.tally li')]"
        f".find(one => one.querySelector('b').innerText === {digit!r}).innerText.split(' ').at(-1)"
    )


def test_a_digit_is_read_before_the_pen_is_up_undone_cleared_and_read_again(engine, server):
    engine.open(server.address)
    engine.wait_for("findAll('.reader[data-ready=true]').length > 0")
    place = engine.wait_for(PAD)
    random = np.random.default_rng(3)
    for digit, button in ((1, UNDO), (3, CLEAR), (7, None)):
        drawing = draw_sample(digit, style="plain", canvas_size=320, random=random)
        *before, last = [[(float(x), float(y)) for x, y in one[::3]] for one in drawing]
        engine.draw(before, place)
        engine.hold_pen_down(last, place)
        engine.wait_for(f"{ANSWER} === '{digit}'")
        assert not engine.evaluate(QUESTION)
        engine.lift_pen()
        engine.wait_for(QUESTION)
        assert engine.evaluate(ANSWER) == str(digit)
        if button:
            engine.click(button)
            engine.wait_for(f"{ANSWER} === undefined && {INK} === 0")


def test_the_frames_of_a_hundred_drawings_are_those_of_the_server(engine, server):
    drawings = draw_many()[::10]
    engine.open(server.address)
    engine.evaluate(f"void import('/{load_modules(FOLDER).path}frame.js').then({KEEP})")
    engine.wait_for("globalThis.drawFrame !== undefined")
    points = json.dumps(list_points(drawings))
    found = engine.evaluate(f"{points}.map(strokes => [...drawFrame(strokes)])")
    expected = [frame_from_strokes(drawing).ravel() for drawing in drawings]
    assert len(drawings) == 100
    assert np.abs(np.array(found) - expected).max() <= 1 / 255 + 1e-6


def test_the_prompt_stays_with_the_drawing_when_the_repetitions_change(engine, server):
    engine.open(f"{server.address}/collect?each=2")
    ink = draw(engine, LINE)
    prompt = engine.evaluate(PROMPT)
    for each in (10, 5):
        engine.click(
            "[...document.querySelectorAll('[role=radio]')]"
            f".find(one => one.innerText.trim() === '{each}')"
        )
        wait_for_text(engine, f"0 of {10 * each} saved")
        engine.wait_for(IDLE)
        assert engine.evaluate(PROMPT) == prompt
        assert engine.evaluate(INK) == ink
    engine.click("document.querySelector('.st-key-save button')")
    wait_for_text(engine, "1 of 50 saved")
    assert count_saved(engine, prompt) == "1/5"


def test_prompt_and_drawing_outlive_an_outage(engine):
    running = Server()
    try:
        engine.open(f"{running.address}/collect?each=2")
        ink = draw(engine, LINE)
        prompt = engine.evaluate(PROMPT)
        engine.evaluate(WATCH)
        running.stop()
        running = Server(port=running.port)
        engine.wait_for(f"{HAS_RUN_AGAIN} && {INK} === {ink} && {PROMPT} === {prompt!r}")
        engine.press(ENTER)
        wait_for_text(engine, "1 of 20 saved")
        assert count_saved(engine, prompt) == "1/2"
    finally:
        running.stop()


def test_an_uploaded_picture_outlives_an_outage(engine):
    running = Server()
    try:
        engine.open(f"{running.address}/?source=Upload")
        engine.wait_for(f"{IDLE} && document.querySelector('.st-key-upload input') !== null")
        engine.evaluate(CHOOSE.replace("BYTES", str(list(draw_picture(2)))))
        engine.wait_for(IS_TWO)
        sent = engine.evaluate(SENT)
        engine.evaluate(WATCH)
        running.stop()
        running = Server(port=running.port)
        engine.wait_for(f"{HAS_RUN_AGAIN} && {SENT} > {sent} && {IS_TWO}")
    finally:
        running.stop()


def test_enter_presses_the_button_or_follows_the_link_that_has_the_focus(engine, server):
    engine.open(f"{server.address}/collect?each=2")
    draw(engine, LINE)
    engine.press(ENTER)
    wait_for_text(engine, "1 of 20 saved")
    wait_for_empty_pad(engine)
    draw(engine, LINE)
    press_enter_on(engine, "document.querySelector('.st-key-skip button')")
    wait_for_empty_pad(engine)
    wait_for_text(engine, "1 of 20 saved")
    draw(engine, LINE)
    press_enter_on(engine, "document.querySelector('.st-key-undo button')")
    wait_for_text(engine, "0 of 20 saved")
    wait_for_empty_pad(engine)
    draw(engine, LINE)
    engine.click("document.querySelector('[data-testid=stTopNavSection]')")
    engine.wait_for("document.querySelector('[role=menuitem]') !== null")
    press_enter_on(engine, "document.querySelector('[role=menuitem]')")
    engine.wait_for("document.querySelector('h1')?.innerText !== 'Collect your handwriting'")
    engine.open(f"{server.address}/drawings")
    wait_for_text(engine, "You have not saved any drawings yet")
