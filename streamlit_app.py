"""Digit Lab: builds the app, pages and API in one process. The server imports this file once."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from core.api import api
from core.api.application import lead_to_docs, load_models_at_start
from core.server.ambiguous_length import OneLength
from core.server.connections import guard_connections
from core.server.headers import SecurityHeaders
from core.server.memory import free_memory_when_idle
from core.server.not_found import NotFound
from core.server.turns import remember_event_loop
from core.server.visitors import VisitorCookie

# At the root as well, for health checks of the process itself.
BASE_PATH = st.get_option("server.baseUrlPath").strip("/")
API_PATHS = {"/api", f"/{BASE_PATH}/api" if BASE_PATH else "/api"}

app = st.App(
    Path(__file__).parent / "pages/router.py",
    routes=[route for path in API_PATHS for route in (Route(path, lead_to_docs), Mount(path, api))],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(OneLength),
        Middleware(VisitorCookie),
        Middleware(NotFound, base_path=BASE_PATH),
    ],
    lifespan=guard_connections(free_memory_when_idle(remember_event_loop(load_models_at_start))),
)
