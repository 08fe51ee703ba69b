"""Import and export of runs."""

import streamlit as st

from core.models.card import ModelCard
from core.models.files import WEIGHTS_FILE
from core.runs.exchange import MAX_ARCHIVE_BYTES, export_run, import_run
from core.runs.jobs import can_train, explain_no_training
from core.runs.run import Run
from pages.widgets.import_form import show_import_form
from pages.widgets.wording import escape_markdown


def offer_run_import(owner: str) -> None:
    """Let the visitor import a run from a file; the owner gets a copy of it."""

    def import_file(contents: bytes) -> str:
        run = import_run(contents, owner)
        return f"“{escape_markdown(run.name)}” was imported."

    show_import_form(
        "A run exported by Digit Lab",
        max_bytes=MAX_ARCHIVE_BYTES,
        import_file=import_file,
        icon=":material/experiment:",
        unavailable="" if can_train() else explain_no_training("Importing a run"),
        wait="Building the model of this run, which can take a minute …",
    )


def offer_run_export(run: Run, card: ModelCard) -> None:
    """Let the visitor download a run as a zip, which is made when it is downloaded."""
    missing = WEIGHTS_FILE not in card.files and not can_train()
    st.download_button(
        "Export",
        lambda: export_run(run.id),
        file_name=f"{run.id}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        disabled=missing,
        help=explain_no_training("Exporting a run of an earlier version") if missing else None,
        key="export",
    )
