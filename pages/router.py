"""The router: the code that runs for every visitor before and around each page."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import streamlit as st

from core.runs.jobs import has_active_job
from core.server.model_cache import list_damages
from pages.parts.router.menu import mend_menu
from pages.parts.router.named_models import check_named_models
from pages.widgets.address import keep_addresses
from pages.widgets.api_address import find_api
from pages.widgets.known_errors import show_known_errors
from pages.widgets.probabilities import STYLE
from pages.widgets.tour import show_tour
from pages.widgets.visitor import get_owner

HERE = Path(__file__).parent
# Parameters of choices of any number, of which none is one.
MAY_BE_EMPTY = {"models"}


def main() -> None:
    """Set up the page, show the navigation and run the page that the URL names."""
    training = is_training()
    page = st.navigation(group_pages(training=training), position="top")
    st.set_page_config(
        page_title=f"{'Training · ' if training else ''}{page.title} · Digit Lab",
        page_icon=HERE.parent / ".streamlit/icon.png",
        layout="wide",
    )
    st.html(HERE / "widgets/style.css")
    st.html(STYLE)
    # Streamlit tells the page of its theme, but not what floats above the page.
    st.html(f"<style>:root {{ color-scheme: {st.context.theme.type or 'light dark'} }}</style>")
    mend_menu()
    keep_addresses()
    request_run_on_reconnection()
    drop_empty_parameters()
    with show_known_errors():
        warn_of_damaged_models()
        check_named_models()
        show_tour()
        page.run()


def is_training() -> bool:
    """Whether a training of the visitor waits or runs; no where that cannot be found out."""
    with suppress(OSError):
        return has_active_job(get_owner())
    return False


def drop_empty_parameters() -> None:
    """Have parameters without a value fall back to their defaults, as wrong values do.

    To Streamlit, an empty value is a choice of nothing, even where a choice is required. A widget
    takes its value from the address as it was when the run began, so this begins another run.
    """
    empty = {name for name, value in st.query_params.items() if not value} - MAY_BE_EMPTY
    for name in empty:
        del st.query_params[name]
    if empty:
        st.rerun()


def warn_of_damaged_models() -> None:
    """Name each damaged built-in model, on every page; the other models work."""
    for damage in list_damages().values():
        st.warning(f"{damage} Until then, this model is left out.", icon=":material/broken_image:")


def group_pages(*, training: bool) -> dict[str, list[st.Page]]:
    """All pages in the order of the navigation, by the titles of its groups.

    One of them is marked while a training of the visitor waits or runs.
    """
    return {
        "Draw": [
            st.Page("draw.py", title="Draw", icon=":material/draw:", default=True),
            st.Page("collect.py", title="Collect", icon=":material/edit:"),
            st.Page("drawings.py", title="My drawings", icon=":material/collections:"),
            *link_to_api(),
        ],
        "Understand": [
            st.Page("models.py", title="Models", icon=":material/deployed_code:"),
            st.Page("compare.py", title="Compare", icon=":material/compare_arrows:"),
            st.Page("confusion.py", title="Confusion matrices", icon=":material/grid_on:"),
            st.Page("errors.py", title="Error explorer", icon=":material/troubleshoot:"),
            st.Page("weak_spots.py", title="Weak spots", icon=":material/target:"),
            st.Page("map.py", title="Map", icon=":material/scatter_plot:"),
            st.Page("robustness.py", title="Robustness", icon=":material/shield:"),
            st.Page("curves.py", title="Training curves", icon=":material/show_chart:"),
        ],
        "Train (training)" if training else "Train": [
            st.Page("train.py", title="Train", icon=":material/model_training:"),
            st.Page("runs.py", title="Runs", icon=":material/experiment:"),
            st.Page("sweeps.py", title="Sweeps", icon=":material/tune:"),
        ],
    }


def link_to_api() -> list[st.Page]:
    """The documentation of the API; none where no browser shows the pages."""
    api = find_api()
    known = api.startswith("http")
    return [st.Page(f"{api}/docs", title="API", icon=":material/api:")] if known else []


@st.fragment(run_every=timedelta(days=1))
def request_run_on_reconnection() -> None:
    """Have the browser request a run of the page after it reconnects to a restarted server.

    A new server knows nothing of an open page until the page has run once, and ignores events of
    fragments it does not know. On reconnection the browser requests a run only if a fragment on the
    page runs at intervals, as https://github.com/streamlit/streamlit/pull/11890 made it. This
    fragment has no other purpose.
    """


if __name__ == "__main__":
    main()
