"""Pairs of digits that are mistaken for each other: how a URL names them, and the way to them."""

from collections import Counter

import streamlit as st

from core.analysis.confusion import ConfusionMatrix, list_confused_pairs

ALL_PAIRS = "all"
BOTH_WAYS = "both"
# Always offered, whatever the counts: the two pairs everybody asks about.
FAMOUS_PAIRS = ("4/9", "1/7")
# How many of the most confused pairs are offered beside them.
OFFERED_PAIRS = 10


def open_explorer(dataset_id: str, model_id: str, true: int, predicted: int) -> None:
    """Go to the error explorer, on the digits of one cell of a confusion matrix."""
    if true == predicted:
        st.toast(f"Those are the {true}s that were read right; click another cell.")
        return
    st.switch_page(
        "pages/errors.py",
        query_params={
            "dataset": dataset_id,
            "model": model_id,
            "pair": _name_pair(true, predicted),
            "way": _name_way(true, predicted),
        },
    )


def pick_pair(confusion: ConfusionMatrix) -> frozenset[tuple[int, int]] | None:
    """Let the reader choose a pair and its direction.

    Returns:
        The chosen (true, predicted) classes, or None for all.
    """
    counts: Counter[str] = Counter()
    for one in list_confused_pairs(confusion):
        counts[_name_pair(one.true, one.predicted)] += one.count
    offered = [name for name, _ in counts.most_common(OFFERED_PAIRS)]
    # A link may name a pair that is offered to nobody else.
    linked = st.query_params.get("pair", ALL_PAIRS)
    if linked in {_name_pair(a, b) for a in range(10) for b in range(a)}:
        offered.append(linked)
    names = sorted({*offered, *FAMOUS_PAIRS}, key=lambda name: (-counts[name], name))
    pair = st.pills(
        "Pair, most confused first",
        [ALL_PAIRS, *names],
        default="4/9",
        required=True,
        format_func=lambda name: (
            f"All · {counts.total()}" if name == ALL_PAIRS else f"{name} · {counts[name]}"
        ),
        key="pair",
        bind="query-params",
        wrap=True,
    )
    return None if pair == ALL_PAIRS else _pick_way(confusion, *map(int, pair.split("/")))


def _pick_way(confusion: ConfusionMatrix, a: int, b: int) -> frozenset[tuple[int, int]]:
    ways = {_name_way(a, b): (a, b), _name_way(b, a): (b, a)}
    way = st.segmented_control(
        "Direction",
        [BOTH_WAYS, *ways],
        default=BOTH_WAYS,
        required=True,
        format_func=lambda name: (
            "Both"
            if name == BOTH_WAYS
            else f"{ways[name][0]} read as {ways[name][1]} · {confusion.counts[ways[name]]}"
        ),
        key="way",
        bind="query-params",
    )
    return frozenset(ways.values() if way == BOTH_WAYS else [ways[way]])


def _name_pair(a: int, b: int) -> str:
    return f"{min(a, b)}/{max(a, b)}"


def _name_way(true: int, predicted: int) -> str:
    return f"{true}-{predicted}"
