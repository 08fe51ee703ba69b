"""A page that has nothing but the modules of pages/live, and needs no server."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Browser, Route

from core.inference.browser_file import list_constants, write_browser_file
from core.inference.detector import read_detector
from core.models.files import LITERT_FILE, load_card, read_file
from tests.servers import ROOT

FOLDER = ROOT / "pages/live"
ORIGIN = "http://modules.test/"
LOAD = """async (names) => {
  const modules = await Promise.all(names.map((name) => import(`./${name}`)));
  window.live = Object.assign({}, ...modules);
  live.networks = {};
  live.get = async (name) => {
    const load = async () => live.readNetwork(await (await fetch(name)).arrayBuffer());
    return (live.networks[name] ??= await load());
  };
}"""
RUN = """async ({ name, frames }) => {
  return [...live.runNetwork(await live.get(name), new Float32Array(frames.flat()))];
}"""
DRAW = """drawings => drawings.map((strokes) =>
    live.isDrawing(strokes) ? [...live.drawFrame(strokes)] : null)"""
READ = """async ({ drawings, judge, detector, models }) => {
  const engine = live.buildEngine(
      await Promise.all(judge.map(live.get)), detector && await live.get(detector));
  const networks = await Promise.all(models.map(live.get));
  return drawings.map((strokes) => {
    const number = live.readNumber(strokes, networks, engine);
    return number && { ...number, rows: number.rows.map((row) => row.map((digit) => ({
      ...digit, frame: [...digit.frame], probabilities: digit.probabilities.map((own) => [...own]),
    }))) };
  });
}"""

Strokes = Sequence[npt.ArrayLike]


class LiveModules:
    """The modules, whose functions run in the page; networks are files that were added."""

    def __init__(self, browser: Browser) -> None:
        """Open the page in a window of its own."""
        self._files: dict[str, bytes] = {}
        self.page = browser.new_page()
        self.page.route(f"{ORIGIN}**", self._answer)
        self.page.goto(ORIGIN)
        self.page.evaluate(LOAD, sorted(path.name for path in FOLDER.glob("*.js")))

    def _answer(self, route: Route) -> None:
        name = route.request.url.removeprefix(ORIGIN)
        if name in self._files:
            route.fulfill(body=self._files[name])
        elif name:
            route.fulfill(path=FOLDER / name, content_type="text/javascript")
        else:
            route.fulfill(body="", content_type="text/html")

    def add_file(self, name: str, contents: bytes) -> None:
        """Add a file that the page can fetch."""
        self._files[name] = contents

    def add_network(self, name: str, model: bytes, constants: Mapping[str, float]) -> None:
        """Add the network in the contents of a LiteRT file."""
        self.add_file(name, write_browser_file(model, constants))

    def add_built_in(self, model_ids: Sequence[str]) -> None:
        """Add built-in models, and the detector."""
        for model_id in model_ids:
            card, model = load_card(model_id), read_file(model_id, LITERT_FILE)
            self.add_network(model_id, model, list_constants(card))
        settings, model = read_detector()
        self.add_network("detector", model, {"threshold": settings.threshold})

    def run_network(self, name: str, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """The outputs of a network for ``(N, 28, 28)`` frames, ``(N, K)``."""
        flat = frames.reshape(len(frames), -1).tolist()
        outputs = self.page.evaluate(RUN, {"name": name, "frames": flat})
        return np.array(outputs).reshape(len(frames), -1)

    def draw_frames(self, drawings: Sequence[Strokes]) -> list[npt.NDArray[np.float32] | None]:
        """The frame of each drawing, ``(28, 28)``; None for too little ink."""
        found = self.page.evaluate(DRAW, list_points(drawings))
        return [one and np.array(one, np.float32).reshape(28, 28) for one in found]

    def read_numbers(
        self, drawings: Sequence[Strokes], models: Sequence[str], judge: Sequence[str]
    ) -> list[dict[str, Any] | None]:
        """What the engine reads in each drawing; None for too little ink."""
        arguments = {"judge": judge, "detector": "detector", "models": models}
        return self.page.evaluate(READ, {"drawings": list_points(drawings), **arguments})

    def close(self) -> None:
        """Close the window."""
        self.page.close()


def list_points(drawings: Sequence[Strokes]) -> list[list[list[list[float]]]]:
    """Drawings as lists of strokes, which are lists of points."""
    return [[np.asarray(stroke, float).tolist() for stroke in strokes] for strokes in drawings]
