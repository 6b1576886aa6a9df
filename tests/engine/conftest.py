"""A tiny lake, and guarded queries made without the guard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import sqlglot

from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.sql.guarded import GuardedQuery, seal
from nlq.types import Principal

NOW = datetime(2026, 6, 30, 9, 15, 30, tzinfo=ZoneInfo("UTC"))


@pytest.fixture(scope="session")
def lake_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tables: ``events.messages`` by day for May 2026 (100 rows a day), ``crm.accounts``."""
    folder = tmp_path_factory.mktemp("lake")
    writer = duckdb.connect()
    for day in range(1, 32):
        part = folder / "events" / "messages" / f"ds=2026-05-{day:02d}"
        part.mkdir(parents=True)
        writer.execute(
            f"""COPY (SELECT i AS id,
            CASE i % 3 WHEN 0 THEN 'sms' WHEN 1 THEN 'voice' END AS channel,
            CAST(i * 1.25 AS DECIMAL(10,2)) AS price, CAST(i % 7 AS INTEGER) AS parts,
            TIMESTAMP '2026-05-01 00:00:00' + to_days({day} - 1) + to_seconds(i * 60) AS sent_at
            FROM range(100) t(i)) TO '{part / "part-0.parquet"}'"""
        )
    accounts = folder / "crm" / "accounts"
    accounts.mkdir(parents=True)
    writer.execute(
        f"""COPY (SELECT * FROM (VALUES (1, 'Acme', ['a', 'b']), (2, 'Zoë', [])) t(id, name, tags))
        TO '{accounts / "part-0.parquet"}'"""
    )
    writer.close()
    return folder


@pytest.fixture(scope="session")
def engine(lake_folder: Path) -> Iterator[DuckDbEngine]:
    made = DuckDbEngine(lake_folder, now=NOW, threads=1)
    yield made
    made.close()


@pytest.fixture(scope="session")
def guarded() -> Callable[..., GuardedQuery]:
    """Seals a query as the guard would, its text unchanged."""

    def make(sql: str, tables: tuple[str, ...] = ()) -> GuardedQuery:
        tree = sqlglot.parse_one("SELECT 1", read="presto")
        assert isinstance(tree, sqlglot.exp.Query)
        return seal(
            tree=tree,
            sql=sql,
            principal=Principal("tester"),
            tables=tables,
            columns=(),
            rewrites=(),
            fingerprint="",
            row_limit=1000,
        )

    return make
