"""Spellings: requests that mean the same as a route of the API, and are answered as by it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Spellings:
    """Answers HEAD as GET without a body, and a path with a slash at its end as without one."""

    def __init__(self, app: ASGIApp) -> None:
        """Pass requests on to ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            body = {"body": b""} if message["type"] == "http.response.body" else {}
            await send({**message, **body})

        is_head = scope["method"] == "HEAD"
        root, path = scope.get("root_path", ""), scope["path"].rstrip("/")
        meant = {
            **scope,
            "method": "GET" if is_head else scope["method"],
            "path": f"{root}/" if path == root else path,
        }
        await self._app(meant, receive, send_without_body if is_head else send)
