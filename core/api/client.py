"""The client: the visitor for whom a request is made, by an access key or a browser's cookie."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from core.runs.access_keys import KEY_PREFIX, find_owner_of_key
from core.server.visitors import read_visitor

bearer = HTTPBearer(
    auto_error=False, description="An access key, which the Runs page makes: for your own runs"
)


async def recognise_client(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> None:
    """Note the name of the visitor in ``request.state.owner``; None for a client without one.

    A token that does not begin as our keys do may be meant for a proxy, and is ignored.

    Raises:
        HTTPException: the key is not valid; 401.
    """
    if credentials is None or not credentials.credentials.startswith(KEY_PREFIX):
        request.state.owner = read_visitor(request.cookies)
        return
    request.state.owner = find_owner_of_key(credentials.credentials)
    if request.state.owner is None:
        raise HTTPException(
            HTTPStatus.UNAUTHORIZED,
            "This access key is incomplete or was revoked; make another one on the Runs page",
            {"WWW-Authenticate": "Bearer"},
        )
