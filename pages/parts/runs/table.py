"""Runs: a table of them, and what their owner may do with one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.models.card import ModelCard
from core.runs import jobs
from core.runs.comparison import name_architecture
from core.runs.finished import FinishedRun
from core.runs.run import MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH, Run, UnknownRunError
from core.runs.store import TooManyRunsError, list_deleted, restore_run, update_run
from pages.widgets.cache import get_built_in_cards
from pages.widgets.wording import format_duration, to_sentence

PICKED = "run"


def show_table(runs: Mapping[str, Run], cards: Mapping[str, ModelCard]) -> None:
    """A row a run, the newest first: what it is, how well it reads, how it was made."""
    st.dataframe(
        [_describe(run, cards[run_id]) for run_id, run in runs.items()],
        hide_index=True,
        height="content",
        column_config={
            "Name": st.column_config.TextColumn(pinned=True),
            "Asked for": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
        },
        key="runs",
        alt="Architecture, accuracy, epochs and training time of each of your runs",
    )


def pick_run(runs: Mapping[str, Run], cards: Mapping[str, ModelCard]) -> str:
    """One of the runs."""
    return st.selectbox(
        "Run",
        list(runs),
        format_func=lambda run_id: cards[run_id].title,
        key=PICKED,
        bind="query-params",
        width=360,
    )


def offer_changes(run: Run, owner: str) -> None:
    """Another name and description, and to delete it, where the run is the visitor's own."""
    if run.owner != owner:
        st.caption("This one is everybody's: it stays as it is.", width="content")
        return
    with (
        st.popover("Rename", icon=":material/edit:", key="rename"),
        st.form(f"rename_{run.id}", border=False),
    ):
        name = f"name_{run.id}"
        description = f"description_{run.id}"
        st.text_input("Name", run.name, max_chars=MAX_NAME_LENGTH, key=name)
        st.text_area(
            "Description", run.description, max_chars=MAX_DESCRIPTION_LENGTH, key=description
        )

        def rename() -> None:
            update_run(
                owner,
                run.id,
                name=st.session_state[name],
                description=st.session_state[description],
            )

        st.form_submit_button("Keep", key="rename_now", on_click=_change, args=(rename, "Renamed."))
    _offer_delete(run, owner)


def offer_undo(owner: str) -> None:
    """Bring back the run that was deleted last."""
    deleted = list_deleted(owner)
    if deleted:
        st.button(
            f"Undo: bring “{deleted[0].name}” back",
            icon=":material/undo:",
            key="undo",
            help="For a day after it was deleted.",
            on_click=_change,
            args=(lambda: restore_run(owner, deleted[0].id), "It is back."),
        )


def show_damaged_runs(damaged: Sequence[FinishedRun], owner: str) -> None:
    """Say which runs are left out everywhere and why, and let their owner delete them."""
    for one in damaged:
        st.warning(
            f"“{one.run.name}” is left out: {one.damage.rstrip('.')}.",
            icon=":material/broken_image:",
        )
        if one.run.owner == owner:
            _offer_delete(one.run, owner)


def _offer_delete(run: Run, owner: str) -> None:
    st.button(
        "Delete",
        icon=":material/delete:",
        key=f"delete_{run.id}",
        on_click=_change,
        args=(lambda: jobs.delete(run.id, owner), "Deleted. Undo brings it back."),
    )


def _describe(run: Run, card: ModelCard) -> dict[str, Any]:
    accuracy = card.metrics["test_accuracy"]
    return {
        "Name": card.title,
        "Architecture": name_architecture(card, run, get_built_in_cards()),
        "MNIST test": f"{accuracy.value:.2%}",
        "95 % interval": f"{accuracy.low:.2%} to {accuracy.high:.2%}",
        "Epochs": str(card.recipe.get("epochs", "–")),
        "Training": format_duration(card.duration_seconds),
        "Asked for": run.created_at,
    }


def _change(change: Callable[[], Any], done: str) -> None:
    """Change the store, and say whether that went well; pages call this before they run."""
    try:
        change()
    except (UnknownRunError, TooManyRunsError, ValueError, OSError) as error:
        st.toast(to_sentence(error), icon=":material/error:", duration="long")
    else:
        st.toast(done, icon=":material/check:")
