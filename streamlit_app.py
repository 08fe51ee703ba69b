"""Digit Lab: the entry point. It sets the page up and sends the reader to one of the pages."""

from pathlib import Path

import streamlit as st

from core.artifacts import DamagedArtifactError
from core.digits.datasets import DamagedDatasetError

PAGES = (
    st.Page("pages/draw.py", title="Draw", icon=":material/draw:", default=True),
    st.Page("pages/curves.py", title="Training curves", icon=":material/show_chart:"),
    st.Page("pages/confusion.py", title="Confusion matrices", icon=":material/grid_on:"),
    st.Page("pages/errors.py", title="Error explorer", icon=":material/troubleshoot:"),
)

ROOT = Path(__file__).parent

st.set_page_config(page_title="Digit Lab", page_icon=ROOT / ".streamlit/icon.png", layout="wide")
page = st.navigation([*PAGES], position="top")
st.html(ROOT / "pages/widgets/style.css")
try:
    page.run()
except (DamagedArtifactError, DamagedDatasetError) as error:
    st.error(str(error), icon=":material/broken_image:")
