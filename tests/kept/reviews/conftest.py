"""A review queue over the sample's lake: real guard, engine, audit log and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from review_room import NOW, Room, clock
from small_shop import ShopDrafter, ShopRetriever

from nlq.catalog.catalog import Catalog
from nlq.catalog.yaml_docs import YamlDocs
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.log import AuditLog
from nlq.pipeline import Assistant
from nlq.sample.facts import SAMPLE_DOCS, SAMPLE_NOW
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Answer, Principal, Question


@pytest.fixture(scope="module")
def sample_docs() -> Catalog:
    return YamlDocs(SAMPLE_DOCS).load()


@pytest.fixture(scope="module")
def engine(sample_lake: Path) -> Iterator[DuckDbEngine]:
    engine = DuckDbEngine(sample_lake, now=SAMPLE_NOW)
    yield engine
    engine.close()


@pytest.fixture
def room(sample_docs: Catalog, engine: DuckDbEngine, tmp_path: Path) -> Room:
    policy = Policy.load(SAMPLE_DOCS.parent / "policy.yaml")
    audit = AuditLog(tmp_path / "audit.sqlite", now=lambda: NOW)
    assistant = Assistant(
        catalog=sample_docs,
        policy=policy,
        guard=Guard(sample_docs, policy),
        retriever=ShopRetriever(),
        drafter=ShopDrafter(),
        engine=engine,
        audit=audit,
        clock=clock,
    )
    docs = tmp_path / "docs"
    docs.mkdir()
    return Room(assistant, audit, tmp_path, docs, tmp_path / "reviewed.yaml")


@pytest.fixture
def answered(room: Room) -> Callable[..., str]:
    """Logs a question with what came of it, and a thumb; returns its id."""

    def log(
        question: str,
        sql: str = "",
        *,
        who: Principal,
        kind: str = "answer",
        thumb: str = "",
        note: str = "",
        tables: tuple[str, ...] = (),
        reason: str = "",
    ) -> str:
        id = f"a{len(list(room.audit.every()))}"
        room.audit.begin(Question(id, question, who, clock()), interface="page")
        room.audit.note(id, standalone=question, tables_shown=tables)
        if sql:
            room.audit.note(id, draft={"sql": sql, "source": "model"})
            room.audit.note(id, sql=room.assistant.check(sql, who).sql)
        room.audit.finish(id, Answer(id, question, kind, reason or "So it is."))  # type: ignore[arg-type]
        if thumb:
            room.audit.feedback(id, thumb, note, who)  # type: ignore[arg-type]
        return id

    return log
