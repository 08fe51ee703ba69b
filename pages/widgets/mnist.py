"""The offer to download MNIST where a page needs its images."""

import streamlit as st

from core.digits.datasets import MnistUnavailableError, download_mnist
from pages.widgets.sentences import say


def offer_download(reason: str, *, alternative: bool = True) -> None:
    """Say why the images are not there, and download them at the press of a button.

    Args:
        reason: a sentence.
        alternative: whether the page offers other digits that need no download.
    """
    st.info(reason, icon=":material/download:")
    if alternative:
        st.caption("The bundled digits above need no download.")
    if not st.button("Download MNIST (11 MB)", type="primary", key="download_mnist"):
        return
    bar = st.progress(0.0, "Downloading MNIST …")
    try:
        download_mnist(lambda share: bar.progress(share, "Downloading MNIST …"))
    except MnistUnavailableError as error:
        bar.empty()
        st.error(say(error), icon=":material/cloud_off:")
        return
    st.rerun()
