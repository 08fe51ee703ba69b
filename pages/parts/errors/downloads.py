"""What is listed, to take along: as a table, and as one picture."""

import csv
import io
from collections.abc import Mapping, Sequence

import streamlit as st

from core.digits.datasets import Dataset
from core.figures.sheet import draw_sheet

# A sheet of more would be taller than most programs show.
MAX_ON_SHEET = 2000


def offer_downloads(
    rows: Sequence[Mapping[str, object]], captions: Sequence[str], dataset: Dataset
) -> None:
    """A CSV file and a PNG of the digits that are listed.

    Args:
        rows: one a digit, all with the same columns; ``index`` is its place in the data set.
        captions: what stands below each on the picture.
        dataset: where they are.
    """

    def write_table() -> str:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def write_sheet() -> bytes:
        shown = [int(str(row["index"])) for row in rows[:MAX_ON_SHEET]]
        return draw_sheet(dataset.images[shown], captions[:MAX_ON_SHEET])

    name = f"{dataset.id}_{len(rows)}"
    with st.container(horizontal=True, gap="small"):
        for label, write, kind in (("CSV", write_table, "csv"), ("PNG", write_sheet, "png")):
            st.download_button(
                label,
                write,
                file_name=f"{name}.{kind}",
                icon=":material/download:",
                on_click="ignore",
                key=f"take_{kind}",
            )
