"""The routes of an answer that was given: its result in pages or as a file, and feedback."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from nlq.export import Kind
from nlq.types import Answer, Principal
from nlq_ui.api.description import problems
from nlq_ui.api.export import MEDIA, Export, exported
from nlq_ui.api.forms import page
from nlq_ui.api.parts import NEEDS_TOKEN, Parts, Shared, Who
from nlq_ui.api.problems import Problem
from nlq_ui.api.replies import FeedbackReply, ResultReply
from nlq_ui.api.requests import FeedbackRequest, Id, KeptId

router = APIRouter(prefix="/answers", tags=["answers"], dependencies=NEEDS_TOKEN)

MOST_ROWS = 1000
"""Rows of one page."""

_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"model": ResultReply},
    **problems(401, 403, 404, 410, 422),
}

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "headers": {
            "Row-Count": {"description": "How many rows it has.", "schema": {"type": "integer"}},
            "Truncated": {
                "description": "A limit of yours cut the result off.",
                "schema": {"type": "boolean"},
            },
        },
        "content": {
            media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA.values()
        },
    },
    **problems(401, 403, 404, 410, 422, 429, 503),
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


@router.get("/{answer_id}/file", responses=_FILE, response_model=None, summary="Result as a file")
async def file(
    answer_id: Id,
    request: Request,
    parts: Shared,
    principal: Who,
    format: Annotated[Kind, Query(description="The kind of file.")] = "csv",
    conversation_id: Annotated[
        KeptId | None, Query(description="The kept conversation that the answer stands in.")
    ] = None,
    confirmed: Annotated[bool, Query(description="Run it although it is costly.")] = False,
) -> Response:
    """Every row of an answer to you. Where a limit had cut rows off, the query runs again.

    It is looked up among the answers that the server still has, and in the conversation. Leaving
    before the file is there cancels the query.
    """
    answer, rows = await run_in_threadpool(_found, parts, principal, answer_id, conversation_id)
    return await exported(Export(answer, rows, format, confirmed), parts, principal, request)


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


def _found(
    parts: Parts, principal: Principal, id: str, conversation_id: str | None
) -> tuple[Answer, int]:
    """The answer, and how many rows its result had; raises ``Problem`` 404 or 410."""
    if conversation_id is None:
        answer = parts.kept.answer(principal, id)
        return answer, len(answer.result.rows) if answer.result else 0
    kept = parts.past().get(conversation_id, principal)
    for exchange in kept.exchanges if kept else ():
        if exchange.answer is not None and exchange.answer.id == id:
            if exchange.answer.result is None:
                raise Problem(404, f"The answer {id} has no result.", "Its kind says what it is.")
            return exchange.answer, exchange.rows
    raise Problem(
        404,
        f"No conversation {conversation_id} of yours shows you an answer {id}.",
        "GET /api/v1/conversations lists yours.",
    )
