"""What a page shows where its data is missing: other digits, a download, an invitation to draw."""

import streamlit as st

from core.digits.datasets import MnistUnavailableError, download_mnist
from pages.widgets.data import BUNDLED_DIGITS, has_mnist
from pages.widgets.wording import to_sentence


def offer_download(reason: str, *, alternative: bool = True, key: str = "download_mnist") -> None:
    """Explain why the images are missing, and download them at the press of a button.

    Args:
        reason: a sentence.
        alternative: whether the page offers other digits that need no download.
        key: of the button.
    """
    st.info(reason, icon=":material/download:")
    if alternative:
        st.caption("The bundled digits need no download.")
    if not st.button("Download MNIST (11 MB)", type="primary", key=key):
        return
    bar = st.progress(0.0, "Downloading MNIST …")

    def show_progress(share: float) -> None:
        bar.progress(share, "Downloading MNIST …")

    try:
        download_mnist(show_progress)
    except MnistUnavailableError as error:
        bar.empty()
        st.error(to_sentence(error), icon=":material/cloud_off:")
        return
    st.rerun()


def explain_bundled_digits(dataset_id: str) -> None:
    """Say why a page shows the bundled digits where nobody chose them: MNIST is missing."""
    if dataset_id == BUNDLED_DIGITS and not has_mnist():
        st.caption("MNIST is not on this machine, so the bundled digits are used here.")


def ask_for_two_models() -> None:
    """Say so where a model is to be compared with itself."""
    st.info("Choose two different models.", icon=":material/touch_app:")


def invite_to_draw() -> None:
    """Explain how to save drawings, and link to the pad."""
    st.info(
        "You have not saved any drawings yet. Draw a digit and answer “Is this correct?” to save "
        "it.",
        icon=":material/draw:",
    )
    st.page_link("draw.py", label="Draw a digit", icon=":material/arrow_forward:")
