"""Every verified query and every reference of the evals gives the same on all three engines.

Over the same files, through the real guard, as the person whom the case names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from comparing import differences
from nlq_evals.suite import load_suite

from nlq.cancel import CancelToken
from nlq.catalog.yaml_docs import YamlDocs
from nlq.engine.base import Engine
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.engine.trino_client_engine import PrestoEngine, TrinoEngine
from nlq.sample.facts import SAMPLE_DOCS, SAMPLE_NOW
from nlq.sql.guard import Guard
from nlq.sql.guarded import GuardedQuery
from nlq.sql.policy import Policy
from nlq.types import Principal, QueryResult, RunLimits

DOCS = YamlDocs(SAMPLE_DOCS).load()
GUARD = Guard(DOCS, Policy.load(SAMPLE_DOCS.parent / "policy.yaml"))
SUITES = sorted((Path(__file__).parents[2] / "evals" / "suites").glob("*.yaml"))
LIMITS = RunLimits(seconds=120)

ALWAYS = 6
"""Of so many queries one is asked in every run, and all of them by ``make test-clusters``."""

APPROXIMATE = 0.1
"""How far, relatively, Trino's approx_percentile may be off; the other two give a real value."""


@dataclass(frozen=True)
class Asked:
    """A query that stands in the sample's docs or a suite."""

    name: str
    sql: str
    roles: tuple[str, ...]


QUERIES = [
    *(Asked(query.question, query.sql, ("analyst",)) for query in DOCS.verified),
    *(
        Asked(f"{case.id}-{number}", reference.sql, case.roles)
        for suite in SUITES
        for case in load_suite(suite).cases
        for number, reference in enumerate(case.references, 1)
    ),
]


@pytest.fixture(scope="module")
def engines(presto_server, trino_server) -> Iterator[dict[str, Engine]]:
    made: dict[str, Engine] = {
        "duckdb": DuckDbEngine(presto_server.layout.lake.resolve(), now=SAMPLE_NOW),
        "presto": PrestoEngine(presto_server.url),
        "trino": TrinoEngine(trino_server.url),
    }
    yield made
    for engine in made.values():
        engine.close()


Given = dict[str, QueryResult]


@pytest.fixture(scope="module")
def given(
    engines: dict[str, Engine], request: pytest.FixtureRequest
) -> Iterator[dict[Asked, Future[Given]]]:
    """What each engine gives for the chosen queries, a few at a time: both servers have work."""
    calls = [item.callspec for item in request.session.items if hasattr(item, "callspec")]
    chosen = {call.params["asked"] for call in calls if "asked" in call.params}

    def ask(query: GuardedQuery) -> Given:
        return {name: e.run(query, LIMITS, CancelToken()) for name, e in engines.items()}

    pool = ThreadPoolExecutor(4)
    yield {asked: pool.submit(ask, checked(asked)) for asked in QUERIES if asked in chosen}
    pool.shutdown(wait=True, cancel_futures=True)


def checked(asked: Asked) -> GuardedQuery:
    return GUARD.check(asked.sql, Principal("equal", asked.roles))


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(asked, marks=[] if number % ALWAYS == 0 else pytest.mark.slow)
        for number, asked in enumerate(QUERIES)
    ],
    ids=lambda asked: asked.name[:60],
)
def test_the_same_on_three_engines(asked: Asked, given: dict[Asked, Future[Given]]) -> None:
    results = given[asked].result(LIMITS.seconds * 3)
    tree = checked(asked).tree()
    assert differences(tree, results["duckdb"], results["presto"]) == []
    found = differences(tree, results["duckdb"], results["trino"])
    if found and "approx_percentile" in asked.sql:
        # docs/engines.md: on Trino alone it lies between the values that there are.
        for row, other in zip(results["duckdb"].rows, results["trino"].rows, strict=True):
            for value, near in zip(row, other, strict=True):
                assert near == value or math.isclose(value, near, rel_tol=APPROXIMATE)
    else:
        assert found == []
