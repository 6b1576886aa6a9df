"""The sample's whole lake (scale 1) behind the real guard and engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.catalog.yaml_docs import YamlDocs
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.sample.facts import SAMPLE_DOCS, SAMPLE_NOW
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Answer, Principal, QueryResult, RunLimits, Turn


@dataclass(frozen=True)
class GuardedLake:
    """Runs SQL as the assistant does, and can be handed to the eval harness as one."""

    guard: Guard
    engine: DuckDbEngine

    def run_sql(self, sql: str, principal: Principal) -> QueryResult:
        """Guard it and run it; raises ``NlqError``."""
        return self.engine.run(self.guard.check(sql, principal), RunLimits(), CancelToken())

    def ask(
        self, text: str, *, principal: Principal, conversation: tuple[Turn, ...] = ()
    ) -> Answer:
        """Not here: these tests have no model."""
        raise NotImplementedError


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return YamlDocs(SAMPLE_DOCS).load()


@pytest.fixture(scope="session")
def guard(catalog: Catalog) -> Guard:
    return Guard(catalog, Policy.load(SAMPLE_DOCS.parent / "policy.yaml"))


@pytest.fixture(scope="session")
def analyst() -> Principal:
    return Principal("test", ("analyst",))


@pytest.fixture(scope="session")
def lake(guard: Guard, sample_lake: Path) -> Iterator[GuardedLake]:
    engine = DuckDbEngine(sample_lake, now=SAMPLE_NOW)
    yield GuardedLake(guard, engine)
    engine.close()
