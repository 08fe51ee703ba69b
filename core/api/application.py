"""Application: routes, limits and error bodies put together."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline

from core.api import browser, models, predictions
from core.api.limits import BodyLimit, RateLimit
from core.api.metrics import RequestMetrics
from core.api.problems import handle_problems
from core.api.settings import Settings, read_origins, read_settings
from core.api.spellings import Spellings
from core.runs.run import index_runs
from core.runs.store import purge_runs
from core.server.ambiguous_length import OneLength
from core.server.connections import guard_connections
from core.server.headers import SecurityHeaders
from core.server.model_cache import start_warm_up

# The number of processors alone would allow too many: a container sees all those of its host.
MAX_WORKERS = 4
DESCRIPTION = """Classifies handwritten digits with the models of Digit Lab, in the same way as its
pages. A refused request is answered with a problem body as in RFC 9457. Nothing that is sent is
stored."""


@asynccontextmanager
async def load_models_at_start(_: Any) -> AsyncIterator[None]:
    """The lifespan of a server: it starts to load every model, and does not wait for that.

    First it removes the runs that were deleted at least a day ago, and enters runs of earlier
    versions into the index of owners.
    """
    purge_runs()
    index_runs()
    start_warm_up()
    yield


def build_api(settings: Settings) -> FastAPI:
    """The API with these limits. Its documentation needs no file from another host."""
    application = FastAPIOffline(
        title="Digit Lab",
        version="1",
        description=DESCRIPTION,
        redoc_url=None,
        redirect_slashes=False,
        swagger_ui_parameters={"tryItOutEnabled": True, "defaultModelsExpandDepth": 0},
        lifespan=guard_connections(load_models_at_start),
    )
    application.state.settings = settings
    application.state.workers = CapacityLimiter(min(os.cpu_count() or 1, MAX_WORKERS))
    application.include_router(predictions.router)
    application.include_router(models.router)
    application.include_router(browser.router)
    application.add_api_route("/", lead_to_docs, include_in_schema=False)
    handle_problems(application)
    application.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    application.add_middleware(RateLimit, max_per_second=settings.max_requests_per_second)
    allow_origins(application)
    application.add_middleware(OneLength)
    application.add_middleware(RequestMetrics)
    application.add_middleware(SecurityHeaders)
    application.add_middleware(Spellings)
    return application


def allow_origins(application: FastAPI) -> None:
    """Let pages of the sites that the environment names use the API, without their cookies."""
    origins = read_origins()
    if origins:
        application.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            allow_credentials=False,
        )


async def lead_to_docs(request: Request) -> RedirectResponse:
    """Redirect to the documentation, whatever path and scheme a proxy has before the server."""
    is_folder = request.scope["path"].endswith("/")
    last = request.scope["path"].rpartition("/")[2]
    return RedirectResponse("docs" if is_folder else f"{last}/docs")


api = build_api(read_settings())
