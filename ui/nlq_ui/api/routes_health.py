"""The routes ``healthz`` and ``readyz``: whether the process lives, and whether it can answer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from nlq.errors import EngineError, IndexNotReady, LakeNotReady, ModelError, NlqError
from nlq_ui.api.parts import Parts, Shared
from nlq_ui.api.problems import Problem
from nlq_ui.api.replies import CheckName, CheckState, HealthReply, ReadyCheck, ReadyReply
from nlq_ui.opening import Assistant
from nlq_ui.who import found_in

router = APIRouter(tags=["health"])

_READY: dict[int | str, dict[str, Any]] = {
    200: {"model": ReadyReply},
    503: {"model": ReadyReply, "description": "Something is missing, or still being opened."},
}
_NAMES: dict[type[NlqError], CheckName] = {
    IndexNotReady: "index",
    LakeNotReady: "lake",
    ModelError: "model",
    EngineError: "engine",
}
_OPENED: tuple[CheckName, ...] = ("lake", "index", "model")
"""What an assistant that was opened has."""


@router.get("/healthz", response_model=HealthReply, summary="Does the process live?")
async def healthz() -> HealthReply:
    """Always 200; needs no token."""
    return HealthReply(status="alive")


@router.get("/readyz", responses=_READY, response_model=None, summary="Can it answer?")
def readyz(request: Request, parts: Shared) -> Response:
    """200 once the index and the model are there and the engine answers; else 503, and what lacks.

    Needs no token, but details are told only with one.
    """
    checks = _checks(parts)
    if not _may_hear_details(parts, request):
        checks = [check.model_copy(update={"detail": "", "hint": ""}) for check in checks]
    ready = all(check.state == "ok" for check in checks)
    return JSONResponse(ReadyReply(ready=ready, checks=checks).model_dump(), 200 if ready else 503)


def _checks(parts: Parts) -> list[ReadyCheck]:
    try:
        assistant = parts.opening.ready(0)
    except NlqError as error:
        parts.opening.start()  # no question would come here to try it anew
        return [_missing(error)]
    except Exception:
        parts.opening.start()
        return [_check("settings", "missing", "nlq cannot be opened.", "Run: nlq doctor")]
    if assistant is None:
        words, _ = parts.opening.progress
        return [_check(name, "waiting", words) for name in _OPENED] + [
            _check("engine", "waiting", words)
        ]
    return [*(_check(name, "ok", "Open.") for name in _OPENED), _engine(assistant)]


def _engine(assistant: Assistant) -> ReadyCheck:
    try:
        return _check("engine", "ok", assistant.ping())
    except NlqError as error:
        return _check("engine", "missing", error.message, error.hint)


def _missing(error: NlqError) -> ReadyCheck:
    for kind, name in _NAMES.items():
        if isinstance(error, kind):
            return _check(name, "missing", error.message, error.hint)
    return _check("settings", "missing", error.message, error.hint)


def _check(name: CheckName, state: CheckState, detail: str, hint: str = "") -> ReadyCheck:
    return ReadyCheck(name=name, state=state, detail=detail, hint=hint)


def _may_hear_details(parts: Parts, request: Request) -> bool:
    if found_in(request.scope) is not None:
        return True
    headers = request.headers
    try:
        parts.sign_in.who(headers.get("authorization", ""), headers.get("host", ""))
    except Problem:
        return False
    return True
