"""A model to take home: one HTML file with its network, the browser's engine and a pad.

The file needs no server and no network. It holds what the Draw page loads: modules of
``pages/live``, and the networks of the model, of LeNet-5, which finds the digits, and of the
detector. Their weights are rounded, so that the file is small enough to be sent to everybody.
"""

import gzip
import html
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from core.figures.style import colour_models
from core.inference.browser_file import list_constants, write_browser_file
from core.inference.detector import read_detector
from core.inference.judge import choose_judges
from core.models.card import ModelCard
from core.models.files import LITERT_FILE, read_file
from core.server.model_cache import list_built_in_cards

PAGES = Path(__file__).parents[2] / "pages"
FOLDERS = (PAGES / "live", PAGES / "take_home")  # with the modules
STYLES = (
    PAGES / "widgets/probabilities.css",
    PAGES / "parts/draw/reader.css",
    PAGES / "take_home/page.css",
)
# Modules are found by this prefix: in one file they have no addresses of their own.
PREFIX = "digitlab/"
FIRST_MODULE = "page.js"
IMPORT = re.compile(r'\bfrom "\./(\w+\.js)"')
COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)\n", re.DOTALL | re.MULTILINE)
DETECTOR = "detector"
# Bits of the mantissa that are kept, of 23. With 15, no probability of LeNet-5 moves by more than
# 0.0001, also for frames between two digits. The detector only has to say yes or no.
MODEL_BITS, DETECTOR_BITS = 15, 6
PAD_SIDE, PEN_WIDTH = 320, 20


def write_page(card: ModelCard) -> str:
    """The HTML file of a model.

    Args:
        card: of a built-in model or of a run.

    Raises:
        UnsupportedNetworkError: the browser cannot compute one of its operations.
        DamagedArtifactError: its network is damaged.
        OSError: a file is missing.
    """
    cards = list_built_in_cards()
    # The first judge alone gives nearly always the same text. The second one would be most of the
    # file.
    judges = choose_judges(cards)[:1]
    networks = {one.id: _pack_model(one) for one in (card, *(cards[judge] for judge in judges))}
    if detector := _pack_detector():
        networks[DETECTOR] = detector
    model = {"title": card.title, "colour": colour_models([card.id])[card.id], "address": card.id}
    reader = {
        "pad": "pad",
        "side": PAD_SIDE,
        "pen": PEN_WIDTH,
        "models": [model],
        "judge": judges,
        "detector": DETECTOR,
        "picked": 0,
        "refusal": "",
        "messages": {
            "invitation": "Draw a digit or a number.",
            "tooSmall": "The drawing is too small. Draw the digit larger.",
            "loading": "The model is loading.",
        },
    }
    modules = dict(_list_modules(FIRST_MODULE))
    return Template((PAGES / "take_home/page.html").read_text("utf-8")).substitute(
        title=html.escape(card.title),
        styles="\n".join(path.read_text("utf-8") for path in STYLES),
        script=(PAGES / "take_home/unpack.js").read_text("utf-8"),
        facts=html.escape(_describe(card)),
        data=_write_json(
            {"modules": _pack(json.dumps(modules)), "networks": networks, "reader": reader}
        ),
    )


def round_weights(network: bytes, bits: int) -> bytes:
    """Round the numbers of a browser's network.

    Args:
        network: as ``write_browser_file`` returns it.
        bits: of the mantissa that are kept, 1…22.
    """
    start = int.from_bytes(network[:8], "little") + 8
    step = 1 << (23 - bits)
    numbers = np.frombuffer(network, "<u4", offset=start).astype(np.uint64)
    rounded = (numbers + step // 2) // step * step
    return network[:start] + rounded.astype("<u4").tobytes()


def _describe(card: ModelCard) -> str:
    """What the file is, so that it can be told from others years later."""
    return f"{card.description} SHA-256 of its LiteRT file: {card.files[LITERT_FILE]}."


def _pack_model(card: ModelCard) -> str:
    contents = read_file(card.id, LITERT_FILE, card=card)
    return _pack_network(write_browser_file(contents, list_constants(card)), MODEL_BITS)


def _pack_detector() -> str | None:
    """The detector's network; None where it is missing or damaged: all frames are digits then."""
    try:
        settings, contents = read_detector()
    except (OSError, TypeError, ValueError):
        return None
    network = write_browser_file(contents, {"threshold": settings.threshold})
    return _pack_network(network, DETECTOR_BITS)


def _pack_network(network: bytes, bits: int) -> str:
    """All first bytes of the numbers, all second ones and so on: these are alike, and pack well."""
    rounded = np.frombuffer(round_weights(network, bits), np.uint8)
    return _pack(rounded.reshape(-1, 4).T.tobytes())


def _pack(contents: str | bytes) -> str:
    data = contents.encode() if isinstance(contents, str) else contents
    return b64encode(gzip.compress(data, mtime=0)).decode()


def _list_modules(name: str, seen: set[str] | None = None) -> Iterator[tuple[str, str]]:
    """A module and all that it imports, without comments, by their names."""
    seen = set() if seen is None else seen
    if name in seen:
        return
    seen.add(name)
    path = next(folder / name for folder in FOLDERS if (folder / name).exists())
    text = COMMENT.sub("", path.read_text("utf-8"))
    yield PREFIX + name, IMPORT.sub(rf'from "{PREFIX}\1"', text)
    for imported in IMPORT.findall(text):
        yield from _list_modules(imported, seen)


def _write_json(value: dict[str, Any]) -> str:
    """JSON that may stand in an HTML script element: a title could end the element."""
    return json.dumps(value).replace("<", "\\u003c")
