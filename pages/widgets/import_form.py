"""The form that imports a file exported by Digit Lab."""

from collections.abc import Callable

import streamlit as st

from pages.widgets.wording import to_sentence


def show_import_form(
    label: str, *, max_bytes: int, import_file: Callable[[bytes], str], icon: str
) -> None:
    """Let the visitor choose a zip; report what was imported, or why nothing was.

    Args:
        label: what the file should hold.
        max_bytes: the largest size of the file.
        import_file: saves the contents of the file and returns a sentence on what was saved.
        icon: beside that sentence.
    """
    with (
        st.popover("Import", icon=":material/upload:", key="import"),
        st.form("import_form", clear_on_submit=True, border=False),
    ):
        file = st.file_uploader(
            label, type="zip", max_upload_size=max_bytes // 2**20, key="import_file"
        )
        if not st.form_submit_button("Import", key="import_now") or file is None:
            return
        try:
            st.toast(import_file(file.getvalue()), icon=icon)
        except (ValueError, OSError) as error:  # StorageUnavailableError is an OSError
            st.error(to_sentence(error), icon=":material/folder_off:")
