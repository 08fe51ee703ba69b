"""Limits: the size of one request, and the number of requests per second from one address."""

from contextlib import suppress
from http import HTTPStatus

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.problems import answer_with_problem
from core.api.settings import name_variable


class BodyLimit:
    """Refuses a body that is too large, by its Content-Length or else while it arrives.

    FastAPI's ``max_body_size`` does the same, but does not give a reason. A body of up
    to twice the limit is read to its end before the refusal is sent: a server that closes a
    connection with unread data resets it, and the client, or the proxy, may lose the response.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        """Pass requests with bodies of at most ``max_bytes`` on to ``app``."""
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        size = int(announced) if announced.isdecimal() else 0
        if size > self._max_bytes:
            if size <= 2 * self._max_bytes:
                await _discard(receive, size)
            await self._refuse(scope, receive, send)
            return
        arrived, answered = 0, False

        async def count() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._max_bytes:
                raise _BodyTooLargeError
            return message

        async def pass_on(message: Message) -> None:
            nonlocal answered
            # Once the body is too large, the application's own response to that is dropped.
            if arrived <= self._max_bytes:
                answered = True
                await send(message)

        with suppress(_BodyTooLargeError):
            await self._app(scope, count, pass_on)
        if arrived > self._max_bytes and not answered:
            await _discard(receive, self._max_bytes)
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = answer_with_problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The request is larger than {self._max_bytes:,} bytes. Send smaller or fewer files. "
            f"(The environment variable {name_variable('max_body_bytes')} sets this limit.)",
        )
        await refusal(scope, receive, send)


class RateLimit:
    """Refuses requests of an address that sends too many per second."""

    def __init__(self, app: ASGIApp, max_per_second: int) -> None:
        """Pass at most ``max_per_second`` requests of each address on to ``app``; 0: all."""
        self._app = app
        self._max_per_second = max_per_second
        self._item = RateLimitItemPerSecond(max(1, max_per_second))
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] == "http" and self._max_per_second and not self._may_pass(scope):
            refusal = answer_with_problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"Only {self._max_per_second} requests per second are allowed from one address. "
                "Wait a second, or send several files in one request.",
                headers={"Retry-After": "1"},
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        address = scope["client"][0] if scope.get("client") else "unknown"
        return self._limiter.hit(self._item, address)


class _BodyTooLargeError(Exception):
    """The body is larger than allowed."""


async def _discard(receive: Receive, max_bytes: int) -> None:
    """Read what remains of a body, until it ends or more than so many bytes have arrived."""
    arrived, more = 0, True
    while more and arrived <= max_bytes:
        message = await receive()
        arrived += len(message.get("body", b""))
        more = message.get("more_body", False)
