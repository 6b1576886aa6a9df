"""A question and an answer to keep records of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nlq.log import AuditLog
from nlq.types import Answer, Clock, Principal, Question


@pytest.fixture
def make_question() -> Callable[..., Question]:
    clock = Clock(datetime(2026, 6, 30, 9, tzinfo=ZoneInfo("UTC")), ZoneInfo("UTC"))

    def make(id: str = "q1", text: str = "revenue last quarter", name: str = "ada") -> Question:
        return Question(id, text, Principal(name, ("executive",)), clock, conversation_id="c1")

    return make


@pytest.fixture
def make_answer() -> Callable[..., Answer]:
    def make(id: str = "q1", **fields: object) -> Answer:
        base: dict[str, object] = {"kind": "answer", "headline": "Revenue was $5 in Q2 2026."}
        return Answer(id=id, question="revenue", **(base | fields))  # type: ignore[arg-type]

    return make


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path / "home" / "audit.sqlite")
