"""Pictures of the documentation: ``python -m tests.docs.take_pictures`` takes them again.

A server of its own shows a drawing made here and the digits that come with scikit-learn. It has no
MNIST: its licence covers its images too, so none of them is part of this repository.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from core.digits.datasets import MNIST_VARIABLE
from core.drawings.store import DATABASE_VARIABLE
from core.models.files import RUNS_VARIABLE
from tests.browser.conftest import TIMEOUT, draw_with_mouse
from tests.conftest import launch_chromium
from tests.docs.reports import ROOT
from tests.servers import Server

# Between a four and a nine, so that models disagree.
OPEN_FOUR = [
    [(146, 76), (136, 74), (116, 90), (103, 112), (103, 138), (112, 157), (135, 168), (162, 170),
     (188, 163), (210, 150)],
    [(210, 75), (205, 160), (195, 265)],
]  # fmt: skip
# Milliseconds until charts and pictures that arrive last are painted.
PAUSE = 3000
COLOURS = 256


@dataclass(frozen=True)
class Picture:
    """One picture: which page it shows, how large, and what is done there first."""

    file: str
    path: str
    height: int
    prepare: Callable[[Page], object]
    width: int = 1280


def draw_open_four(page: Page) -> None:
    """Draw the four on the pad, and wait for the predictions."""
    draw_with_mouse(page, OPEN_FOUR)
    page.locator("[data-testid=answer]").wait_for()


def pick_thumbnail(page: Page) -> None:
    """Pick one of the digits that the model predicted wrongly."""
    page.locator(".gallery button").nth(4).click()


PICTURES = (
    Picture("draw.png", "", 900, draw_open_four),
    Picture(
        "errors.png",
        "errors?dataset=Bundled+digits&model=Logistic+regression&pair=3%2F9",
        1080,
        pick_thumbnail,
    ),
)


@contextmanager
def start_server() -> Iterator[Server]:
    """A server without MNIST, drawings or runs."""
    os.environ.pop(MNIST_VARIABLE, None)
    with TemporaryDirectory() as folder:
        variables = {
            "XDG_CACHE_HOME": f"{folder}/cache",  # where a downloaded MNIST would be
            DATABASE_VARIABLE: f"sqlite:///{folder}/drawings.sqlite3",
            RUNS_VARIABLE: f"{folder}/runs",
        }
        server = Server(**variables)
        try:
            yield server
        finally:
            server.stop()


def take(page: Page, address: str, picture: Picture) -> None:
    """Open a page, prepare it and save what it shows."""
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    page.goto(f"{address}/{picture.path}")
    page.locator("h1").wait_for()
    picture.prepare(page)
    page.mouse.move(0, 0)
    page.wait_for_timeout(PAUSE)
    with Image.open(io.BytesIO(page.screenshot())) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
            ROOT / "docs" / picture.file, optimize=True
        )


def main() -> int:
    """Take all pictures; returns the exit status."""
    with start_server() as server, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        page = browser.new_page(color_scheme="light")
        page.set_default_timeout(TIMEOUT)
        for picture in PICTURES:
            take(page, server.address, picture)
            sys.stdout.write(f"docs/{picture.file}\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
