"""The exchange of runs: one taken away as a file, and brought back from one."""

import streamlit as st

from core.runs.exchange import LARGEST_ARCHIVE, export_run, import_run
from core.runs.run import Run
from pages.widgets.sentences import say


def offer_import(owner: str) -> None:
    """Take the run of a file in as one of the owner's, or say why not."""
    with (
        st.popover("Import", icon=":material/upload:", key="import"),
        st.form("import_form", clear_on_submit=True, border=False),
    ):
        file = st.file_uploader(
            "A run that Digit Lab exported",
            type="zip",
            max_upload_size=LARGEST_ARCHIVE // 2**20,
            key="import_file",
        )
        if not st.form_submit_button("Import", key="import_now") or file is None:
            return
        try:
            run = import_run(file.getvalue(), owner)
        except (ValueError, OSError) as error:
            st.error(say(error), icon=":material/folder_off:")
            return
        st.toast(f"“{run.name}” is yours too.", icon=":material/experiment:")


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
