"""Reports: the tables that benchmarks and trained models leave behind, as values.

A benchmark writes a Markdown report beside itself; a model's figures are in its card. This module
does not know which figures the documentation shows.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "artifacts"
BENCHMARKS = ROOT / "tests/benchmarks"
# What a report holds in place of a figure until the benchmark has been run again.
NOT_MEASURED = "not measured yet"


@dataclass(frozen=True)
class Table:
    """A Markdown table.

    Attributes:
        header: the titles of the columns.
        rows: the cells of each row, without emphasis.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def get_cell(self, row: str, column: str) -> str:
        """The cell in the row that starts with ``row``; KeyError where there is none."""
        for cells in self.rows:
            if cells[0] == row and column in self.header:
                return cells[self.header.index(column)]
        raise KeyError(f"expected a row {row!r} with a column {column!r} in {self.header}")

    def get_number(self, row: str, column: str) -> float | None:
        """The first number of that cell; None where it was not measured yet."""
        cell = self.get_cell(row, column)
        return None if cell == NOT_MEASURED else read_number(cell)


def read_number(cell: str) -> float:
    """The first number in a cell such as ``6,000``, ``0.72 s`` or ``99.7% (98.1% to 99.9%)``."""
    found = re.search(r"-?\d[\d,]*(\.\d+)?", cell)
    if found is None:
        raise ValueError(f"expected a number, got {cell!r}")
    return float(found[0].replace(",", ""))


@cache
def read_tables(name: str) -> tuple[Table, ...]:
    """The tables of ``tests/benchmarks/<name>.md``, from top to bottom."""
    return parse_tables((BENCHMARKS / f"{name}.md").read_text("utf-8"))


def parse_tables(text: str) -> tuple[Table, ...]:
    """The tables in a Markdown text, from top to bottom."""
    blocks = re.findall(r"(?:^\|.*\n)+", f"{text}\n", re.MULTILINE)
    return tuple(_read_table(block.splitlines()) for block in blocks)


@cache
def load_cards() -> Mapping[str, Mapping[str, Any]]:
    """The cards of the built-in models by id, the most accurate on the MNIST test set first."""
    paths = ARTIFACTS.glob("*/card.json")
    cards = [json.loads(path.read_text("utf-8")) for path in paths]
    cards.sort(key=lambda card: (-card["metrics"]["test_accuracy"]["value"], card["id"]))
    return {card["id"]: card for card in cards}


@cache
def load_detector() -> Mapping[str, Any]:
    """The settings of the detector."""
    return json.loads((ARTIFACTS / "detector.json").read_text("utf-8"))


@cache
def load_robustness() -> Mapping[str, Mapping[str, Any]]:
    """The counts of right predictions on corrupted MNIST test images, by the id of the model."""
    return {
        model_id: json.loads((ARTIFACTS / model_id / "robustness.json").read_text("utf-8"))[
            "datasets"
        ]["mnist_test"]
        for model_id in load_cards()
    }


@cache
def load_replications() -> Mapping[str, Mapping[str, Any]]:
    """The figures of each training with a published recipe, by the id of the model."""
    paths = (ARTIFACTS / "replications").glob("*.json")
    return {path.stem: json.loads(path.read_text("utf-8")) for path in paths}


def write_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown, without a line break at the end."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


def _read_table(lines: Sequence[str]) -> Table:
    header, _, *rows = (_read_cells(line) for line in lines)
    return Table(header, tuple(rows))


def _read_cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip().strip("*") for cell in line.strip().strip("|").split("|"))
