"""The lake on S3: Parquet through Glue, and Iceberg tables with snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nlq.cancel import CancelToken
from nlq.catalog.yaml_docs import YamlDocs
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.engine.servers.server import RunningServer
from nlq.engine.trino_client import Client, Cluster
from nlq.engine.trino_client_engine import PrestoEngine
from nlq.sample.facts import SAMPLE_DOCS, SAMPLE_NOW
from nlq.sql.guard import Guard
from nlq.sql.guarded import GuardedQuery
from nlq.sql.policy import Policy
from nlq.types import Principal, QueryResult, RunLimits

pytestmark = pytest.mark.slow

ANN = Principal("ann", ("analyst",))
QUERIES = (
    "SELECT p.plan_name, count(*) AS accounts, min(a.signup_date) AS first, max(p.sla_pct) AS sla "
    "FROM lake.product.accounts a JOIN lake.product.plans p ON a.plan_cd = p.plan_cd "
    "GROUP BY p.plan_name ORDER BY p.plan_name",
    "SELECT a.region, sum(r.amt_usd_c) / 1e2 AS revenue FROM lake.finance.revenue_lines r "
    "JOIN lake.product.accounts a ON a.account_id = r.account_id "
    "WHERE r.rev_month >= DATE '2026-01-01' GROUP BY a.region ORDER BY a.region",
    "SELECT ds, count(*) AS verifications FROM lake.events.verifications "
    "WHERE ds BETWEEN '2026-07-02' AND '2026-07-03' GROUP BY ds ORDER BY ds",
)


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard(YamlDocs(SAMPLE_DOCS).load(), Policy.load(Path(__file__).parent / "policy.yaml"))


@pytest.fixture(scope="module")
def presto(server: RunningServer) -> Iterator[Callable[[str], list[list[object]]]]:
    """Runs any statement."""
    client = Client(Cluster("presto", server.url))
    yield lambda sql: client.rows(sql, user="test")
    client.close()


def run(engine: PrestoEngine | DuckDbEngine, query: GuardedQuery) -> QueryResult:
    return engine.run(query, RunLimits(60.0, 1_000, 1_000_000, None), CancelToken())


@pytest.mark.parametrize("sql", QUERIES)
def test_the_lake_says_the_same_on_s3_as_in_its_files(engine, guard, sample_lake, sql) -> None:
    query = guard.check(sql, ANN)
    files = DuckDbEngine(sample_lake, now=SAMPLE_NOW)
    expected = run(files, query)
    files.close()
    assert run(engine, query).rows == expected.rows
    assert len(expected.rows) > 1


def test_what_the_docs_say_is_told_by_glue(presto) -> None:
    table = YamlDocs(SAMPLE_DOCS).load().tables["lake.product.plans"]
    comments = dict(
        presto(
            "SELECT column_name, comment FROM lake.information_schema.columns "
            "WHERE table_schema = 'product' AND table_name = 'plans'"
        )
    )
    assert comments == {column.name: column.description for column in table.columns}
    ((created,),) = presto("SHOW CREATE TABLE lake.product.plans")
    assert table.description in created


def test_partitions_are_those_of_the_folders(presto) -> None:
    days = presto('SELECT ds FROM lake.events."verifications$partitions" ORDER BY ds')
    assert days == [["2026-07-01"], ["2026-07-02"], ["2026-07-03"]]


def test_an_iceberg_table_has_a_snapshot_for_every_change(presto) -> None:
    presto("CREATE TABLE iceberg.sales.plans AS SELECT plan_cd, plan_name FROM lake.product.plans")
    before = presto('SELECT snapshot_id, operation FROM iceberg.sales."plans$snapshots"')
    assert [operation for _, operation in before] == ["append"]
    presto("INSERT INTO iceberg.sales.plans VALUES ('FREE', 'Free')")
    after = presto('SELECT snapshot_id FROM iceberg.sales."plans$snapshots" ORDER BY committed_at')
    assert len(after) == 2
    assert after[0] == [before[0][0]]
    assert presto("SELECT plan_name FROM iceberg.sales.plans WHERE plan_cd = 'FREE'") == [["Free"]]
    ((then,),) = presto(f'SELECT count(*) FROM iceberg.sales."plans@{before[0][0]}"')
    ((now,),) = presto("SELECT count(*) FROM iceberg.sales.plans")
    assert (then, now) == (4, 5)
