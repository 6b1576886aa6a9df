"""The desk over the sample's whole lake: real guard, engine and audit; the model is scripted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.catalog.yaml_docs import YamlDocs
from nlq.desk.desk import Desk
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.log import AuditLog
from nlq.pipeline import Assistant
from nlq.sample.facts import SAMPLE_DOCS, SAMPLE_NOW
from nlq.settings import Settings
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import (
    Context,
    Draft,
    Principal,
    Question,
    Refusal,
    Rejection,
    SqlDraft,
    TableHit,
)


class DeskRetriever:
    """Finds every table whose name is in the text."""

    def retrieve(self, question: Question, visible: Catalog) -> Context:
        tables = [t for t in visible.tables.values() if t.short_name in question.text]
        return Context(question, question.text, tables=tuple(TableHit(t, 1.0) for t in tables))

    def lake_docs(self, visible: Catalog) -> str:
        return ", ".join(visible.tables)


class DeskDrafter:
    """Gives the drafts that a test put there, and keeps what it was told."""

    def __init__(self) -> None:
        self.drafts: list[str] = []
        self.told: list[tuple[str, Rejection]] = []

    def draft(
        self,
        context: Context,
        visible: Catalog,
        rejections: tuple[Rejection, ...],
        cancel: CancelToken,
        on_text: Callable[[str], None] | None = None,
    ) -> Draft:
        cancel.check()
        self.told.append((context.standalone, rejections[-1]))
        if not self.drafts:
            return Refusal("unanswerable", "The data does not hold this.")
        return SqlDraft(self.drafts.pop(0), "model")

    def another(
        self, context: Context, visible: Catalog, number: int, cancel: CancelToken
    ) -> Draft:
        raise AssertionError("The desk drafts once.")

    def warm_up(self, lake: str = "") -> None:
        pass


@pytest.fixture(scope="session")
def ana() -> Principal:
    return Principal("ana", ("analyst",))


@pytest.fixture(scope="session")
def emea() -> Principal:
    """Sees the EMEA rows of some tables of the CRM, and no personal data."""
    return Principal("emil", ("sales_emea",))


@pytest.fixture(scope="session")
def platform() -> Principal:
    return Principal("pat", ("data_platform",))


@pytest.fixture(scope="session")
def stranger() -> Principal:
    return Principal("nobody", ("visitor",))


@pytest.fixture(scope="session")
def docs() -> Catalog:
    return YamlDocs(SAMPLE_DOCS).load()


@pytest.fixture(scope="session")
def drafter() -> DeskDrafter:
    return DeskDrafter()


@pytest.fixture(scope="session")
def assistant(
    docs: Catalog,
    drafter: DeskDrafter,
    sample_lake: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Assistant]:
    policy = Policy.load(SAMPLE_DOCS.parent / "policy.yaml")
    opened = Assistant(
        catalog=docs,
        policy=policy,
        guard=Guard(docs, policy),
        retriever=DeskRetriever(),
        drafter=drafter,
        engine=DuckDbEngine(sample_lake, now=SAMPLE_NOW),
        audit=AuditLog(tmp_path_factory.mktemp("desk") / "audit.sqlite"),
        clock=lambda: Settings().clock_at(SAMPLE_NOW),
    )
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def desk(assistant: Assistant) -> Desk:
    return Desk(assistant)
