"""The routes ``check`` and ``catalog/search``: the guard on SQL, and what the catalog holds."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from nlq.cli.as_json import plain
from nlq.errors import GuardRefused
from nlq_ui.api.description import problems
from nlq_ui.api.forms import decision_form
from nlq_ui.api.parts import NEEDS_TOKEN, Shared, Who
from nlq_ui.api.replies import DecisionReply, FoundReply
from nlq_ui.api.requests import CheckRequest, Words

router = APIRouter(tags=["lake"], dependencies=NEEDS_TOKEN)

_DECISION: dict[int | str, dict[str, Any]] = {
    200: {"model": DecisionReply},
    **problems(400, 401, 403, 413, 422, 503),
}
_FOUND: dict[int | str, dict[str, Any]] = {
    200: {"model": FoundReply},
    **problems(401, 403, 422, 503),
}


@router.post("/check", responses=_DECISION, response_model=None, summary="Check SQL")
def check(body: CheckRequest, parts: Shared, principal: Who) -> Response:
    """Run the guard on SQL of your own; nothing is run."""
    try:
        return JSONResponse(decision_form(parts.assistant().check(body.sql, principal)))
    except GuardRefused as refused:
        return JSONResponse(decision_form(refused))


@router.get("/catalog/search", responses=_FOUND, response_model=None, summary="Search the catalog")
def search(
    q: Annotated[Words, Query(description="What to look for.", examples=["phone numbers"])],
    parts: Shared,
    principal: Who,
) -> Response:
    """Find tables, metrics, dimensions, verified queries and values, as a question would."""
    from nlq.cli.show_catalog import found  # brings the terminal's packages

    return JSONResponse(plain(found(parts.assistant().search(q, principal))))
