"""Pairs of digits that are confused: their names in the URL, and links to their images."""

from collections import Counter

import streamlit as st

from core.analysis.confusion import ConfusedPair, ConfusionMatrix, list_confused_pairs
from pages.widgets.address import open_page
from pages.widgets.data import DATASET_TITLES
from pages.widgets.pickers import pick_counted

ALL_PAIRS = "all"
BOTH_WAYS = "both"
# Offered whatever the counts are: most readers ask about these two pairs.
FAMOUS_PAIRS = ("4/9", "1/7")
# How many of the most confused pairs are offered as well.
OFFERED_PAIRS = 10


def open_explorer(dataset_id: str, model_title: str, true: int, predicted: int) -> None:
    """Open the error explorer with the digits of one cell of a confusion matrix."""
    if true == predicted:
        st.toast(f"These {true}s were classified correctly. Choose a cell off the diagonal.")
        return
    link = link_to_explorer(dataset_id, model_title, true, predicted)
    open_page("errors.py", link)


def offer_cells(
    dataset_id: str,
    model_title: str,
    confusion: ConfusionMatrix,
    *,
    key: str,
    placeholder: str = "Choose an error, or click its cell",
) -> None:
    """List the errors, most frequent first; choosing one opens its images."""
    chosen = st.selectbox(
        "Images of",
        list_confused_pairs(confusion),
        index=None,
        placeholder=placeholder,
        format_func=_label_error,
        key=key,
        label_visibility="collapsed",
        filter_mode="contains",
    )
    if chosen:
        open_explorer(dataset_id, model_title, chosen.true, chosen.predicted)


def link_to_explorer(
    dataset_id: str, model_title: str, true: int, predicted: int
) -> dict[str, str]:
    """The URL parameters of the error explorer for one cell of a confusion matrix."""
    return {
        # Widgets that are bound to the URL write the titles of their options.
        "dataset": DATASET_TITLES[dataset_id],
        "model": model_title,
        "pair": _name_pair(true, predicted),
        "way": _name_way(true, predicted),
    }


def pick_pair(confusion: ConfusionMatrix, *, scope: str, with_all: bool = True) -> str:
    """Let the visitor choose a pair; returns its name, or ``ALL_PAIRS``.

    Args:
        confusion: the counts, which are shown and set the order.
        scope: what the counts belong to; the widget of another scope keeps its own state.
        with_all: whether all pairs together can be chosen, too.
    """
    counts: Counter[str] = Counter()
    for pair in list_confused_pairs(confusion):
        counts[_name_pair(pair.true, pair.predicted)] += pair.count
    offered = {*FAMOUS_PAIRS, *(name for name, _ in counts.most_common(OFFERED_PAIRS))}
    # A link may name any other pair.
    linked = st.query_params.get("pair", ALL_PAIRS)
    offered |= {linked} & {_name_pair(a, b) for a in range(10) for b in range(a)}
    labels = {ALL_PAIRS: f"All · {counts.total()}"} if with_all else {}
    labels |= {
        name: f"{name} · {counts[name]}"
        for name in sorted(offered, key=lambda name: (-counts[name], name))
    }
    return pick_counted(
        "Pair · errors", labels, name="pair", default=FAMOUS_PAIRS[0], scope=scope, width=130
    )


def pick_way(
    confusion: ConfusionMatrix, pair: str, *, scope: str
) -> frozenset[tuple[int, int]] | None:
    """Let the visitor choose the direction of a pair.

    Returns:
        The chosen (true, predicted) classes, or None for all.
    """
    if pair == ALL_PAIRS:
        return None
    a, b = read_pair(pair)
    ways = {_name_way(a, b): (a, b), _name_way(b, a): (b, a)}
    labels = {BOTH_WAYS: "Both"} | {
        name: _label_error(ConfusedPair(*way, int(confusion.counts[way])))
        for name, way in ways.items()
    }
    way = pick_counted(
        "Direction", labels, name="way", default=BOTH_WAYS, scope=f"{scope}_{pair}", width=200
    )
    return frozenset(ways.values() if way == BOTH_WAYS else [ways[way]])


def read_pair(name: str) -> tuple[int, int]:
    """The two classes of a pair by its name."""
    first, second = map(int, name.split("/"))
    return first, second


def _label_error(error: ConfusedPair) -> str:
    return f"{error.true} predicted as {error.predicted} · {error.count}"


def _name_pair(a: int, b: int) -> str:
    return f"{min(a, b)}/{max(a, b)}"


def _name_way(true: int, predicted: int) -> str:
    return f"{true}-{predicted}"
