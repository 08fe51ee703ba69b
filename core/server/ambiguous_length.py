"""Ambiguous length: a request that gives the length of its body in two ways is refused.

With both ``Content-Length`` and ``Transfer-Encoding``, a proxy and this server may disagree where
the request ends, and take a part of its body for another request (RFC 9112, section 6.1).
"""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

REFUSAL = {
    "title": HTTPStatus.BAD_REQUEST.phrase,
    "status": HTTPStatus.BAD_REQUEST.value,
    "detail": "The request has both a Content-Length and a Transfer-Encoding. Send one of them.",
}


class OneLength:
    """Refuses such requests, and closes their connections."""

    def __init__(self, app: ASGIApp) -> None:
        """Pass other requests on to ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if "content-length" in headers and "transfer-encoding" in headers:
                refusal = JSONResponse(
                    REFUSAL,
                    HTTPStatus.BAD_REQUEST,
                    {"Connection": "close"},
                    media_type="application/problem+json",
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)
