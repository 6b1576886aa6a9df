"""The 22 TPC-H queries, as PrestoDB's authors wrote them, give the same on all three engines.

The servers read ``tpch.tiny``; the embedded engine reads the same rows, written as Parquet files.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from comparing import differences

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.engine.base import Engine
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.engine.trino_client import Client, Cluster
from nlq.engine.trino_client_engine import PrestoEngine, TrinoEngine
from nlq.sample.facts import SAMPLE_NOW
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Principal, QueryResult, RunLimits

POLICY = """
version: 1
contact: nobody
limits: {max_joins: 32}
roles: {benchmark: {tables: ["lake.*.*", "tpch.*.*"]}}
"""
ARROW = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "date": pa.date32(),
}
OURS, THEIRS = '"lake"."tpch".', '"tpch"."tiny".'
LIMITS = RunLimits(seconds=120)
NAMES = [f"q{number:02d}" for number in range(1, 23)]

Given = dict[str, QueryResult]


@pytest.fixture(scope="module")
def tpch(tpc_lake: Catalog) -> Catalog:
    """The TPC-H tables, under the embedded lake's names and under the servers'."""
    ours = [t for t in tpc_lake.tables.values() if t.name.startswith("lake.tpch.")]
    theirs = [replace(t, name=t.name.replace("lake.tpch.", "tpch.tiny.")) for t in ours]
    return Catalog({table.name: table for table in (*ours, *theirs)})


@pytest.fixture(scope="module")
def files(presto_server, tpch: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``tpch.tiny`` as a lake of Parquet files, read from PrestoDB."""
    folder = tmp_path_factory.mktemp("tpch")
    client = Client(Cluster("presto", presto_server.url, source="test"))
    for table in tpch.tables.values():
        if table.name.startswith("tpch.tiny."):
            names = [column.name for column in table.columns]
            rows = client.rows(f"SELECT {', '.join(names)} FROM {table.name}", user="equal")
            arrays = [
                pa.array(values, ARROW[column.type])
                for column, values in zip(table.columns, zip(*rows, strict=True), strict=True)
            ]
            place = folder / "tpch" / table.name.rpartition(".")[2]
            place.mkdir(parents=True)
            pq.write_table(pa.table(arrays, names), place / "part-0.parquet")
    client.close()
    return folder


@pytest.fixture(scope="module")
def engines(files: Path, presto_server, trino_server) -> Iterator[dict[str, Engine]]:
    made: dict[str, Engine] = {
        "duckdb": DuckDbEngine(files, now=SAMPLE_NOW),
        "presto": PrestoEngine(presto_server.url),
        "trino": TrinoEngine(trino_server.url),
    }
    yield made
    for engine in made.values():
        engine.close()


@pytest.fixture(scope="module")
def guard(tpch: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Guard:
    path = tmp_path_factory.mktemp("policy") / "policy.yaml"
    path.write_text(POLICY)
    return Guard(tpch, Policy.load(path))


@pytest.fixture(scope="module")
def given(
    engines: dict[str, Engine], guard: Guard, presto_queries: dict[str, str]
) -> Iterator[dict[str, Future[Given]]]:
    """What each engine gives, a few queries at a time."""

    def ask(sql: str) -> Given:
        person = Principal("equal", ("benchmark",))
        ours = guard.check(sql, person)
        theirs = guard.check(sql.replace(OURS, THEIRS), person)
        return {
            name: engine.run(ours if name == "duckdb" else theirs, LIMITS, CancelToken())
            for name, engine in engines.items()
        }

    pool = ThreadPoolExecutor(3)
    yield {name: pool.submit(ask, presto_queries[f"tpch/{name}"]) for name in NAMES}
    pool.shutdown(wait=True, cancel_futures=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_gives_the_same(
    name: str, given: dict[str, Future[Given]], guard: Guard, presto_queries: dict[str, str]
) -> None:
    results = given[name].result(LIMITS.seconds * 3)
    tree = guard.check(presto_queries[f"tpch/{name}"], Principal("equal", ("benchmark",))).tree()
    assert differences(tree, results["duckdb"], results["presto"]) == []
    assert differences(tree, results["duckdb"], results["trino"]) == []
    assert results["duckdb"].rows
