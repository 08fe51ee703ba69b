"""The exchange: drawings taken away as a file, and brought back from one."""

import streamlit as st

from core.drawings.drawing import MAX_DRAWINGS
from core.drawings.exchange import MAX_ARCHIVE_BYTES, export_drawings, import_drawings
from pages.widgets.data import get_store
from pages.widgets.import_form import show_import_form


def offer_import(owner: str) -> None:
    """Add the drawings of a file to the owner's; say how many are new, or why none is."""

    def take_in(contents: bytes) -> str:
        drawings = import_drawings(contents, owner)
        added = get_store().save(*drawings)
        return f"{added} added, {len(drawings) - added} were there already."

    show_import_form(
        "Drawings that Digit Lab exported",
        largest=MAX_ARCHIVE_BYTES,
        take_in=take_in,
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
        disabled=not 0 < count <= MAX_DRAWINGS,
        help=f"Those that are listed, at most {MAX_DRAWINGS:,} at once.",
        key="export",
    )
