"""What each choice changed in the visitor's runs: pairs that differ in one setting, as a table."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from core.analysis.agreement import PairedComparison, compare_pairs, format_p_value
from core.models.card import MNIST_TEST
from core.models.files import LITERT_FILE
from core.runs.changes import Change, find_changes
from core.runs.finished import FinishedRun
from core.runs.plan import format_setting, list_plan_settings, title_setting
from core.runs.training_data import BUNDLED_DIGITS_TEST
from core.synthesis.augmentation import Augmentation
from pages.widgets.cache import get_cards, get_evaluation
from pages.widgets.data import get_dataset, has_mnist
from pages.widgets.wording import format_value

# The newest pairs are shown.
MAX_CHANGES, MAX_CACHED_TABLES = 20, 50
# What is written where nothing was chosen.
NOTHING = {"start_from": "random weights", "teachers": "none"}
BY_CONTENT: dict[str | type[Any], Callable[[Any], Any]] = {
    FinishedRun: lambda found: (
        found.run.id,
        found.run.name,
        found.card and found.card.files[LITERT_FILE],
    )
}


def show_changes(finished: Sequence[FinishedRun]) -> None:
    """A table with a row for each pair of runs; nothing where there is none.

    Args:
        finished: the visitor's runs, newest first.
    """
    rows = _list_rows(list(finished), with_mnist=has_mnist())
    if not rows:
        return
    with st.expander("What each choice changed in your runs", icon=":material/difference:"):
        st.dataframe(
            rows,
            hide_index=True,
            column_config={"Accuracy": st.column_config.NumberColumn(format="%+.2f points")},
            placeholder="–",
            key="changes",
            alt="Pairs of runs: setting, value before and after, change of the accuracy, p-value",
        )
        st.caption(
            "Each row compares two of your runs that differ in this setting alone, and perhaps in "
            "the seed. The *p-value* is McNemar's, for one row alone: where it is large, another "
            "seed may change as much, and of many rows, some are small by chance."
        )


@st.cache_data(
    show_spinner="Comparing your runs …", max_entries=MAX_CACHED_TABLES, hash_funcs=BY_CONTENT
)
def _list_rows(finished: list[FinishedRun], *, with_mnist: bool) -> list[dict[str, Any]]:
    tests = {BUNDLED_DIGITS_TEST, MNIST_TEST} if with_mnist else {BUNDLED_DIGITS_TEST}
    return [_list_cells(change, tests) for change in find_changes(finished)[:MAX_CHANGES]]


def _list_cells(change: Change, tests: set[str]) -> dict[str, Any]:
    comparison = _compare(change, tests)
    return {
        "Setting": title_setting(change.name),
        "From": _format(change.name, change.before),
        "To": _format(change.name, change.after),
        "Accuracy": 100 * change.gain,
        "95% interval": comparison
        and f"{100 * comparison.difference.low:+.2f} to {100 * comparison.difference.high:+.2f}",
        "p-value": comparison and format_p_value(comparison.p_value),
        "Runs": f"{change.earlier.run.name} → {change.later.run.name}",
    }


def _compare(change: Change, tests: set[str]) -> PairedComparison | None:
    """The later run compared with the earlier one; None where the digits are not here."""
    cards = (change.later.card, change.earlier.card)
    if cards[0].test_set not in tests:
        return None
    test = get_dataset(cards[0].test_set)
    (comparison,) = compare_pairs([get_evaluation(card, test) for card in cards])
    return comparison


def _format(name: str, value: Any) -> str:
    if name in list_plan_settings():
        return format_setting(name, value)
    if not value:
        return NOTHING.get(name, "none")
    return format_value(asdict(value) if isinstance(value, Augmentation) else value, get_cards())
