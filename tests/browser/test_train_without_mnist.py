"""Training in a real browser where MNIST is missing: on the bundled digits, and on drawings."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.digits.datasets import MNIST_VARIABLE
from core.drawings.store import DrawingStore, default_url
from core.runs.jobs import can_train, explain_no_training
from core.runs.training_data import take
from core.server.visitors import COOKIE
from tests.browser.conftest import DESKTOP, TIMEOUT, go_to
from tests.browser.script_runs import wait_for_answer, watch_runs
from tests.core.drawings.conftest import make_drawing
from tests.servers import Server

pytestmark = pytest.mark.skipif(not can_train(), reason=explain_no_training())
SHORT = "augmentation=false&styles=false&epochs=2"


@pytest.fixture(scope="module")
def bare_server(tmp_path_factory) -> Iterator[Server]:
    """A dashboard on a machine where nobody has MNIST."""
    empty = tmp_path_factory.mktemp("empty")
    server = Server(**{MNIST_VARIABLE: "", "XDG_CACHE_HOME": str(empty), "HOME": str(empty)})
    yield server
    server.stop()


@pytest.fixture
def visit(bare_server: Server, browser: Browser) -> Iterator[Callable[[str, str], Page]]:
    """A function that opens a page of it as a visitor."""
    contexts = []

    def open_at(path: str, owner: str) -> Page:
        context = browser.new_context(viewport=DESKTOP)
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        context.add_cookies([{"name": COOKIE, "value": owner, "url": bare_server.address}])
        context.on("page", watch_runs)
        page = context.new_page()
        page.goto(f"{bare_server.address}/{path}")
        wait_for_answer(page)
        return page

    yield open_at
    for context in contexts:
        context.close()


def train(page: Page, test_set: str) -> None:
    """Train to the end, and find the result under the name of its test set."""
    page.get_by_test_id("stMain").get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("finished", exact=True)).to_be_visible(timeout=4 * TIMEOUT)
    expect(page.get_by_text(f"Accuracy, {test_set}", exact=True)).to_be_visible()
    expect(page.get_by_text("Accuracy, MNIST test", exact=True)).to_have_count(0)
    go_to(page, "Runs")
    expect(page.get_by_text(f"My model, {test_set}")).to_be_visible()
    expect(page.get_by_text("measured on different digits")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_bundled_digits_are_trained_on_without_a_choice(visit):
    page = visit(f"train?base=Logistic+regression&{SHORT}", "a" * 32)
    expect(page.get_by_text("MNIST is not on this machine, so the bundled digits")).to_be_visible()
    expect(page.get_by_text("1,087 training images, 355 others")).to_be_visible()
    train(page, "Bundled digits test")


def test_ones_own_drawings_are_trained_on(visit, bundled_digits):
    owner = "b" * 32
    store = DrawingStore(default_url())
    digits = take(bundled_digits, slice(120))
    for image, label in zip(digits.images, digits.labels, strict=True):
        store.save(make_drawing(owner=owner, label=int(label), image=image, strokes=None))
    store.close()
    page = visit(f"train?data=My+drawings&base=Logistic+regression&tune=true&{SHORT}", owner)
    expect(page.get_by_text("for the test (Drawings test)")).to_be_visible()
    expect(page.get_by_role("img", name="7, as used in training, example 1")).to_be_visible()
    train(page, "Drawings test")
