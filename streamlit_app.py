"""Digit Lab: builds the app, pages and API in one process. The server imports this file once."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.api import api
from core.api.application import lead_to_docs, load_models_at_start
from core.server.ambiguous_length import OneLength
from core.server.browser_modules import load_modules
from core.server.connection_notice import ConnectionNotice
from core.server.connections import guard_connections
from core.server.headers import SecurityHeaders
from core.server.late_events import LateEvents
from core.server.memory import free_memory_when_idle
from core.server.not_found import NotFound
from core.server.turns import remember_event_loop
from core.server.visitors import VisitorCookie

# At the root as well, for health checks of the process itself.
BASE_PATH = st.get_option("server.baseUrlPath").strip("/")
PREFIXES = {"", f"/{BASE_PATH}" if BASE_PATH else ""}
PAGES = Path(__file__).parent / "pages"
API_ROUTES = [
    route
    for prefix in PREFIXES
    for route in (Route(f"{prefix}/api", lead_to_docs), Mount(f"{prefix}/api", api))
]

app = st.App(
    PAGES / "router.py",
    routes=[*API_ROUTES, *load_modules(PAGES / "live").list_routes(PREFIXES)],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(OneLength),
        Middleware(VisitorCookie),
        Middleware(NotFound, base_path=BASE_PATH),
        Middleware(ConnectionNotice),
        Middleware(LateEvents, from_browser=BackMsg, to_browser=ForwardMsg),
    ],
    lifespan=guard_connections(free_memory_when_idle(remember_event_loop(load_models_at_start))),
)
