"""The API as it was served before connections were sent without delay, for ``bench_api``."""

from pathlib import Path

import streamlit as st
from starlette.routing import Mount

from core.api import api
from core.api.application import load_models_at_start

app = st.App(
    Path(__file__).parent / "bare_page.py",
    routes=[Mount("/api", api)],
    lifespan=load_models_at_start,
)
