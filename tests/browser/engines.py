"""Firefox and WebKit: just enough of each to draw on a page, press keys and read what it shows.

Playwright drives only builds of its own of these two. So Firefox is driven by WebDriver BiDi over
its debugging port, and WebKitGTK by its WebDriver on a virtual screen. What one engine is told to
do, called actions, has the same form in both.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.servers import find_free_port

WIDTH, HEIGHT = 1280, 800
# Seconds within which what should be there appears, and between two looks.
TIMEOUT, INTERVAL = 60, 0.05
ENTER = "\ue006"
PREFERENCES = {
    "app.update.disabledForTesting": True,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "ui.prefersReducedMotion": 1,
}
# Elements inside the roots of components too.
FIND_ALL = """const findAll = (selector, root = document) => [
  ...root.querySelectorAll(selector),
  ...[...root.querySelectorAll("*")].flatMap(
    ({ shadowRoot }) => shadowRoot ? findAll(selector, shadowRoot) : []),
];"""


class Engine:
    """A window of a browser, with cookies of its own."""

    def open(self, address: str) -> None:
        """Go to an address."""
        raise NotImplementedError

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript, which may call ``findAll(selector)``."""
        raise NotImplementedError

    def perform(self, *sources: dict[str, Any]) -> None:
        """Perform actions, as WebDriver defines them."""
        raise NotImplementedError

    def wait_for(self, expression: str) -> Any:
        """Wait until an expression has a value that counts as true, and return it."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            if value := self.evaluate(expression):
                return value
            time.sleep(INTERVAL)
        raise AssertionError(f"expected {expression} within {TIMEOUT} seconds")

    def draw(
        self, strokes: Sequence[Sequence[tuple[float, float]]], place: Sequence[float]
    ) -> None:
        """Draw strokes with the mouse on a place: its left, its top, and how large its unit is."""
        for stroke in strokes:
            self.hold_pen_down(stroke, place)
            self.lift_pen()

    def hold_pen_down(self, stroke: Sequence[tuple[float, float]], place: Sequence[float]) -> None:
        """Draw a stroke on a place as ``draw`` does, and leave the mouse's button down."""
        left, top, scale = place
        moves = [_move(left + scale * x, top + scale * y) for x, y in stroke]
        self._use_mouse(moves[0], {"type": "pointerDown", "button": 0}, *moves[1:])

    def lift_pen(self) -> None:
        """Let go of the mouse's button."""
        self._use_mouse({"type": "pointerUp", "button": 0})

    def click(self, element: str) -> None:
        """Click the middle of an element, an expression of JavaScript, once it is in sight."""
        x, y = self.wait_for(f"""(element => {{
          if (!element) return null;
          element.scrollIntoView({{ block: "nearest" }});
          const {{ left, top, width, height }} = element.getBoundingClientRect();
          return [left + width / 2, top + height / 2];
        }})({element})""")
        self.draw([[(x, y)]], (0, 0, 1))

    def press(self, key: str) -> None:
        """Press a key."""
        strokes = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.perform({"type": "key", "id": "keyboard", "actions": strokes})

    def _use_mouse(self, *actions: dict[str, Any]) -> None:
        mouse = {"parameters": {"pointerType": "mouse"}, "actions": actions}
        self.perform({"type": "pointer", "id": "mouse", **mouse})


Point = tuple[float, float]


def _move(x: float, y: float) -> dict[str, Any]:
    return {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0}


class Firefox(Engine):
    """Firefox by WebDriver BiDi. Use ``open_firefox``."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._calls = 0
        self._call("session.new", capabilities={})
        # The focus is in the address bar of the first tab, and in the page of another one.
        self._page = self._call("browsingContext.create", type="tab")["context"]
        self._tell("browsingContext.setViewport", viewport={"width": WIDTH, "height": HEIGHT})

    def open(self, address: str) -> None:
        self._tell("browsingContext.navigate", url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        code = f"(() => {{ {FIND_ALL} return JSON.stringify(({expression}) ?? null); }})()"
        target = {"context": self._page}
        answer = self._call("script.evaluate", expression=code, target=target, awaitPromise=False)
        if answer["type"] == "exception":
            raise AssertionError(f"{expression}: {answer['exceptionDetails']['text']}")
        return json.loads(answer["result"]["value"])

    def perform(self, *sources: dict[str, Any]) -> None:
        self._tell("input.performActions", actions=sources)

    def _tell(self, method: str, **parameters: Any) -> None:
        self._call(method, context=self._page, **parameters)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._calls += 1
        call = {"id": self._calls, "method": method, "params": parameters}
        self._connection.send(json.dumps(call))
        while True:
            answer = json.loads(self._connection.recv(TIMEOUT))
            if answer.get("id") == self._calls:
                if answer["type"] == "error":
                    raise AssertionError(f"{method}: {answer['message']}")
                return answer["result"]


class WebKit(Engine):
    """WebKitGTK's small browser by WebDriver. Use ``open_webkit``."""

    def __init__(self, driver: str) -> None:
        self._session = f"{driver}/session"
        answer = self._send("", {"capabilities": {}})
        self._session += f"/{answer['sessionId']}"
        self._send("/window/rect", {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT})

    def open(self, address: str) -> None:
        self._send("/url", {"url": address})

    def evaluate(self, expression: str) -> Any:
        script = f"{FIND_ALL} return {expression};"
        return self._send("/execute/sync", {"script": script, "args": []})

    def perform(self, *sources: dict[str, Any]) -> None:
        self._send("/actions", {"actions": sources})

    def close(self) -> None:
        """Close the window, which its driver would leave open."""
        self._send("", None)

    def _send(self, path: str, body: dict[str, Any] | None) -> Any:
        request = urllib.request.Request(
            self._session + path,
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method="DELETE" if body is None else "POST",
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return json.load(answer)["value"]


@contextmanager
def open_firefox(folder: Path) -> Iterator[Firefox]:
    """A window of Firefox, with its profile in an empty folder; FileNotFoundError without one."""
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items()]
    (folder / "user.js").write_text("".join(lines))
    port = find_free_port()
    options = ["--headless", "--no-remote", "--profile", folder, f"--remote-debugging-port={port}"]
    with _run(_find("firefox-esr", "firefox"), *options):
        _wait_for_port(port)
        with connect(f"ws://127.0.0.1:{port}/session", max_size=None) as connection:
            yield Firefox(connection)


@contextmanager
def open_webkit(folder: Path) -> Iterator[WebKit]:
    """A window of WebKit, with its settings in a folder; FileNotFoundError without one."""
    driver, port = _find("WebKitWebDriver"), find_free_port()
    with _open_screen() as display, _run(driver, f"--port={port}", DISPLAY=display, HOME=folder):
        _wait_for_port(port)
        engine = WebKit(f"http://127.0.0.1:{port}")
        try:
            yield engine
        finally:
            engine.close()


@contextmanager
def _open_screen() -> Iterator[str]:
    """A virtual screen; its name."""
    size = f"{WIDTH}x{HEIGHT + 200}x24"  # a window has bars above the page
    with _run(_find("Xvfb"), "-displayfd", "1", "-screen", "0", size) as screen:
        yield f":{screen.stdout.readline().decode().strip()}"


@contextmanager
def _run(program: str, *options: str | Path, **variables: str | Path) -> Iterator[Any]:
    """A program while a ``with`` block runs; what it prints can be read."""
    process = subprocess.Popen(
        [program, *options],
        env={**os.environ, **{name: str(value) for name, value in variables.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def _find(*names: str) -> str:
    """The first of these programs that is on this machine."""
    for name in names:
        if program := shutil.which(name):
            return program
    raise FileNotFoundError(names[0])


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(INTERVAL)
    raise AssertionError(f"expected a browser at port {port} within {TIMEOUT} seconds")
