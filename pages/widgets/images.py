"""Small pictures in rows that fit the width, such as weights and feature maps."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st


@dataclass(frozen=True)
class Picture:
    """One picture; ``address`` is the URL of its image, ``description`` its alternative text."""

    address: str
    description: str
    caption: str = ""


def show_pictures(pictures: Sequence[Picture], *, width: int, height: int | None = None) -> None:
    """Show pictures at one size in pixels, square unless a height is given."""
    figures = "".join(
        '<figure style="margin: 0; text-align: center; font-size: 0.8rem">'
        f'<img src="{escape(picture.address)}" alt="{escape(picture.description)}" '
        f'width="{width}" height="{height or width}" class="digit-picture">'
        f"{escape(picture.caption)}</figure>"
        for picture in pictures
    )
    st.html(
        f'<div style="display: flex; flex-wrap: wrap; gap: 6px">{figures}</div>', width="content"
    )
