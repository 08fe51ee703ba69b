"""Problems: how the API says no, as RFC 9457 lays down (doi:10.17487/RFC9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from core.models.files import DamagedArtifactError

MEDIA_TYPE = "application/problem+json"
# The longest piece of a request that an answer repeats.
MAX_QUOTE_LENGTH = 100
# The most fields that an answer complains of.
MAX_ERRORS = 20


class InvalidField(BaseModel):
    """One part of a request that was not as expected."""

    field: str = Field(description="Where it stands, as in body.strokes.0")
    reason: str


class ProblemDetails(BaseModel):
    """Why a request was refused."""

    type: str = Field("about:blank", description="What kind of problem; the status says it all")
    title: str = Field(description="The status in words")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What was expected, what came, and what to do")
    file: str | None = Field(None, description="The file that could not be read, if one was it")
    errors: list[InvalidField] | None = Field(None, description="The fields that were not valid")


class RefusalError(Exception):
    """A request that is refused, with the reason."""

    def __init__(self, status: HTTPStatus, detail: str, *, file: str | None = None) -> None:
        """Say what was expected and what came; ``file`` names the culprit among several files."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.file = file


def describe_problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that may answer with these statuses, for OpenAPI."""
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {
        status.value: {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def answer_with_problem(
    status: HTTPStatus,
    detail: str,
    *,
    file: str | None = None,
    errors: list[InvalidField] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer that carries a problem."""
    body = ProblemDetails(
        type="about:blank",
        title=status.phrase,
        status=status.value,
        detail=detail,
        file=file,
        errors=errors,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status_code=status.value,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def handle_problems(api: FastAPI) -> None:
    """Let every error of the API leave it as a problem."""
    api.exception_handler(RefusalError)(_answer_problem)
    api.exception_handler(HTTPException)(_answer_http_exception)
    api.exception_handler(RequestValidationError)(_answer_invalid_request)
    api.exception_handler(DamagedArtifactError)(_answer_damaged_model)
    api.exception_handler(Exception)(_answer_unexpected)


async def _answer_problem(_: Request, problem: RefusalError) -> JSONResponse:
    return answer_with_problem(problem.status, problem.detail, file=problem.file)


async def _answer_http_exception(_: Request, error: HTTPException) -> JSONResponse:
    status = HTTPStatus(error.status_code)
    detail = error.detail if error.detail != status.phrase else status.description
    return answer_with_problem(status, detail or status.phrase, headers=error.headers)


async def _answer_invalid_request(_: Request, error: RequestValidationError) -> JSONResponse:
    # What was sent is not repeated: it may be long, and JSON has no word for NaN.
    errors = [
        InvalidField(
            field=".".join(str(part)[:MAX_QUOTE_LENGTH] for part in one["loc"]), reason=one["msg"]
        )
        for one in error.errors()[:MAX_ERRORS]
    ]
    first = "; ".join(f"{one.field}: {one.reason}" for one in errors[:3])
    return answer_with_problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"expected a request as the documentation describes it, got one that differs: {first}",
        errors=errors,
    )


async def _answer_damaged_model(_: Request, error: DamagedArtifactError) -> JSONResponse:
    return answer_with_problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


async def _answer_unexpected(_: Request, __: Exception) -> JSONResponse:
    # The server logs the exception itself.
    return answer_with_problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "expected to answer, but something failed here; the server's log says what",
    )
