"""The routes of conversations that last: those of whoever asks, and what others shared."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from nlq.cli.as_json import plain
from nlq.kept.conversations import LISTED, Conversation
from nlq.types import Principal
from nlq_ui.api.description import problems
from nlq_ui.api.forms import conversation_form
from nlq_ui.api.parts import NEEDS_TOKEN, Parts, Shared, Who
from nlq_ui.api.problems import Problem
from nlq_ui.api.replies import ConversationReply, LinkReply, ListReply
from nlq_ui.api.requests import KeptId, Note, Token

router = APIRouter(tags=["conversations"], dependencies=NEEDS_TOKEN)

_LIST: dict[int | str, dict[str, Any]] = {
    200: {"model": ListReply},
    **problems(401, 403, 422, 503),
}
_OPENED: dict[int | str, dict[str, Any]] = {
    200: {"model": ConversationReply},
    **problems(401, 403, 404, 422, 503),
}
_DONE = problems(401, 403, 404, 422, 503)
_NOT_STORED = {"Cache-Control": "no-store"}


@router.get("/conversations", responses=_LIST, response_model=None, summary="List, or search")
def conversations(
    parts: Shared,
    principal: Who,
    q: Annotated[Note, Query(description="Words in a question or a headline.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="Most of them.")] = LISTED,
) -> Response:
    """List the kept conversations of yours, the last asked first; with `q` those that have it."""
    found = parts.past().listed(principal, q, limit)
    return JSONResponse({"conversations": plain(found)}, headers=_NOT_STORED)


@router.get(
    "/conversations/{conversation_id}",
    responses=_OPENED,
    response_model=None,
    summary="Open a conversation",
)
def conversation(conversation_id: KeptId, parts: Shared, principal: Who) -> Response:
    """Open a kept conversation of yours; each answer is shown if you may see it today."""
    kept = _own(parts, conversation_id, principal)
    return JSONResponse(conversation_form(kept), headers=_NOT_STORED)


@router.delete(
    "/conversations/{conversation_id}",
    status_code=204,
    responses=_DONE,
    summary="Delete a conversation",
)
def delete(conversation_id: KeptId, parts: Shared, principal: Who) -> None:
    """Delete a kept conversation of yours for good, with its answers and its link."""
    if not parts.past().delete(conversation_id, principal):
        raise _missing(conversation_id)


@router.post(
    "/conversations/{conversation_id}/share",
    response_model=LinkReply,
    responses=_DONE,
    summary="Share a conversation",
)
def share(conversation_id: KeptId, parts: Shared, principal: Who) -> LinkReply:
    """Make a link that shows the conversation up to here, as far as its readers' rights go."""
    _own(parts, conversation_id, principal)
    token = parts.past().share(conversation_id, principal)
    return LinkReply(token=token, link=f"/?s={token}")


@router.delete(
    "/conversations/{conversation_id}/share",
    status_code=204,
    responses=_DONE,
    summary="Stop sharing",
)
def unshare(conversation_id: KeptId, parts: Shared, principal: Who) -> None:
    """Take a conversation's link back: it shows nothing any more, and never will again."""
    _own(parts, conversation_id, principal)
    parts.past().unshare(conversation_id, principal)


@router.get("/shared/{token}", responses=_OPENED, response_model=None, summary="Follow a link")
def shared(token: Token, parts: Shared, principal: Who) -> Response:
    """Open what a conversation's link shows you."""
    shown = parts.past().shared(token, principal)
    if shown is None:
        raise Problem(
            404,
            "This conversation is not shared, or no longer.",
            "Ask whoever gave you the link for a new one.",
        )
    return JSONResponse(conversation_form(shown), headers=_NOT_STORED)


def _own(parts: Parts, id: str, principal: Principal) -> Conversation:
    kept = parts.past().get(id, principal)
    if kept is None:
        raise _missing(id)
    return kept


def _missing(id: str) -> Problem:
    return Problem(
        404,
        f"You have no conversation {id} that is kept.",
        "It may have been deleted; GET /api/v1/conversations lists yours.",
    )
