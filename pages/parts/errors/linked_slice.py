"""The slice that a link names: only its errors are shown, until the visitor wants all."""

from collections.abc import Sequence

import streamlit as st

from core.analysis.misclassifications import Misclassification
from core.analysis.slices import Slice, parse_slice
from core.digits.datasets import Dataset
from pages.widgets.cache import get_measures
from pages.widgets.findings import SLICE


def keep_linked(errors: Sequence[Misclassification], dataset: Dataset) -> list[Misclassification]:
    """The errors in the slice that the address names, after a line that says so; else all."""
    # The container is there in any case, so that the gallery keeps its place.
    with st.container():
        slice_ = _find_slice()
        if not slice_:
            return list(errors)
        measures = get_measures(dataset)
        name = slice_.name(dataset.labels, measures)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Only: **{name}**", help=slice_.describe_limits(), width="content")
            st.button(
                "Show all digits",
                icon=":material/close:",
                key="leave_slice",
                on_click=_leave,
            )
    members = slice_.select(dataset.labels, measures)
    return [error for error in errors if members[error.index]]


def _find_slice() -> Slice | None:
    try:
        return parse_slice(st.query_params.get(SLICE, ""))
    except ValueError:
        return None


def _leave() -> None:
    del st.query_params[SLICE]
