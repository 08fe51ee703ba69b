"""The exchange of runs: one taken away as a file, and brought back from one."""

import streamlit as st

from core.runs.exchange import MAX_ARCHIVE_BYTES, export_run, import_run
from core.runs.run import Run
from pages.widgets.import_form import show_import_form


def offer_import(owner: str) -> None:
    """Take the run of a file in as one of the owner's, or say why not."""
    show_import_form(
        "A run that Digit Lab exported",
        largest=MAX_ARCHIVE_BYTES,
        take_in=lambda contents: f"“{import_run(contents, owner).name}” is yours too.",
        icon=":material/experiment:",
    )


def offer_export(run: Run) -> None:
    """Let the visitor download a run; it is packed only when somebody wants it."""
    st.download_button(
        "Export",
        lambda: export_run(run.id),
        file_name=f"{run.id}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="export",
    )
