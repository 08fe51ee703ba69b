"""A model to take home: one HTML file with its network, the browser's engine and a pad.

The file needs no server and no network. It holds what the Draw page loads: the modules of
``pages/live``, and the networks of the model, the judge and the detector.
"""

import html
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from core.figures.style import colour_models
from core.inference.browser_file import list_constants, write_browser_file
from core.inference.detector import read_detector
from core.inference.judge import choose_judges
from core.models.card import ModelCard
from core.models.files import LITERT_FILE, read_file
from core.server.model_cache import list_built_in_cards

PAGES = Path(__file__).parents[2] / "pages"
TEMPLATE = PAGES / "take_home/page.html"
MODULES = (*sorted((PAGES / "live").glob("*.js")), PAGES / "take_home/page.js")
STYLES = (
    PAGES / "widgets/probabilities.css",
    PAGES / "parts/draw/reader.css",
    PAGES / "take_home/page.css",
)
# Modules are found by this prefix: in one file they have no addresses of their own.
PREFIX = "digitlab/"
IMPORT = re.compile(r'(\bfrom\s+)"\./')
DETECTOR = "detector"
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
    judges = choose_judges(cards)
    needed = {card.id: card, **{judge: cards[judge] for judge in judges}}
    networks = {model_id: _write_network(one) for model_id, one in needed.items()}
    if detector := _write_detector():
        networks[DETECTOR] = detector
    model = {"title": card.title, "colour": colour_models([card.id])[card.id], "address": card.id}
    reader = {
        "pad": "pad",
        "side": PAD_SIDE,
        "pen": PEN_WIDTH,
        "models": [model],
        "judge": judges,
        "detector": DETECTOR if detector else None,
        "picked": 0,
        "refusal": "",
        "messages": {
            "invitation": "Draw a digit or a number.",
            "tooSmall": "The drawing is too small. Draw the digit larger.",
            "loading": "The model is loading.",
        },
    }
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        title=html.escape(card.title),
        styles="\n".join(path.read_text("utf-8") for path in STYLES),
        imports=_write_json({"imports": _list_imports()}),
        facts=html.escape(_describe(card)),
        data=_write_json({"networks": networks, "reader": reader}),
    )


def _describe(card: ModelCard) -> str:
    """What the file is, so that it can be told from others years later."""
    return f"{card.description} SHA-256 of its LiteRT file: {card.files[LITERT_FILE]}."


def _write_network(card: ModelCard) -> str:
    return _encode(
        write_browser_file(read_file(card.id, LITERT_FILE, card=card), list_constants(card))
    )


def _write_detector() -> str | None:
    """The detector's network; None where it is missing or damaged: all frames are digits then."""
    try:
        settings, contents = read_detector()
    except (OSError, TypeError, ValueError):
        return None
    return _encode(write_browser_file(contents, {"threshold": settings.threshold}))


def _list_imports() -> Mapping[str, str]:
    """All modules by name, in place of addresses."""
    return {f"{PREFIX}{path.name}": _write_module(path) for path in MODULES}


def _write_module(path: Path) -> str:
    text = IMPORT.sub(rf'\1"{PREFIX}', path.read_text("utf-8"))
    return f"data:text/javascript;base64,{_encode(text.encode())}"


def _encode(contents: bytes) -> str:
    return b64encode(contents).decode()


def _write_json(value: Mapping[str, Any]) -> str:
    """JSON that may stand in an HTML script element: a title could end the element."""
    return json.dumps(value).replace("<", "\\u003c")
