"""Packages: ``python -m tests.benchmarks.bench_packages`` measures what they take.

The size of every distribution that a requirements file pins is the size of the files that it
installed. Memory is what one import adds to a new Python process. The tables go to
the screen and to ``packages.md`` beside this file.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tests.benchmarks.machine import describe_machine

REPORT = Path(__file__).with_name("packages.md")
ROOT = Path(__file__).resolve().parents[2]
FILES = ("requirements-serve.txt", "requirements.txt", "requirements-train.txt")
LARGEST = "tensorflow"
IMPORTS = ("ai_edge_litert.interpreter", "tensorflow")
MEASURE_MEMORY = """
import psutil
before = psutil.Process().memory_info().rss
import {module}
print(psutil.Process().memory_info().rss - before)
"""


def list_distributions(file: Path) -> Iterator[str]:
    """The names that a compiled requirements file pins."""
    yield from re.findall(r"^([\w.-]+)(?:\[.*?\])?==", file.read_text("utf-8"), re.MULTILINE)


def measure_size(name: str) -> int:
    """Bytes of the files that a distribution installed; 0 where it is not installed."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0
    paths = (Path(str(file.locate())) for file in files)
    return sum(path.stat().st_size for path in paths if path.is_file())


def measure_import(module: str) -> float:
    """Megabytes of memory that importing a module adds to a new process."""
    ended = subprocess.run(
        [sys.executable, "-c", MEASURE_MEMORY.format(module=module)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(ended.stdout) / 1e6


def write_report(sizes: Mapping[str, Mapping[str, int]], memory: Mapping[str, float]) -> str:
    """Both tables, in Markdown."""
    lines = ["| Requirements | Distributions | Installed, GB |", "|---|---|---|"]
    for file, by_distribution in sizes.items():
        installed = [size for size in by_distribution.values() if size]
        lines.append(f"| `{file}` | {len(installed)} | {sum(installed) / 1e9:.2f} |")
    lines.append(f"| {LARGEST} alone | 1 | {sizes[FILES[-1]][LARGEST] / 1e9:.2f} |")
    lines += ["", "| Import | Memory, MB |", "|---|---|"]
    lines += [f"| `{module}` | {megabytes:.0f} |" for module, megabytes in memory.items()]
    return "\n".join(lines) + "\n"


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How much space and memory the packages take\n\n"
        "Written by `make bench`: the size of the installed files of every package that a\n"
        "requirements file pins, and the memory that one import adds to a new Python process.\n\n"
    )


def main() -> int:
    """Run the benchmark; returns the exit status."""
    sizes = {
        file: {name: measure_size(name) for name in list_distributions(ROOT / file)}
        for file in FILES
    }
    report = write_report(sizes, {module: measure_import(module) for module in IMPORTS})
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
