"""Browser modules: JavaScript files of a folder, served under a name with their digest.

The digest is that of all files together, so modules may import one another by relative names, and
browsers keep them for good. This module does not know what they do.
"""

import gzip
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

MEDIA_TYPE = "text/javascript"
NAME = "live"
DIGEST_LENGTH = 16
SECONDS_KEPT = 365 * 24 * 3600


class BrowserModules:
    """The modules of a folder, as they are when this is made.

    Attributes:
        digest: of all modules.
        path: of the folder with the modules, below the address of the app; with a slash at its end.
    """

    def __init__(self, folder: Path) -> None:
        """Read all ``*.js`` of a folder."""
        contents = {path.name: path.read_bytes() for path in sorted(folder.glob("*.js"))}
        self._compressed = {
            name: gzip.compress(content, mtime=0) for name, content in contents.items()
        }
        digest = hashlib.sha256(repr(contents).encode()).hexdigest()
        self.digest = digest[:DIGEST_LENGTH]
        self.path = f"{NAME}/{self.digest}/"

    def list_routes(self, prefixes: Iterable[str]) -> list[Route]:
        """The routes of the modules below each prefix, such as "" or "/lab"."""
        return [
            Route(f"{prefix}/{NAME}/{{digest}}/{{name}}", self._send, methods=["GET", "HEAD"])
            for prefix in prefixes
        ]

    async def _send(self, request: Request) -> Response:
        compressed = self._compressed.get(request.path_params["name"])
        if compressed is None or request.path_params["digest"] != self.digest:
            return PlainTextResponse("There is no such module.", HTTPStatus.NOT_FOUND)
        headers = {
            "Cache-Control": f"public, max-age={SECONDS_KEPT}, immutable",
            "Vary": "Accept-Encoding",
        }
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(compressed, media_type=MEDIA_TYPE, headers=headers)
        return Response(gzip.decompress(compressed), media_type=MEDIA_TYPE, headers=headers)


@lru_cache(maxsize=1)
def load_modules(folder: Path) -> BrowserModules:
    """The modules of a folder, read once."""
    return BrowserModules(folder)
