"""The form that takes in a file which Digit Lab exported."""

from collections.abc import Callable

import streamlit as st

from pages.widgets.wording import to_sentence


def show_import_form(
    label: str, *, largest: int, take_in: Callable[[bytes], str], icon: str
) -> None:
    """Let the visitor choose a zip, and say what came of it, or why nothing did.

    Args:
        label: what should be in the file.
        largest: its most bytes.
        take_in: keeps what is in the contents of the file, and says what was kept.
        icon: beside what it says.
    """
    with (
        st.popover("Import", icon=":material/upload:", key="import"),
        st.form("import_form", clear_on_submit=True, border=False),
    ):
        file = st.file_uploader(
            label, type="zip", max_upload_size=largest // 2**20, key="import_file"
        )
        if not st.form_submit_button("Import", key="import_now") or file is None:
            return
        try:
            st.toast(take_in(file.getvalue()), icon=icon)
        except (ValueError, OSError) as error:  # of which one is a database out of reach
            st.error(to_sentence(error), icon=":material/folder_off:")
