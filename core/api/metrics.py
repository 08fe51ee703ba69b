"""Metrics: requests, errors and latencies of the API, counted for Prometheus."""

from http import HTTPStatus
from time import perf_counter

from fastapi import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# One label for every path and method that the API does not have: anybody can send made-up ones.
NO_ROUTE = "none"

registry = CollectorRegistry()
ProcessCollector(registry=registry)
requests = Counter(
    "digitlab_requests", "Requests answered", ("method", "route", "status"), registry=registry
)
errors = Counter(
    "digitlab_errors", "Requests that failed here", ("method", "route"), registry=registry
)
latency = Histogram(
    "digitlab_request_seconds",
    "From the first byte of a request to the last of its answer",
    ("method", "route"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=registry,
)
browser_differences = Counter(
    "digitlab_browser_differences",
    "Drawings for which a browser predicted something else than the server",
    registry=registry,
)
METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})


class RequestMetrics:
    """Counts and times every request."""

    def __init__(self, app: ASGIApp) -> None:
        """Pass requests on to ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = perf_counter()
        try:
            await self._app(scope, receive, note_status)
        finally:
            method = scope["method"] if scope["method"] in METHODS else NO_ROUTE
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            requests.labels(method, route, status).inc()
            latency.labels(method, route).observe(perf_counter() - started)
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                errors.labels(method, route).inc()


def report_metrics() -> Response:
    """All metrics in the text format of Prometheus."""
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
