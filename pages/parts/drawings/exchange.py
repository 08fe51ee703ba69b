"""The exchange: saved drawings exported to a file and imported from one."""

import streamlit as st

from core.drawings.drawing import MAX_DRAWINGS
from core.drawings.exchange import MAX_ARCHIVE_BYTES, export_drawings, import_drawings
from pages.parts.drawings.collection import Filter
from pages.widgets.data import get_store
from pages.widgets.import_form import show_import_form


def offer_import(owner: str) -> None:
    """Add the drawings of a file to the owner's; report how many are new, or why none is."""

    def import_file(contents: bytes) -> str:
        drawings = import_drawings(contents, owner)
        added = get_store().save(*drawings)
        return f"{added} added, {len(drawings) - added} already saved."

    show_import_form(
        "Drawings exported by Digit Lab",
        max_bytes=MAX_ARCHIVE_BYTES,
        import_file=import_file,
        icon=":material/collections:",
    )


def offer_export(owner: str, count: int, chosen: Filter) -> None:
    """Let the owner download the listed drawings, ``count`` in all."""

    def export() -> bytes:
        return export_drawings(get_store().find(owner, **vars(chosen)))

    st.download_button(
        f"Export {count:,}",
        export,
        file_name="drawings.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        disabled=not 0 < count <= MAX_DRAWINGS,
        help=f"Downloads the listed drawings, at most {MAX_DRAWINGS:,}.",
        key="export",
    )
