"""The guard lets PrestoDB's own TPC queries pass: 22 of TPC-H, all 99 of TPC-DS."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlq.catalog.catalog import Catalog
from nlq.errors import GuardRefused
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Principal

POLICY = """
version: 1
contact: nobody
limits: {max_joins: 32}
roles: {benchmark: {tables: ["lake.*.*"]}}
"""


@pytest.fixture(scope="module")
def benchmark_guard(tpc_lake: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Guard:
    path: Path = tmp_path_factory.mktemp("policy") / "policy.yaml"
    path.write_text(POLICY)
    return Guard(tpc_lake, Policy.load(path))


@pytest.mark.parametrize(("schema", "queries"), [("tpch", 22), ("tpcds", 99)])
def test_benchmark_queries_pass(
    schema: str, queries: int, presto_queries: dict[str, str], benchmark_guard: Guard
) -> None:
    ours = {name: sql for name, sql in presto_queries.items() if name.startswith(f"{schema}/")}
    # q14_1 and q14_2 are the two variants of query 14.
    assert len({name.partition("_")[0] for name in ours}) == queries
    refused = {}
    for name, sql in sorted(ours.items()):
        try:
            benchmark_guard.check(sql, Principal("bench", ("benchmark",)))
        except GuardRefused as exc:
            refused[name] = f"{exc.rule}: {exc.message} {exc.hint}"
    assert refused == {}
