"""Every failure of a request in one JSON form (RFC 9457), with what to do next; never a traceback.

Problem
status  type           when
400     bad-request    it is no HTTP that can be read
401     not-signed-in  no token, or one that nobody has
403     not-allowed    the request comes from where it may not, or rights do not cover it
404     not-found      there is no such thing, or it is another person's
405     bad-method     this path takes other methods
409     in-use         the chosen id is in use
410     gone           it was kept for a while, and that is over
413     too-long       the body is longer than is read
422     bad-input      the request was read and does not fit
429     too-many       too many questions of one person at a time
500     failed         nobody foresaw this; the server's own output has the details
503     unavailable    the assistant is not open yet, or something behind it does not work
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import compile_path

from nlq.errors import GuardRefused, NlqError, ResultTooLarge, TooCostly

_LOG = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

TYPES: dict[int, str] = {
    400: "bad-request",
    401: "not-signed-in",
    403: "not-allowed",
    404: "not-found",
    405: "bad-method",
    409: "in-use",
    410: "gone",
    413: "too-long",
    422: "bad-input",
    429: "too-many",
    500: "failed",
    503: "unavailable",
}

_SEE = "GET /api/v1/openapi.json describes every request."


class ProblemBody(BaseModel):
    """What went wrong, in words for a person, and what to do next."""

    type: str = Field(examples=["urn:nlq:bad-input"], description="The kind of problem; stable.")
    title: str = Field(examples=["Unprocessable Entity"], description="The status in words.")
    status: int = Field(examples=[422], description="The status of the response.")
    detail: str = Field(examples=["question: Field required."], description="What happened.")
    hint: str = Field(examples=[_SEE], description="What to do next.")


class Problem(Exception):
    """Ends a request with this problem; ``retry_s`` tells when to try again, seconds."""

    def __init__(self, status: int, detail: str, hint: str = "", *, retry_s: int = 0) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.hint = hint
        self.retry_s = retry_s

    def body(self) -> dict[str, object]:
        """What is sent."""
        return ProblemBody(
            type=f"urn:nlq:{TYPES.get(self.status, 'bad-request')}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            hint=self.hint,
        ).model_dump()


def respond(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The response of a problem."""
    told = dict(headers or {})
    if problem.retry_s:
        told["Retry-After"] = str(problem.retry_s)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        told["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem.body(), problem.status, headers=told, media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """The problem of an error; what nobody foresaw is told without details, which are logged."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, GuardRefused):
        return Problem(403, error.message, error.hint)
    if isinstance(error, TooCostly | ResultTooLarge):
        return Problem(422, error.message, error.hint)
    if isinstance(error, NlqError):
        return Problem(503, error.message, error.hint)
    _LOG.error("a request failed in a way that nobody foresaw", exc_info=error)
    return Problem(
        500,
        "Something inside nlq went wrong.",
        "Try again; the server's own output has the details.",
    )


def answer_with_problems(app: FastAPI) -> None:
    """Make every error of ``app`` a problem."""

    @app.exception_handler(Problem)
    async def _(_request: Request, problem: Problem) -> JSONResponse:
        return respond(problem)

    @app.exception_handler(NlqError)
    async def _(_request: Request, error: NlqError) -> JSONResponse:
        return respond(problem_of(error))

    @app.exception_handler(RequestValidationError)
    async def _(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
        # The location of broken JSON is a place in the text, not a name.
        told = "The body is not JSON" if first["type"] == "json_invalid" else where
        return respond(Problem(422, f"{told}: {first['msg']}.", _SEE))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> JSONResponse:
        detail = {
            400: "The body cannot be read; send JSON in UTF-8.",
            404: "There is nothing at this path.",
            405: "This path does not take this method.",
        }.get(error.status_code, f"{error.detail}.")
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods(app, request)) or headers["Allow"]
        return respond(Problem(error.status_code, detail, _SEE), headers)

    @app.exception_handler(Exception)
    async def _(_request: Request, error: Exception) -> JSONResponse:
        return respond(problem_of(error))


def _methods(app: FastAPI, request: Request) -> list[str]:
    """All that the request's path takes; Starlette names those of one route alone."""
    return sorted(
        method.upper()
        for path, methods in app.openapi()["paths"].items()
        if compile_path(path)[0].match(request.scope["path"])
        for method in methods
    )
