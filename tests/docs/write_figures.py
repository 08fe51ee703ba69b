"""Figures of the documentation: ``python -m tests.docs.write_figures`` writes them again.

README and docs hold blocks between ``<!-- figures: NAME -->`` and ``<!-- end -->``. What is between
the marks is written by the function of that name in ``tests.docs.figures``, from the cards of the
models and the reports of the benchmarks. Everything else in the pages is written by hand.
"""

import re
import sys
from pathlib import Path

from tests.docs.figures import FIGURES
from tests.docs.reports import ROOT

BLOCK = re.compile(r"<!-- figures: (?P<name>[a-z_]+) -->\n(?P<text>.*?)<!-- end -->", re.DOTALL)


def list_pages() -> list[Path]:
    """The files of the documentation, README first."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def fill_blocks(text: str) -> str:
    """The text of a page with its figures written again.

    Raises:
        KeyError: a block names figures that do not exist.
    """
    return BLOCK.sub(_write_block, text)


def remove_blocks(text: str) -> str:
    """The text of a page without its figures."""
    return BLOCK.sub("", text)


def main() -> int:
    """Write all pages; returns the exit status."""
    for page in list_pages():
        text = page.read_text("utf-8")
        filled = fill_blocks(text)
        if filled != text:
            page.write_text(filled, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)} has new figures.\n")
    return 0


def _write_block(block: re.Match[str]) -> str:
    name = block["name"]
    return f"<!-- figures: {name} -->\n{FIGURES[name]()}\n<!-- end -->"


if __name__ == "__main__":
    sys.exit(main())
