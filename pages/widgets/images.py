"""Small pictures in rows that fit the width: weights, feature maps."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st


@dataclass(frozen=True)
class Picture:
    """One picture; ``address`` is where its image is, ``description`` is read out for it."""

    address: str
    description: str
    caption: str = ""


def show_pictures(pictures: Sequence[Picture], *, width: int, height: int | None = None) -> None:
    """Show pictures at one size in pixels, square unless a height is given."""
    figures = "".join(
        '<figure style="margin: 0; text-align: center; font-size: 0.8rem">'
        f'<img src="{escape(one.address)}" alt="{escape(one.description)}" width="{width}" '
        f'height="{height or width}" class="digit-picture">'
        f"{escape(one.caption)}</figure>"
        for one in pictures
    )
    st.html(
        f'<div style="display: flex; flex-wrap: wrap; gap: 6px">{figures}</div>', width="content"
    )
