"""Pairs of digits that are mistaken for each other: how a URL names them, and the way to them."""

from collections import Counter

import streamlit as st

from core.analysis.confusion import ConfusionMatrix, list_confused_pairs
from pages.widgets.data import DATASET_TITLES
from pages.widgets.pickers import pick_counted

ALL_PAIRS = "all"
BOTH_WAYS = "both"
# Always offered, whatever the counts: the two pairs everybody asks about.
FAMOUS_PAIRS = ("4/9", "1/7")
# How many of the most confused pairs are offered beside them.
OFFERED_PAIRS = 10


def open_explorer(dataset_id: str, model_title: str, true: int, predicted: int) -> None:
    """Go to the error explorer, on the digits of one cell of a confusion matrix."""
    if true == predicted:
        st.toast(f"Those are the {true}s that were read right; click another cell.")
        return
    link = link_to_explorer(dataset_id, model_title, true, predicted)
    st.switch_page("errors.py", query_params=link)


def offer_cells(dataset_id: str, model_title: str, confusion: ConfusionMatrix, *, key: str) -> None:
    """List the confusions, most frequent first; a choice leads where a click on its cell would."""
    chosen = st.selectbox(
        "Images of",
        list_confused_pairs(confusion),
        index=None,
        placeholder="Choose a confusion, or click its cell",
        format_func=lambda one: f"{one.true} read as {one.predicted} · {one.count}",
        key=key,
        label_visibility="collapsed",
        filter_mode="contains",
    )
    if chosen:
        open_explorer(dataset_id, model_title, chosen.true, chosen.predicted)


def link_to_explorer(
    dataset_id: str, model_title: str, true: int, predicted: int
) -> dict[str, str]:
    """The error explorer's query for the digits of one cell of a confusion matrix."""
    return {
        # Pickers that are bound to the URL know their options by title.
        "dataset": DATASET_TITLES[dataset_id],
        "model": model_title,
        "pair": _name_pair(true, predicted),
        "way": _name_way(true, predicted),
    }


def pick_pair(confusion: ConfusionMatrix, *, scope: str) -> str:
    """Let the reader choose a pair; returns its name, or ``ALL_PAIRS``.

    Args:
        confusion: the counts to offer and to sort by.
        scope: what the counts belong to; another scope makes other pills.
    """
    counts: Counter[str] = Counter()
    for one in list_confused_pairs(confusion):
        counts[_name_pair(one.true, one.predicted)] += one.count
    offered = {*FAMOUS_PAIRS, *(name for name, _ in counts.most_common(OFFERED_PAIRS))}
    # A link may name a pair that is offered to nobody else.
    offered |= {st.query_params.get("pair")} & {
        _name_pair(a, b) for a in range(10) for b in range(a)
    }
    labels = {ALL_PAIRS: f"All · {counts.total()}"} | {
        name: f"{name} · {counts[name]}"
        for name in sorted(offered, key=lambda name: (-counts[name], name))
    }
    return pick_counted(
        st.pills,
        "Pair, most confused first",
        labels,
        name="pair",
        default=FAMOUS_PAIRS[0],
        scope=scope,
    )


def pick_way(
    confusion: ConfusionMatrix, pair: str, *, scope: str
) -> frozenset[tuple[int, int]] | None:
    """Let the reader choose the direction of a pair.

    Returns:
        The chosen (true, predicted) classes, or None for all.
    """
    if pair == ALL_PAIRS:
        return None
    a, b = map(int, pair.split("/"))
    ways = {_name_way(a, b): (a, b), _name_way(b, a): (b, a)}
    labels = {BOTH_WAYS: "Both"} | {
        name: f"{true} read as {predicted} · {confusion.counts[true, predicted]}"
        for name, (true, predicted) in ways.items()
    }
    way = pick_counted(
        st.pills, "Direction", labels, name="way", default=BOTH_WAYS, scope=f"{scope}_{pair}"
    )
    return frozenset(ways.values() if way == BOTH_WAYS else [ways[way]])


def _name_pair(a: int, b: int) -> str:
    return f"{min(a, b)}/{max(a, b)}"


def _name_way(true: int, predicted: int) -> str:
    return f"{true}-{predicted}"
