"""Downloads of the listed digits: as a table, and as one picture."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.digits.datasets import Dataset
from core.figures.sheet import draw_sheet
from pages.widgets.label_errors import FLAG

# A sheet of more digits would be taller than most programs can show.
MAX_ON_SHEET = 2000


def offer_downloads(
    rows: Sequence[Mapping[str, object]],
    captions: Mapping[int, tuple[str, str]],
    dataset: Dataset,
) -> None:
    """Offer the listed digits as a CSV file and as a PNG.

    Args:
        rows: one for each digit, all with the same columns; ``index`` is its place in the data set.
        captions: caption and sentence of each digit, by its index, in the order of the rows.
        dataset: the data set.
    """

    def write_sheet() -> bytes:
        indices = [*captions][:MAX_ON_SHEET]
        return draw_sheet(dataset.images[indices], [_to_latin(captions[i][0]) for i in indices])

    writers: dict[str, Callable[[], str | bytes]] = {
        "csv": lambda: write_table(rows),
        "png": write_sheet,
    }
    with st.container(horizontal=True, gap="small"):
        for extension, write in writers.items():
            st.download_button(
                extension.upper(),
                write,
                file_name=f"{dataset.id}_{len(rows)}.{extension}",
                icon=":material/download:",
                on_click="ignore",
                key=f"take_{extension}",
            )


def write_table(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows, at least one, as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _to_latin(caption: str) -> str:
    """A caption without the characters that the font of the sheet lacks."""
    return caption.replace("→", ">").replace(FLAG, "!")
