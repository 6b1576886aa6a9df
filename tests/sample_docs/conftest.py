"""The sample's whole lake (scale 1), kept between test runs, behind the real guard and engine."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.catalog.yaml_docs import YamlDocs
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.errors import LakeNotReady
from nlq.sample.facts import SAMPLE_DOCS, SAMPLE_NOW
from nlq.sample.lake import LakeSummary, make_lake
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Answer, Principal, QueryResult, RunLimits, Turn

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"
WAIT_SECONDS = 240


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
def lake(guard: Guard) -> Iterator[GuardedLake]:
    engine = DuckDbEngine(_whole_lake().folder, now=SAMPLE_NOW)
    yield GuardedLake(guard, engine)
    engine.close()


def _whole_lake() -> LakeSummary:
    """Make it, or wait for another test worker that does; one of older code is thrown away."""
    folder = CACHE / f"sample-lake-{_generator_version()}"
    for old in set(CACHE.glob("sample-lake-*")) - {folder}:
        shutil.rmtree(old, ignore_errors=True)
    give_up = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return make_lake(folder, scale=1.0)
        except LakeNotReady as exc:
            if "Another process" not in str(exc) or time.monotonic() > give_up:
                raise
            time.sleep(1)


def _generator_version() -> str:
    """Changes when the generator's code or the tables' docs do."""
    sources = [*SAMPLE_DOCS.parent.rglob("*.py"), *(SAMPLE_DOCS / "tables").glob("*.yaml")]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
