"""The form that imports a file exported by Digit Lab."""

from collections.abc import Callable

import streamlit as st

from pages.widgets.wording import escape_markdown, to_sentence


def show_import_form(
    label: str,
    *,
    max_bytes: int,
    import_file: Callable[[bytes], str],
    icon: str,
    unavailable: str = "",
    wait: str = "Importing …",
) -> None:
    """Let the visitor choose a zip; report what was imported, or why nothing was.

    Args:
        label: what the file should hold.
        max_bytes: the largest size of the file.
        import_file: saves the contents of the file and returns a sentence on what was saved.
        icon: beside that sentence.
        unavailable: why nothing can be imported here, in a sentence; empty where it can.
        wait: what is shown while the file is imported.
    """
    with st.popover("Import", icon=":material/upload:", key="import"):
        if unavailable:
            st.info(unavailable, icon=":material/download:")
            return
        _show_form(label, max_bytes, import_file, icon, wait)


def _show_form(
    label: str, max_bytes: int, import_file: Callable[[bytes], str], icon: str, wait: str
) -> None:
    with st.form("import_form", clear_on_submit=True, border=False):
        file = st.file_uploader(
            label, type="zip", max_upload_size=max_bytes // 2**20, key="import_file"
        )
        if not st.form_submit_button("Import", key="import_now") or file is None:
            return
        try:
            with st.spinner(wait):
                imported = import_file(file.getvalue())
            st.toast(imported, icon=icon)
        except (ValueError, OSError) as error:  # StorageUnavailableError is an OSError
            st.error(escape_markdown(to_sentence(error)), icon=":material/folder_off:")
