"""The description of the API (OpenAPI): what routes say of themselves, completed."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from nlq_ui.api.problems import MEDIA_TYPE, TYPES, ProblemBody
from nlq_ui.api.replies import ProgressEvent, StageFinishedEvent, StageStartedEvent

ABOUT: Final = """Questions about a data lake in plain words: SQL is written, checked, run, and the
answer explained. Every question ends with an answer, whose `kind` says what came of it; only
requests that cannot be served end with a problem (`application/problem+json`)."""

_MEANINGS: Final = {
    400: "The body is no text in UTF-8.",
    401: "No token, or one that nobody has.",
    403: "The request comes from where it may not, or your rights do not cover it.",
    404: "There is no such thing, or it is another person's.",
    409: "The chosen id is in use.",
    410: "It was kept for a while, and that is over.",
    413: "The body is too long.",
    422: "The request does not fit.",
    429: "Too many questions of yours at a time.",
    503: "The assistant is not open yet, or something behind it does not work.",
}
_RETRY: Final = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
_EVENTS: Final = (StageStartedEvent, StageFinishedEvent, ProgressEvent, ProblemBody)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer with instead, by status."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    example = {
        "type": f"urn:nlq:{TYPES[status]}",
        "title": "The status in words",
        "status": status,
        "detail": _MEANINGS[status],
        "hint": "What to do next.",
    }
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    told: dict[str, Any] = {
        "description": _MEANINGS[status],
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
    return {**told, "headers": _RETRY} if status == 429 else told


def complete(app: FastAPI) -> None:
    """Add the forms of events and problems to the description of ``app``, which routes refer to."""
    describe = app.openapi

    def completed() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = describe()
            _, schemas = models_json_schema(
                [(model, "serialization") for model in _EVENTS],
                ref_template="#/components/schemas/{model}",
            )
            described["components"]["schemas"].update(schemas["$defs"])
        return describe()

    app.openapi = completed  # type: ignore[method-assign]
