"""Problems: the body of every refused request, as in RFC 9457 (doi:10.17487/RFC9457)."""

import logging
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
DOCS_PATH = "/docs"
# How many characters of a request a response quotes, and how many invalid fields it lists.
MAX_QUOTE_LENGTH = 100
MAX_ERRORS = 20


logger = logging.getLogger(__name__)


class InvalidField(BaseModel):
    """One invalid part of a request."""

    field: str = Field(description="Its path, such as body.strokes.0")
    reason: str


class ProblemDetails(BaseModel):
    """Why a request was refused."""

    type: str = Field("about:blank", description="The kind of problem; the status says more")
    title: str = Field(description="The status in words")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What happened, and what to do")
    file: str | None = Field(None, description="The name of the file that was refused")
    errors: list[InvalidField] | None = Field(None, description="The invalid fields")


class RefusalError(Exception):
    """A request is refused."""

    def __init__(self, status: HTTPStatus, detail: str, *, file: str | None = None) -> None:
        """Give a reason in whole sentences, and the name of the file where it is about one."""
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


def describe_refusal(refusal: RefusalError) -> ProblemDetails:
    """The body of the response to a request that is refused for this reason."""
    return _describe(refusal.status, refusal.detail, file=refusal.file)


def _describe(
    status: HTTPStatus,
    detail: str,
    *,
    file: str | None = None,
    errors: list[InvalidField] | None = None,
) -> ProblemDetails:
    return ProblemDetails(
        type="about:blank",
        title=status.phrase,
        status=status.value,
        detail=detail,
        file=file,
        errors=errors,
    )


def answer_with_problem(
    status: HTTPStatus,
    detail: str,
    *,
    file: str | None = None,
    errors: list[InvalidField] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The response with a problem as its body."""
    body = _describe(status, detail, file=file, errors=errors)
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status_code=status.value,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def handle_problems(api: FastAPI) -> None:
    """Turn every error of the API into a response with a problem."""
    api.exception_handler(RefusalError)(_answer_problem)
    api.exception_handler(HTTPException)(_answer_http_exception)
    api.exception_handler(RequestValidationError)(_answer_invalid_request)
    api.exception_handler(DamagedArtifactError)(_answer_damaged_model)
    api.exception_handler(Exception)(_answer_unexpected)


async def _answer_problem(_: Request, problem: RefusalError) -> JSONResponse:
    return answer_with_problem(problem.status, problem.detail, file=problem.file)


async def _answer_http_exception(request: Request, error: HTTPException) -> JSONResponse:
    status = HTTPStatus(error.status_code)
    happened = {
        HTTPStatus.NOT_FOUND: "There is nothing at this path",
        HTTPStatus.METHOD_NOT_ALLOWED: "This path does not allow this method",
    }.get(status, error.detail)
    detail = f"{happened}. {_refer_to_docs(request)}"
    return answer_with_problem(status, detail, headers=error.headers)


def _refer_to_docs(request: Request) -> str:
    path = f"{request.scope.get('root_path', '')}{DOCS_PATH}"
    return f"The documentation at {path} describes all requests."


async def _answer_invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
    # The invalid values are not repeated: they may be long, and JSON cannot represent NaN.
    errors = [
        InvalidField(
            field=".".join(str(part)[:MAX_QUOTE_LENGTH] for part in found["loc"]),
            reason=_describe_reason(found["msg"]),
        )
        for found in error.errors()[:MAX_ERRORS]
    ]
    first = "; ".join(f"{invalid.field}: {invalid.reason}" for invalid in errors[:3])
    return answer_with_problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"The request is not valid ({first}). {_refer_to_docs(request)}",
        errors=errors,
    )


def _describe_reason(message: str) -> str:
    """Pydantic's message in words for clients, without a full stop."""
    if "UploadFile" in message:
        return "This is not a file"
    return message.removeprefix("Value error, ").rstrip(".")


async def _answer_damaged_model(_: Request, error: DamagedArtifactError) -> JSONResponse:
    logger.warning("expected sound models, got one that is not", exc_info=error)
    return answer_with_problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


async def _answer_unexpected(_: Request, __: Exception) -> JSONResponse:
    # The server itself logs the exception.
    return answer_with_problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The server failed to answer; its log has the reason. Please try again later.",
    )
