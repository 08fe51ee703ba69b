"""Limits: how much one request may send, and how often one address may ask."""

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
    """Refuses a body that is too large: before it is read if it says so, else while it arrives.

    FastAPI's ``max_body_size`` does the same, but answers without a reason.
    """

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        """Pass requests with bodies of at most so many bytes on to ``app``."""
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > self._most_bytes:
            await self._refuse(scope, receive, send)
            return
        arrived, answered = 0, False

        async def count() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._most_bytes:
                raise _BodyTooLargeError
            return message

        async def pass_on(message: Message) -> None:
            nonlocal answered
            # What the application makes of the error is not its answer.
            if arrived <= self._most_bytes:
                answered = True
                await send(message)

        with suppress(_BodyTooLargeError):
            await self._app(scope, count, pass_on)
        if arrived > self._most_bytes and not answered:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = answer_with_problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"expected a request of at most {self._most_bytes:,} bytes, got a larger one; "
            f"send smaller or fewer files, or raise {name_variable('max_body_bytes')}",
        )
        await refusal(scope, receive, send)


class RateLimit:
    """Refuses the requests of an address that asks more often than it may."""

    def __init__(self, app: ASGIApp, requests_per_second: int) -> None:
        """Pass at most so many requests of each address on to ``app``; 0 passes all on."""
        self._app = app
        self._most = requests_per_second
        self._item = RateLimitItemPerSecond(max(1, requests_per_second))
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] == "http" and self._most and not self._may_pass(scope):
            refusal = answer_with_problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"expected at most {self._most} requests a second from one address; "
                "wait a second, or send several files in one request",
                headers={"Retry-After": "1"},
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        address = scope["client"][0] if scope.get("client") else "unknown"
        return self._limiter.hit(self._item, address)


class _BodyTooLargeError(Exception):
    """More has arrived than may."""
