"""The embedded engine: what it takes, what it may touch, limits, cancel, estimates, errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from nlq.cancel import CancelToken
from nlq.engine.base import Engine
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.errors import (
    Cancelled,
    EngineUnavailable,
    LakeNotReady,
    NlqError,
    QueryFailed,
    QueryTimeout,
)
from nlq.sql.guarded import GuardedQuery
from nlq.types import QueryResult, RunLimits

NOW = datetime(2026, 6, 30, 9, 15, 30, tzinfo=ZoneInfo("UTC"))
MESSAGES = "lake.events.messages"
ENDLESS = (
    f"SELECT sum(a.id * b.id % 7) FROM {MESSAGES} a CROSS JOIN {MESSAGES} b CROSS JOIN {MESSAGES} c"
)
Guarded = Callable[..., GuardedQuery]
Run = Callable[[str], QueryResult]


@pytest.fixture
def run(engine: DuckDbEngine, guarded: Guarded) -> Run:
    return lambda sql: engine.run(guarded(sql), RunLimits(), CancelToken())


def test_is_an_engine(engine: DuckDbEngine) -> None:
    seam: Engine = engine
    assert seam.name == "duckdb"
    assert duckdb.__version__ in seam.ping()


def test_takes_no_text(engine: DuckDbEngine) -> None:
    with pytest.raises(TypeError, match="GuardedQuery, not str"):
        engine.run("SELECT 1", RunLimits(), CancelToken())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="GuardedQuery, not str"):
        engine.estimate("SELECT 1")  # type: ignore[arg-type]


def test_reads_the_lake_with_presto_types(run: Run) -> None:
    result = run(
        f"SELECT channel, count(*) AS n, sum(price) AS total, max(ds) AS last, max(sent_at) AS at "
        f"FROM {MESSAGES} WHERE ds BETWEEN '2026-05-03' AND '2026-05-04' GROUP BY channel "
        f"ORDER BY n DESC, channel"
    )
    assert [(c.name, c.type) for c in result.columns] == [
        ("channel", "varchar"),
        ("n", "bigint"),
        ("total", "decimal(38,2)"),
        ("last", "varchar"),
        ("at", "timestamp"),
    ]
    assert result.rows[0] == (
        "sms",
        68,
        Decimal("4207.50"),
        "2026-05-04",
        datetime(2026, 5, 4, 1, 39),
    )
    assert [row[0] for row in result.rows] == ["sms", "voice", None]
    assert result.engine == "duckdb"
    assert not result.truncated


def test_the_clock_is_an_input(run: Run) -> None:
    row = run("SELECT now(), current_date, localtimestamp, current_timestamp - INTERVAL '1' DAY")
    assert row.rows[0] == (
        NOW,
        date(2026, 6, 30),
        datetime(2026, 6, 30, 9, 15, 30),
        NOW - timedelta(days=1),
    )


def test_the_zone_of_the_clock_is_the_session_s(lake_folder: Path, guarded: Guarded) -> None:
    berlin = DuckDbEngine(lake_folder, now=NOW.astimezone(ZoneInfo("Europe/Berlin")), threads=1)
    query = guarded("SELECT current_timezone(), now(), localtimestamp, from_unixtime(0)")
    row = berlin.run(query, RunLimits(), CancelToken()).rows[0]
    berlin.close()
    assert row == (
        "Europe/Berlin",
        NOW,
        datetime(2026, 6, 30, 11, 15, 30),
        datetime(1970, 1, 1, 1, 0),
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd', columns={'a': 'VARCHAR'})",
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO 'stolen.csv'",
        "ATTACH 'other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET allowed_directories = ['/']",
        "SELECT * FROM '/etc/hostname'",
    ],
)
def test_duckdb_itself_is_locked_down(engine: DuckDbEngine, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        engine._connection.cursor().execute(sql).fetchall()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM read_text('/etc/passwd')", "A table function"),
        ("SELECT read_text('/etc/passwd')", "Function read_text\\(\\) is not supported"),
        ("SELECT getenv('HOME')", "Function getenv\\(\\) is not supported"),
        ("SELECT * FROM lake.events.nosuch", "Table 'lake.events.nosuch' does not exist"),
        ("SELECT * FROM duckdb_settings", "does not exist"),
        ("SELECT m.nosuch FROM lake.events.messages AS m", "Column 'm.nosuch' cannot be resolved"),
        ("SELECT random()", "Function random\\(\\) is not supported"),
        ("SELECT * FROM lake.crm.accounts TABLESAMPLE BERNOULLI (10)", "not supported"),
        ("DELETE FROM lake.crm.accounts", "only queries"),
        ("SELECT 1; SELECT 2", "one query at a time"),
        ("SELECT FROM WHERE", "cannot be parsed"),
        ("SELECT lower(1)", r"No lower\(integer\). There is: lower\(varchar\)"),
        ("SELECT name FROM lake.crm.accounts GROUP BY id", "name"),
        ("SELECT sum(x) FROM (VALUES (1), ('a')) AS t(x)", "different types"),
        ("SELECT INTERVAL '1' MONTH", "interval year to month"),
        ("SELECT 1 / 0", "Division by zero"),
        ("SELECT CAST('x' AS bigint)", "Cannot cast 'x' to bigint"),
        ("SELECT ARRAY[1][2]", "Array subscript out of bounds"),
        ("SELECT CAST('2020-02-30' AS date)", "2020-02-30"),
    ],
)
def test_says_in_one_line_what_is_wrong(run: Run, sql: str, message: str) -> None:
    with pytest.raises(QueryFailed, match=message) as caught:
        run(sql)
    assert "\n" not in str(caught.value)
    assert "nlq!" not in str(caught.value)
    assert "fn$" not in str(caught.value).lower()


def test_an_unsupported_function_says_so_by_name(run: Run) -> None:
    with pytest.raises(
        QueryFailed, match=r"numeric_histogram\(\) is not supported by the embedded"
    ):
        run("SELECT numeric_histogram(2, id) FROM lake.events.messages")


@pytest.mark.parametrize(("limit", "rows", "cut"), [(10, 10, True), (100, 100, False)])
def test_cuts_rows_at_the_limit(
    engine: DuckDbEngine, guarded: Guarded, limit: int, rows: int, cut: bool
) -> None:
    query = guarded(f"SELECT id FROM {MESSAGES} WHERE ds = '2026-05-01'")
    result = engine.run(query, RunLimits(rows=limit), CancelToken())
    assert (len(result.rows), result.truncated) == (rows, cut)


def test_cuts_bytes_at_the_limit(engine: DuckDbEngine, guarded: Guarded) -> None:
    query = guarded(f"SELECT rpad('x', 1000, 'y') AS wide FROM {MESSAGES}")
    result = engine.run(query, RunLimits(size_bytes=10_500), CancelToken())
    assert (len(result.rows), result.truncated, result.size_bytes) == (10, True, 10_000)


def test_stops_at_the_time_limit(engine: DuckDbEngine, guarded: Guarded) -> None:
    started = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"0\.3 s"):
        engine.run(guarded(ENDLESS), RunLimits(seconds=0.3), CancelToken())
    assert time.monotonic() - started < 2


def test_stops_when_cancelled(engine: DuckDbEngine, guarded: Guarded) -> None:
    cancel = CancelToken()
    cancelled_at: list[float] = []

    def later() -> None:
        cancelled_at.append(time.monotonic())
        cancel.cancel()

    threading.Timer(0.3, later).start()
    with pytest.raises(Cancelled):
        engine.run(guarded(ENDLESS), RunLimits(), cancel)
    assert time.monotonic() - cancelled_at[0] < 1  # 0.05 s on an idle machine


def test_cancelled_before_the_run(engine: DuckDbEngine, guarded: Guarded) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        engine.run(guarded("SELECT 1"), RunLimits(), cancel)


def test_tells_progress(engine: DuckDbEngine, guarded: Guarded) -> None:
    told: list[tuple[str, float | None]] = []
    with pytest.raises(QueryTimeout):
        engine.run(
            guarded(ENDLESS),
            RunLimits(seconds=0.3),
            CancelToken(),
            lambda words, share: told.append((words, share)),
        )
    assert told
    assert all(share is None or 0 <= share <= 1 for _, share in told)


def test_too_little_memory_is_not_repairable(lake_folder: Path, guarded: Guarded) -> None:
    small = DuckDbEngine(lake_folder, now=NOW, threads=1, memory_bytes=20_000_000)
    query = guarded("SELECT array_agg(x) FROM UNNEST(sequence(1, 20000000)) AS t(x)")
    with pytest.raises(QueryFailed, match="memory") as caught:
        small.run(query, RunLimits(), CancelToken())
    small.close()
    assert not caught.value.repairable


def test_runs_from_many_threads(engine: DuckDbEngine, guarded: Guarded) -> None:
    got: list[object] = []

    def count(day: int) -> None:
        query = guarded(f"SELECT {day}, count(*) FROM {MESSAGES} WHERE ds <= '2026-05-{day:02d}'")
        got.append(engine.run(query, RunLimits(), CancelToken()).rows[0])

    threads = [threading.Thread(target=count, args=(day,)) for day in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=str) == [(day, day * 100) for day in range(1, 9)]


@pytest.mark.parametrize(
    ("where", "partitions"),
    [
        ("", 31),
        ("WHERE m.ds >= '2026-05-30'", 2),
        ("WHERE m.ds BETWEEN '2026-05-03' AND '2026-05-06' AND m.id > 5", 4),
        ("WHERE m.ds IN ('2026-05-01', '2026-05-09')", 2),
        ("WHERE m.ds = '2025-01-01'", 0),
        ("WHERE m.id > 5 OR m.ds = '2026-05-01'", 31),
        ("WHERE m.ds >= CAST(DATE '2026-05-31' - INTERVAL '2' DAY AS varchar)", 3),
        ("WHERE m.ds = (SELECT max(n.ds) FROM lake.events.messages AS n)", 62),
    ],
)
def test_estimates_the_partitions_scanned(
    engine: DuckDbEngine, guarded: Guarded, lake_folder: Path, where: str, partitions: int
) -> None:
    query = guarded(f"SELECT count(*) FROM {MESSAGES} AS m {where}", (MESSAGES,))
    estimate = engine.estimate(query)
    one = (lake_folder / "events/messages/ds=2026-05-01/part-0.parquet").stat().st_size
    assert estimate.partitions == partitions
    assert estimate.rows is None
    assert estimate.size_bytes == pytest.approx(partitions * one, rel=0.02)


def test_estimate_of_a_table_without_partitions_is_its_files(
    engine: DuckDbEngine, guarded: Guarded, lake_folder: Path
) -> None:
    estimate = engine.estimate(
        guarded("SELECT a.id FROM lake.crm.accounts AS a", ("lake.crm.accounts",))
    )
    size = (lake_folder / "crm/accounts/part-0.parquet").stat().st_size
    assert (estimate.size_bytes, estimate.partitions) == (size, 1)


def test_estimate_lets_the_engine_check_the_query(engine: DuckDbEngine, guarded: Guarded) -> None:
    with pytest.raises(QueryFailed, match="name"):
        engine.estimate(guarded("SELECT name FROM lake.crm.accounts GROUP BY id"))


def test_values_of_nested_types_are_plain(run: Run) -> None:
    row = run(
        "SELECT tags, MAP(ARRAY['a'], ARRAY[DATE '2020-01-01']), "
        "CAST(ROW(1, 'x') AS row(a bigint, b varchar)), ROW(1, 2), "
        "X'61', INTERVAL '90' MINUTE, JSON '[1]', ARRAY[TIMESTAMP '2020-01-01 00:00:00 +02:00'] "
        "FROM lake.crm.accounts WHERE id = 1"
    ).rows[0]
    assert row[:7] == (
        ["a", "b"],
        {"a": date(2020, 1, 1)},
        {"a": 1, "b": "x"},
        [1, 2],
        b"a",
        timedelta(minutes=90),
        "[1]",
    )
    moments = row[7]
    assert isinstance(moments, list)
    assert moments[0].utcoffset() == timedelta(hours=2)


def test_a_folder_without_a_lake(tmp_path: Path) -> None:
    with pytest.raises(LakeNotReady, match="no lake") as caught:
        DuckDbEngine(tmp_path / "nowhere", now=NOW)
    assert "nlq lake make" in caught.value.hint


def test_a_table_without_files(tmp_path: Path, guarded: Guarded) -> None:
    (tmp_path / "crm" / "empty").mkdir(parents=True)
    made = DuckDbEngine(tmp_path, now=NOW)
    with pytest.raises(LakeNotReady, match=r"lake\.crm\.empty has no Parquet file"):
        made.run(guarded("SELECT * FROM lake.crm.empty"), RunLimits(), CancelToken())
    made.close()


def test_a_file_that_is_gone_is_the_engine_s_failure(tmp_path: Path, guarded: Guarded) -> None:
    folder = tmp_path / "crm" / "one"
    folder.mkdir(parents=True)
    duckdb.sql("SELECT 1 AS id").write_parquet(str(folder / "a.parquet"))
    made = DuckDbEngine(tmp_path, now=NOW)
    made.run(guarded("SELECT id FROM lake.crm.one"), RunLimits(), CancelToken())
    (folder / "a.parquet").unlink()
    with pytest.raises(NlqError) as caught:
        made.run(guarded("SELECT id FROM lake.crm.one"), RunLimits(), CancelToken())
    made.close()
    assert isinstance(caught.value, EngineUnavailable)


def test_closing_twice_is_fine_and_then_it_is_unavailable(
    lake_folder: Path, guarded: Guarded
) -> None:
    made = DuckDbEngine(lake_folder, now=NOW)
    made.close()
    made.close()
    with pytest.raises(EngineUnavailable):
        made.run(guarded("SELECT 1"), RunLimits(), CancelToken())
