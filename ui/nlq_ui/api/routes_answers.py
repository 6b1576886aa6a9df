"""The routes of an answer that was given: its result in pages, and feedback."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from nlq_ui.api.description import problems
from nlq_ui.api.forms import page
from nlq_ui.api.parts import NEEDS_TOKEN, Shared, Who
from nlq_ui.api.replies import FeedbackReply, ResultReply
from nlq_ui.api.requests import FeedbackRequest, Id

router = APIRouter(prefix="/answers", tags=["answers"], dependencies=NEEDS_TOKEN)

MOST_ROWS = 1000
"""Rows of one page."""

_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"model": ResultReply},
    **problems(401, 403, 404, 410, 422),
}


@router.get("/{answer_id}/result", responses=_PAGE, response_model=None, summary="Result, paged")
def result(
    answer_id: Id,
    parts: Shared,
    principal: Who,
    offset: Annotated[int, Query(ge=0, le=2**53, description="Rows to leave out.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most rows of the page.")] = 100,
) -> Response:
    """Rows of an answer that you were given, while they are kept (`serve.keep_s`)."""
    kept = parts.kept.result(principal, answer_id)
    return JSONResponse(page(kept, offset, limit), headers={"Cache-Control": "no-store"})


@router.post(
    "/{answer_id}/feedback",
    response_model=FeedbackReply,
    responses=problems(400, 401, 403, 404, 413, 422, 503),
    summary="Feedback",
)
def feedback(answer_id: Id, body: FeedbackRequest, parts: Shared, principal: Who) -> FeedbackReply:
    """Say what you thought of an answer that you were given; a later word replaces an earlier."""
    parts.kept.check_given(principal, answer_id)
    parts.assistant().feedback(answer_id, body.rating, body.note, principal)
    return FeedbackReply(answer_id=answer_id, rating=body.rating)
