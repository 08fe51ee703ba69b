"""The exchange: drawings taken away as a file, and brought back from one."""

import streamlit as st

from core.drawings.drawing import MOST_DRAWINGS
from core.drawings.exchange import LARGEST_ARCHIVE, export_drawings, import_drawings
from pages.widgets.loaders import get_store
from pages.widgets.sentences import say


def offer_import(owner: str) -> None:
    """Add the drawings of a file to the owner's; say how many are new, or why none is."""
    with (
        st.popover("Import", icon=":material/upload:", key="import"),
        st.form("import_form", clear_on_submit=True, border=False),
    ):
        file = st.file_uploader(
            "Drawings that Digit Lab exported",
            type="zip",
            max_upload_size=LARGEST_ARCHIVE // 2**20,
            key="import_file",
        )
        if not st.form_submit_button("Import", key="import_now") or file is None:
            return
        try:
            drawings = import_drawings(file.getvalue(), owner)
            added = get_store().save(*drawings)
        except ValueError as error:
            st.error(say(error), icon=":material/folder_off:")
            return
        st.toast(
            f"{added} added, {len(drawings) - added} were there already.",
            icon=":material/collections:",
        )


def offer_export(
    owner: str, count: int, *, label: int | None = None, misread_by: str | None = None
) -> None:
    """Let the owner download the drawings of the chosen label and misreader, ``count`` in all."""

    def export() -> bytes:
        return export_drawings(get_store().find(owner, label=label, misread_by=misread_by))

    st.download_button(
        f"Export {count}",
        export,
        file_name="drawings.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        disabled=not 0 < count <= MOST_DRAWINGS,
        help=f"Those that are listed, at most {MOST_DRAWINGS:,} at once.",
        key="export",
    )
