"""The runs of a page's script, counted from the messages between browser and server."""

from weakref import WeakKeyDictionary

from playwright.sync_api import Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

TIMEOUT = 60_000  # ms; a run may take long where the machine is busy
INTERVAL = 20  # ms between two looks at the counts
# React has rendered what it was told by the second of two frames.
RENDER = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class ScriptRuns:
    """How many runs a page has requested, and how many of them have ended.

    The page itself does not tell: from a request to the first message of its run, which is more
    than a second on a busy machine, its state is "notRunning", and it shows what the run replaces.

    Attributes:
        requested: number of requests.
        answered: number of requests up to the last one that a run which has ended has answered.
    """

    def __init__(self) -> None:
        self.requested = self.answered = 0
        self._running = 0
        self._knows_page = False  # whether the server has run the page since it was connected

    def listen(self, socket: WebSocket) -> None:
        """Count the messages of a connection, in place of the one before."""
        self._knows_page = False
        socket.on("framesent", self._take_sent)
        socket.on("framereceived", self._take_received)

    def _take_sent(self, frame: str | bytes) -> None:
        message = BackMsg()
        if _read_type(message, frame) != "rerun_script":
            return
        # A new server ignores fragments that it does not know yet: no answer will come.
        if self._knows_page or not message.rerun_script.fragment_id:
            self.requested += 1

    def _take_received(self, frame: str | bytes) -> None:
        message = ForwardMsg()
        kind = _read_type(message, frame)
        if kind == "new_session":
            self._running = self.requested
        elif kind == "script_finished" and (
            # Otherwise another run follows at once.
            message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        ):
            self.answered = self._running
            self._knows_page = True


_RUNS: WeakKeyDictionary[Page, ScriptRuns] = WeakKeyDictionary()


def watch_runs(page: Page) -> None:
    """Count the runs of a page from now on; it must not be open yet."""
    _RUNS[page] = runs = ScriptRuns()
    page.on("websocket", runs.listen)


def count_requests(page: Page) -> int:
    """How many runs a watched page has requested."""
    return _RUNS[page].requested


def wait_for_answer(page: Page, *, after: int = 0) -> None:
    """Wait until a watched page shows what its script gave for the last request.

    Args:
        page: the page.
        after: the number of requests before the one to wait for.

    Raises:
        AssertionError: there is no such request, or no answer to it, within ``TIMEOUT``.
    """
    runs = _RUNS[page]
    for _ in range(TIMEOUT // INTERVAL):
        if after < runs.requested == runs.answered:
            page.evaluate(RENDER)
            page.locator("[data-test-script-state=notRunning]").wait_for()
            return
        page.wait_for_timeout(INTERVAL)
    raise AssertionError(
        f"expected an answer to more than {after} requests, got {runs.answered} answered of "
        f"{runs.requested}"
    )


def _read_type(message: BackMsg | ForwardMsg, frame: str | bytes) -> str | None:
    if isinstance(frame, bytes):
        message.ParseFromString(frame)
    return message.WhichOneof("type")
