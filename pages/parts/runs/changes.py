"""Changes of a run by its owner: rename, delete and undo; and runs whose files are damaged."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.runs import jobs
from core.runs.finished import FinishedRun
from core.runs.run import MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH, Run, UnknownRunError
from core.runs.store import TooManyRunsError, list_deleted, restore_run, update_run
from pages.widgets.wording import escape_markdown, to_sentence


def offer_changes(run: Run, owner: str) -> None:
    """Let its owner rename and delete a run."""
    if run.owner != owner:
        st.caption("This run is shared and cannot be changed.", width="content")
        return
    with st.popover("Rename", icon=":material/edit:", key="rename"):
        _show_rename_form(run, owner)
    _offer_delete(run, owner)


def offer_undo(owner: str) -> None:
    """Offer to restore the run that was deleted last."""
    deleted = list_deleted(owner)
    if deleted:
        st.button(
            f"Undo: restore “{escape_markdown(deleted[0].name)}”",
            icon=":material/undo:",
            key="undo",
            help="A deleted run can be restored for one day.",
            on_click=_change,
            args=(lambda: restore_run(owner, deleted[0].id), "Restored."),
        )


def show_damaged_runs(damaged: Sequence[FinishedRun], owner: str) -> None:
    """Name the runs that no page shows, with the reason, and let their owner delete them."""
    for found in damaged:
        st.warning(
            f"“{escape_markdown(found.run.name)}” is damaged, so no page shows it. "
            f"{found.damage.rstrip('.')}.",
            icon=":material/broken_image:",
        )
        if found.run.owner == owner:
            _offer_delete(found.run, owner)


def _show_rename_form(run: Run, owner: str) -> None:
    name, description = f"name_{run.id}", f"description_{run.id}"

    def rename() -> None:
        update_run(
            owner,
            run.id,
            name=st.session_state[name],
            description=st.session_state[description],
        )

    with st.form(f"rename_{run.id}", border=False):
        st.text_input("Name", run.name, max_chars=MAX_NAME_LENGTH, key=name)
        st.text_area(
            "Description", run.description, max_chars=MAX_DESCRIPTION_LENGTH, key=description
        )
        st.form_submit_button("Save", key="rename_now", on_click=_change, args=(rename, "Renamed."))


def _offer_delete(run: Run, owner: str) -> None:
    st.button(
        "Delete",
        icon=":material/delete:",
        key=f"delete_{run.id}",
        on_click=_change,
        args=(lambda: jobs.delete(run.id, owner), "Deleted. To restore the run, press Undo."),
    )


def _change(change: Callable[[], Any], done: str) -> None:
    """Make a change and show a toast about its result; Streamlit calls this before the page."""
    try:
        change()
    except (UnknownRunError, TooManyRunsError, ValueError, OSError) as error:
        st.toast(to_sentence(error), icon=":material/error:", duration="long")
    else:
        st.toast(done, icon=":material/check:")
