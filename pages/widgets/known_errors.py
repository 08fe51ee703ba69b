"""Known errors: what went wrong as a sentence on the page, where Streamlit would show a traceback.

Streamlit reports an error inside a fragment before the code around the fragment can catch it. So
the router wraps every page, and a fragment wraps what it computes.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.digits.datasets import DamagedDatasetError, MnistUnavailableError
from core.drawings.drawing import StorageUnavailableError
from core.models.files import DamagedArtifactError
from pages.widgets.wording import to_sentence

logger = logging.getLogger(__name__)
ICONS = {
    DamagedArtifactError: ":material/broken_image:",
    DamagedDatasetError: ":material/broken_image:",
    StorageUnavailableError: ":material/database_off:",
    MnistUnavailableError: ":material/download:",
    OSError: ":material/hard_drive:",  # after the kinds above, which are OSErrors too
}


@contextmanager
def show_known_errors() -> Iterator[None]:
    """Show a known error as a sentence; all others pass. Also a decorator, below ``@st.fragment``.

    Known are damaged models and data sets, a missing data set, a database that cannot be used, and
    files that cannot be read or written.
    """
    try:
        yield
    except tuple(ICONS) as error:
        logger.warning("%s", error, exc_info=error)  # the notes of the error have the details
        icon = next(icon for kind, icon in ICONS.items() if isinstance(error, kind))
        st.error(to_sentence(error), icon=icon)
