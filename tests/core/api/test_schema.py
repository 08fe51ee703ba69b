"""Requests made up from our own OpenAPI: none of them makes the server fail."""

import schemathesis
from hypothesis import settings
from schemathesis.checks import not_a_server_error

from core.api.application import build_api
from core.api.settings import Settings

schema = schemathesis.openapi.from_asgi(
    "/openapi.json", build_api(Settings(max_requests_per_second=0))
)


# Health answers 503 while models load, and means it.
@schema.exclude(path="/health").parametrize()
@settings(max_examples=60, deadline=None)
def test_no_request_makes_the_server_fail(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=[not_a_server_error])
