"""The mean digits of a pair: classified correctly, confused, and where both differ."""

import numpy as np
import streamlit as st

from core.analysis.neighbours import average_frames
from core.analysis.pairs import Side
from core.digits.datasets import Dataset
from core.digits.frame import bytes_from_frames
from core.figures.digit import png_address
from core.figures.weights import tint_weights
from pages.widgets.images import Picture, show_pictures

MEAN_SIDE = 104  # pixels on the screen


def show_means(sides: tuple[Side, Side], dataset: Dataset) -> None:
    """Show the means of both classes; those of groups without digits are left out."""
    shown = [pair for pair in (sides, sides[::-1]) if len(pair[0].right) + len(pair[0].confused)]
    if not shown:
        return
    for side, other in shown:
        st.markdown(f"**{side.label}s**, and {side.label}s predicted as {side.other}")
        dark = st.context.theme.type == "dark"
        with st.container(horizontal=True, gap="small"):  # in two rows on a phone
            for pictures in list_pictures(side, other, dataset, dark=dark):
                show_pictures(pictures, width=MEAN_SIDE)
    st.caption(
        "Means of real digits, and how many they are. In the differences, blue has more ink in the "
        "first of both, orange in the second. Where both differences are alike, the confused "
        "digits look like the other class."
    )


def list_pictures(
    side: Side, other: Side, dataset: Dataset, *, dark: bool
) -> tuple[list[Picture], list[Picture]]:
    """The means of one class, and the differences from its correctly classified digits.

    Args:
        side: the class.
        other: the other class of the pair.
        dataset: the data set.
        dark: whether the page is dark.
    """
    groups = {
        f"{side.label} · {len(side.right):,}": side.right,
        f"{side.label} → {side.other} · {len(side.confused):,}": side.confused,
        f"{other.label} · {len(other.right):,}": other.right,
    }
    means = {name: average_frames(dataset, group) for name, group in groups.items() if len(group)}
    own, confused, opposite = groups
    shown = [
        Picture(png_address(bytes_from_frames(means[name])), f"Mean of {name}", name)
        for name in (own, confused)
        if name in means
    ]
    differences = {
        f"{side.label} → {side.other} minus {side.label}": (confused, own),
        f"{side.other} minus {side.label}": (opposite, own),
    }
    contrasts = {
        title: means[first] - means[second]
        for title, (first, second) in differences.items()
        if first in means and second in means
    }
    limit = max([1e-6, *(float(np.abs(contrast).max()) for contrast in contrasts.values())])
    tinted = [
        Picture(png_address(tint_weights(contrast, limit=limit, dark=dark)), f"Mean {title}", title)
        for title, contrast in contrasts.items()
    ]
    return shown, tinted
