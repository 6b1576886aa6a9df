"""The routes ``ask``, ``draft`` and ``cancel``: questions go in, answers or events come out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from nlq.types import Event, Finished
from nlq_ui.api.asked import Asked, begin
from nlq_ui.api.description import problems
from nlq_ui.api.forms import asked_form, event_form, sent_event
from nlq_ui.api.parts import NEEDS_TOKEN, Shared, Who
from nlq_ui.api.problems import problem_of
from nlq_ui.api.replies import AskedReply, CancelReply
from nlq_ui.api.requests import AskRequest, DraftRequest, Id

router = APIRouter(tags=["questions"], dependencies=NEEDS_TOKEN)

_STREAM: Final = "text/event-stream"
_STILL_THERE_S: Final = 0.5
_KEEP_ALIVE_S: Final = 15.0
_NOBODY_THERE: Final = 499  # nobody reads it either; nginx's word for it
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "model": AskedReply,
        "description": "What came of the question, whatever it is; `answer.kind` says. With "
        "`Accept: text/event-stream` the same as events, the last one `answer`.",
        "headers": {
            "Question-Id": {
                "description": "What `cancel` takes, where you chose no `question_id`.",
                "schema": {"type": "string"},
            }
        },
        "links": {
            name: {"operationId": name, "parameters": {"answer_id": "$response.body#/answer/id"}}
            for name in ("result", "feedback")
        },
        "content": {
            _STREAM: {
                "schema": {
                    "type": "string",
                    "description": "Events `stage_started`, `stage_finished` and `progress` as "
                    "they happen, then one `answer`; the data of each is one line of JSON. Should "
                    "the server fail, a `problem` takes the place of the answer. Lines that begin "
                    "with a colon keep the connection alive.",
                },
                "example": "event: stage_started\n"
                'data: {"stage": "retrieve", "text": "Looking up which data can answer this"}\n\n',
                "x-event-data": {
                    "stage_started": {"$ref": "#/components/schemas/StageStartedEvent"},
                    "stage_finished": {"$ref": "#/components/schemas/StageFinishedEvent"},
                    "progress": {"$ref": "#/components/schemas/ProgressEvent"},
                    "answer": {"$ref": "#/components/schemas/AskedReply"},
                    "problem": {"$ref": "#/components/schemas/ProblemBody"},
                },
            }
        },
    },
    **problems(400, 401, 403, 409, 413, 422, 429, 503),
}


@router.post("/ask", responses=_ANSWERED, response_model=None, summary="Ask a question")
async def ask(body: AskRequest, request: Request, parts: Shared, principal: Who) -> Response:
    """Answer a question: find the data, write the SQL, check it, run it, explain the result.

    Leaving before the answer is there cancels the question.
    """
    return await _answer(begin(parts, principal, body), request)


@router.post("/draft", responses=_ANSWERED, response_model=None, summary="Draft SQL")
async def draft(body: DraftRequest, request: Request, parts: Shared, principal: Who) -> Response:
    """Write and check the SQL for a question, and do not run it."""
    return await _answer(begin(parts, principal, body), request)


@router.post(
    "/questions/{question_id}/cancel",
    status_code=202,
    response_model=CancelReply,
    responses=problems(401, 403, 404, 422),
    summary="Cancel a question",
)
async def cancel(question_id: Id, parts: Shared, principal: Who) -> CancelReply:
    """Stop a question of yours that is on its way, and its query."""
    parts.in_flight.cancel(principal, question_id)
    return CancelReply(question_id=question_id, state="cancelling")


async def _answer(question: Asked, request: Request) -> Response:
    headers = {**_HEADERS, "Question-Id": question.id}
    if _STREAM in request.headers.get("accept", ""):
        return StreamingResponse(_sent(question), media_type=_STREAM, headers=headers)
    async with aclosing(question.events(_STILL_THERE_S)) as events:
        async for event in events:
            if isinstance(event, Finished):
                return JSONResponse(asked_form(question, event.answer), headers=headers)
            if event is None and await request.is_disconnected():
                break
    return Response(status_code=_NOBODY_THERE)


async def _sent(question: Asked) -> AsyncIterator[bytes]:
    try:
        async with aclosing(question.batches(_KEEP_ALIVE_S)) as batches:
            async for batch in batches:
                sent = b"".join(_sent_event(question, event) for event in batch)
                yield sent or b": still working\n\n"
    except Exception as error:
        yield sent_event("problem", problem_of(error).body())


def _sent_event(question: Asked, event: Event) -> bytes:
    if isinstance(event, Finished):
        return sent_event("answer", asked_form(question, event.answer))
    return sent_event(*event_form(event))
