"""Estimates on real servers: near what the servers say they read, and partitions exactly."""

from __future__ import annotations

import pytest
import sqlglot

from nlq.cancel import CancelToken
from nlq.engine.trino_client_engine import PrestoEngine, ServerEngine, TrinoEngine
from nlq.errors import QueryFailed
from nlq.sql.guarded import GuardedQuery, seal
from nlq.types import Principal, RunLimits

MESSAGES = "lake.events.messages"
MONTH = "ds >= '2026-05-01' AND ds < '2026-06-01'"


@pytest.fixture
def engine(either_server):
    made = (PrestoEngine if either_server.kind == "presto" else TrinoEngine)(either_server.url)
    yield made
    made.close()


def query(sql: str) -> GuardedQuery:
    tree = sqlglot.parse_one("SELECT 1", read="presto")
    assert isinstance(tree, sqlglot.exp.Query)
    return seal(
        tree=tree, sql=sql, principal=Principal("ana"), tables=(), columns=(), rewrites=(),
        fingerprint="", row_limit=1000,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "partitions"),
    [
        (f"SELECT sum(msg_cnt) FROM {MESSAGES} WHERE ds = '2026-05-01'", 1),
        (f"SELECT count(*) FROM {MESSAGES} WHERE {MONTH} AND status = 'F'", 31),
        (f"SELECT sum(msg_cnt) FROM {MESSAGES} WHERE ds LIKE '2026-06%'", 30),
        (
            f"SELECT sum(msg_cnt) FROM {MESSAGES} WHERE CAST(ds AS date) BETWEEN "
            "DATE '2025-05-01' AND DATE '2026-04-30'",
            365,
        ),
        (
            f"SELECT * FROM (SELECT sum(msg_cnt) FROM {MESSAGES} WHERE {MONTH}), "
            f"(SELECT sum(msg_cnt) FROM {MESSAGES} WHERE ds = '2025-05-01')",
            32,
        ),
        (
            f"SELECT count(*) FROM {MESSAGES} m JOIN lake.product.accounts a "
            f"ON m.acct_sid = a.account_sid WHERE {MONTH}",
            32,  # a table without partitions is read as one
        ),
        (f"SELECT sum(msg_cnt) FROM {MESSAGES} WHERE ds = '2036-05-01'", 0),
    ],
)
def test_partitions_are_counted(engine: ServerEngine, sql, partitions) -> None:
    assert engine.estimate(query(sql)).partitions == partitions


def test_rows_and_bytes_are_near_what_the_server_reads(either_server, engine) -> None:
    """On tables that were analysed; the others are unknown, never zero."""
    one = query("SELECT sum(extendedprice), max(comment) FROM tpch.sf1.lineitem")
    estimate = engine.estimate(one)
    assert estimate.rows == pytest.approx(6_001_215, rel=0.01)
    assert estimate.size_bytes == pytest.approx(6_001_215 * (8 + 27), rel=0.2)
    lake = query(f"SELECT sum(msg_cnt), max(acct_sid) FROM {MESSAGES} WHERE {MONTH}")
    told = engine.estimate(lake)
    read = engine.run(lake, RunLimits(), CancelToken()).read_bytes
    assert told.size_bytes is None or read is None or read / 4 < told.size_bytes < read * 4
    assert told.rows != 0


def test_what_does_not_hold_is_refused(engine) -> None:
    with pytest.raises(QueryFailed, match="nosuch"):
        engine.estimate(query(f"SELECT nosuch FROM {MESSAGES}"))
