"""Digit Lab: builds the app, pages and API in one process. The server imports this file once."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

from core.api import api
from core.api.application import load_models_at_start
from core.server.ambiguous_length import OneLength
from core.server.connections import guard_connections
from core.server.headers import SecurityHeaders
from core.server.memory import free_memory_when_idle
from core.server.not_found import NotFound
from core.server.turns import remember_event_loop
from core.server.visitors import VisitorCookie

app = st.App(
    Path(__file__).parent / "pages/router.py",
    routes=[Mount("/api", api)],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(OneLength),
        Middleware(VisitorCookie),
        Middleware(NotFound, base_path=st.get_option("server.baseUrlPath")),
    ],
    lifespan=guard_connections(free_memory_when_idle(remember_event_loop(load_models_at_start))),
)
