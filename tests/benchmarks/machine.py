"""The machine on which a benchmark runs, in words for its report."""

import os
import platform


def describe_machine() -> str:
    """System, cores and Python, as a paragraph in Markdown."""
    python = ".".join(platform.python_version_tuple()[:2])
    cores = os.cpu_count() or 1
    return (
        f"Measured on {platform.system()} with {cores} processor core{'s' * (cores > 1)} and "
        f"Python {python}.\n\n"
    )
