"""Import and export of runs."""

import streamlit as st

from core.runs.exchange import MAX_ARCHIVE_BYTES, export_run, import_run
from core.runs.run import Run
from pages.widgets.import_form import show_import_form


def offer_run_import(owner: str) -> None:
    """Let the visitor import a run from a file; the owner gets a copy of it."""
    show_import_form(
        "A run exported by Digit Lab",
        max_bytes=MAX_ARCHIVE_BYTES,
        import_file=lambda contents: f"“{import_run(contents, owner).name}” was imported.",
        icon=":material/experiment:",
    )


def offer_run_export(run: Run) -> None:
    """Let the visitor download a run as a zip, which is made when it is downloaded."""
    st.download_button(
        "Export",
        lambda: export_run(run.id),
        file_name=f"{run.id}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="export",
    )
