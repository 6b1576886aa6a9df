"""The library's values as what responses hold: answers, pages of results and events go in."""

from __future__ import annotations

import json
from typing import Any, Final, cast

import orjson

from nlq.cli.as_json import plain
from nlq.errors import GuardRefused
from nlq.kept.answer_text import MOST_ROWS
from nlq.kept.conversations import Conversation
from nlq.sql.guarded import GuardedQuery
from nlq.types import (
    Answer,
    Event,
    Finished,
    Progress,
    QueryResult,
    StageFinished,
    StageStarted,
)
from nlq_ui.api.asked import Asked

FIRST_PAGE: Final = 100
"""Rows that come with an answer."""

_EVENT_NAMES: dict[type[Event], str] = {
    StageStarted: "stage_started",
    StageFinished: "stage_finished",
    Progress: "progress",
    Finished: "answer",
}


def page(result: QueryResult, offset: int, limit: int) -> dict[str, Any]:
    """``limit`` rows from ``offset`` on, and what is known of the whole result."""
    whole = {
        name: plain(getattr(result, name))
        for name in QueryResult.__dataclass_fields__
        if name != "rows"
    }
    rows = result.rows[offset : offset + limit]
    end = offset + len(rows)
    more = end < len(result.rows) and bool(rows)
    return {
        **whole,
        "rows": plain(rows),
        "offset": offset,
        "row_count": len(result.rows),
        "next_offset": end if more else None,
    }


def answer_form(answer: Answer, rows: int = FIRST_PAGE) -> dict[str, Any]:
    """An answer with the first rows of its result; the turn stays with the server."""
    fields = {
        name: plain(getattr(answer, name))
        for name in Answer.__dataclass_fields__
        if name not in ("turn", "result")
    }
    result = answer.result and page(answer.result, 0, rows)
    return {**fields, "result": result}


def asked_form(question: Asked, answer: Answer) -> dict[str, Any]:
    """A question's answer, and what to go on from it with."""
    return {
        "question_id": question.id,
        "conversation_id": question.conversation_id,
        "earlier_turns": question.earlier_turns,
        "answer": answer_form(answer),
        "not_kept": question.not_kept,
    }


def conversation_form(kept: Conversation) -> dict[str, Any]:
    """A conversation with the rows that are kept of its results."""
    exchanges = [
        {
            "question": exchange.question,
            "asked_at": plain(exchange.asked_at),
            "answer": exchange.answer and answer_form(exchange.answer, MOST_ROWS),
            "rows": exchange.rows,
            "told": exchange.told,
        }
        for exchange in kept.exchanges
    ]
    return {
        **{name: plain(getattr(kept, name)) for name in ("id", "title", "mine", "shared")},
        "asked_at": plain(kept.asked_at),
        "exchanges": exchanges,
    }


def decision_form(decision: GuardedQuery | GuardRefused) -> dict[str, Any]:
    """What the guard decided."""
    if isinstance(decision, GuardRefused):
        told = {"rule": decision.rule, "message": decision.message, "hint": decision.hint}
        return {"passed": False, **told, "guarded": None}
    return {"passed": True, "rule": "", "message": "", "hint": "", "guarded": plain(decision)}


def event_form(event: Event) -> tuple[str, dict[str, Any]]:
    """The name of an event that is no answer, and its data."""
    return _EVENT_NAMES[type(event)], cast("dict[str, Any]", plain(event))


def sent_event(name: str, data: dict[str, Any]) -> bytes:
    """One server-sent event; JSON text has no line breaks, so it is one line of data."""
    try:
        text = orjson.dumps(data)
    except TypeError:  # a whole number of more than 64 bits
        text = json.dumps(data, ensure_ascii=False).encode()
    return b"event: %s\ndata: %s\n\n" % (name.encode(), text)
