"""A model as one HTML file: ``python -m core.models.take_home MODEL FILE.html``.

The file predicts what is drawn on it, in a browser, without a server and without a network.
"""

import argparse
import sys
from pathlib import Path

from core.atomic_files import write_atomically
from core.models.files import load_card
from core.server.take_home import write_page


def main() -> int:
    """Write the file; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m core.models.take_home", description=__doc__)
    parser.add_argument("model", help="the id of a built-in model or of a run")
    parser.add_argument("file", type=Path, help="the HTML file to write")
    options = parser.parse_args()
    try:
        page = write_page(load_card(options.model))
        write_atomically(options.file, page)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Wrote {options.file}, {len(page.encode()) / 1e6:.1f} MB.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
