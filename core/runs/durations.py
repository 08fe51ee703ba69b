"""What the last training on this machine took before and after its epochs, to foresee the next.

``durations.json`` in the runs directory has it. It is only a hint: without it, or with a damaged
one, typical values are assumed.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from core.atomic_files import read_text, write_atomically
from core.models.files import runs_directory

DURATIONS_FILE = "durations.json"


@dataclass(frozen=True)
class Durations:
    """Seconds: to load TensorFlow, and to measure and save a trained model."""

    starting: float = 15.0
    measuring: float = 8.0


def load_durations() -> Durations:
    """Those of the last training, or typical ones."""
    try:
        fields = json.loads(read_text(runs_directory() / DURATIONS_FILE))
        return Durations(**{name: float(value) for name, value in fields.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return Durations()


def save_duration(**seconds: float) -> None:
    """Keep one of them; nothing where the disk does not allow it."""
    durations = replace(load_durations(), **seconds)
    with suppress(OSError):
        write_atomically(runs_directory() / DURATIONS_FILE, json.dumps(asdict(durations)))
