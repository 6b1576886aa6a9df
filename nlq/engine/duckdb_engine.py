"""The embedded engine: Presto SQL over a lake of Parquet files, run by DuckDB in this process.

A ``GuardedQuery`` enters, a ``QueryResult`` leaves. DuckDB can read the lake's files and nothing
else, and no network.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

import duckdb

from nlq.cancel import CancelToken
from nlq.engine.base import OnProgress
from nlq.engine.duckdb_errors import translated
from nlq.engine.duckdb_lake import CATALOG, FILES, Lake
from nlq.engine.duckdb_values import converter, size_of
from nlq.engine.file_versions import FileVersions
from nlq.engine.presto_on_duckdb.compiler import compile_query
from nlq.engine.presto_on_duckdb.macros import macros, needed_by
from nlq.engine.presto_on_duckdb.scans import Scan, scans
from nlq.engine.presto_on_duckdb.scope import Rows, Session, text
from nlq.errors import Cancelled, EngineUnavailable, QueryFailed, QueryTimeout
from nlq.sql.guarded import GuardedQuery
from nlq.types import Estimate, QueryResult, ResultColumn, RunLimits

_BATCH = 1_000
_COMPILED = 128  # queries whose translation is kept: each is estimated, then run
_WATCH_EVERY = 0.02  # seconds between looks at the clock and the cancel token


class DuckDbEngine:
    """Runs guarded queries over ``lake``; ``now`` (a zoned time) is what ``now()`` gives.

    The session's zone is that of ``now``. Raises ``LakeNotReady`` where the folder has no tables.
    """

    def __init__(
        self, lake: Path, *, now: datetime, threads: int = 0, memory_bytes: int = 2_000_000_000
    ) -> None:
        self._zone = str(now.tzinfo or "UTC")
        self._connection = _connect(lake.resolve(), self._zone, threads, memory_bytes)
        self._lake = Lake(lake.resolve(), self._connection, self._zone)
        self._session = Session(self._lake, now, self._zone)
        self._versions = FileVersions()
        self._made: set[str] = set()
        self._compile = lru_cache(_COMPILED)(partial(compile_query, session=self._session))
        self._find_scans = lru_cache(_COMPILED)(self._all_scans)
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._closed = False

    @property
    def name(self) -> str:
        """What to call it in answers and logs."""
        return "duckdb"

    def ping(self) -> str:
        """The engine's name and version."""
        with self._cursor() as cursor:
            cursor.execute("SELECT 1").fetchall()
        return f"DuckDB {duckdb.__version__} with Presto's SQL"

    def estimate(self, query: GuardedQuery) -> Estimate:
        """Bytes and partitions of the files that it would scan; rows are unknown.

        Raises ``QueryFailed`` where the engine turns the query down.
        """
        rows = self._compiled(query)
        with self._cursor() as cursor:
            cursor.execute(f"DESCRIBE {rows.text}").fetchall()
            return self._scanned(query, cursor)

    def run(
        self,
        query: GuardedQuery,
        limits: RunLimits,
        cancel: CancelToken,
        on_progress: OnProgress | None = None,
    ) -> QueryResult:
        """Run it; see ``nlq.engine.base.Engine``."""
        started = time.perf_counter()
        rows = self._compiled(query)
        with self._cursor() as cursor, _watched(cursor, limits.seconds, cancel, on_progress):
            cursor.execute(rows.text)
            data, truncated, size_bytes = _fetched(cursor, rows, limits)
        return QueryResult(
            columns=tuple(map(ResultColumn, rows.names, map(str, rows.types))),
            rows=data,
            truncated=truncated,
            size_bytes=size_bytes,
            seconds=time.perf_counter() - started,
            engine=self.name,
            query_id=f"duckdb-{next(self._ids)}",
        )

    def data_version(self, query: GuardedQuery) -> str | None:
        """The state of the files of its tables; see ``nlq.engine.base.Engine``."""
        tables = [self._lake.tables.get(name) for name in sorted(query.tables)]
        versions = [self._versions.version(table.folder) if table else None for table in tables]
        return None if None in versions else " ".join(filter(None, versions))

    def close(self) -> None:
        """Free what it holds; safe to call twice."""
        if not self._closed:
            self._closed = True
            self._connection.close()

    def _compiled(self, query: GuardedQuery) -> Rows:
        if not isinstance(query, GuardedQuery):
            raise TypeError(f"The engine runs a GuardedQuery, not {type(query).__name__}.")
        try:
            rows = self._compile(query.sql)
        except duckdb.Error as exc:  # while a table's columns are read
            raise translated(exc) from exc
        if any("interval year to month" in str(kind) for kind in rows.types):
            raise QueryFailed(
                "A result of type interval year to month is not supported by the embedded engine; "
                "cast it to a number of months."
            )
        missing = [name for name in needed_by(rows.text) if name not in self._made]
        if missing:
            self._make(missing)
        return rows

    def _make(self, names: list[str]) -> None:
        with self._lock, self._cursor() as cursor:
            for name in names:
                if name not in self._made:
                    cursor.execute(macros()[name])
                    self._made.add(name)

    def _scanned(self, query: GuardedQuery, cursor: duckdb.DuckDBPyConnection) -> Estimate:
        found = [
            self._lake.scanned(scan, cursor) for scan in self._find_scans(query.sql, query.tables)
        ]
        return Estimate(
            rows=None,
            size_bytes=sum(size_bytes for size_bytes, _ in found),
            partitions=sum(partitions for _, partitions in found),
        )

    def _all_scans(self, sql: str, tables: tuple[str, ...]) -> tuple[Scan, ...]:
        partitioned = {
            name: self._lake.tables[name].partitioned_by
            for name in tables
            if name in self._lake.tables
        }
        return tuple(scans(sql, partitioned, self._session))

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if self._closed:
            raise EngineUnavailable("The embedded engine is closed.")
        cursor = self._connection.cursor()
        try:
            yield cursor
        except duckdb.Error as exc:
            raise translated(exc) from exc
        finally:
            cursor.close()


def _connect(folder: Path, zone: str, threads: int, memory_bytes: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "ieee_floating_point_ops": "true",
            "memory_limit": f"{memory_bytes // 1_000_000}MB",
            "temp_directory": "",
            **({"threads": str(threads)} if threads else {}),
        },
    )
    for statement in (
        f"SET GLOBAL TimeZone = {text(zone)}",
        f"ATTACH ':memory:' AS {CATALOG}",
        f"ATTACH ':memory:' AS {FILES}",
        f"SET GLOBAL allowed_directories = [{text(f'{folder}/')}]",
        "SET GLOBAL enable_external_access = false",
        "SET GLOBAL allow_community_extensions = false",
        "SET GLOBAL lock_configuration = true",
    ):
        connection.execute(statement)
    return connection


def _fetched(
    cursor: duckdb.DuckDBPyConnection, rows: Rows, limits: RunLimits
) -> tuple[tuple[tuple[object, ...], ...], bool, int]:
    """The rows within the limits, whether there were more, and their bytes."""
    converters = [converter(kind) for kind in rows.types]
    data: list[tuple[object, ...]] = []
    size_bytes = 0
    while batch := cursor.fetchmany(min(_BATCH, limits.rows + 1)):
        for raw in batch:
            line = tuple(
                change(value) if change else value
                for change, value in zip(converters, raw, strict=True)
            )
            size = sum(map(size_of, line))
            if len(data) == limits.rows or size_bytes + size > limits.size_bytes:
                return tuple(data), True, size_bytes
            data.append(line)
            size_bytes += size
    return tuple(data), False, size_bytes


@contextmanager
def _watched(
    cursor: duckdb.DuckDBPyConnection,
    seconds: float,
    cancel: CancelToken,
    on_progress: OnProgress | None,
) -> Iterator[None]:
    """Interrupt what runs inside on cancel or after ``seconds``, and say which it was.

    An interrupt that comes before DuckDB has begun is lost, so it is repeated until it is heard.
    """
    cancel.check()
    done, late = threading.Event(), threading.Event()
    deadline = time.monotonic() + seconds

    def watch() -> None:
        while not done.wait(_WATCH_EVERY):
            if time.monotonic() > deadline:
                late.set()
            if late.is_set() or cancel.cancelled:
                cursor.interrupt()
            elif on_progress is not None:
                share = cursor.query_progress()
                on_progress("Running", share / 100 if share >= 0 else None)

    watcher = threading.Thread(target=watch, name="duckdb-watch", daemon=True)
    watcher.start()
    try:
        yield
        if cancel.cancelled:
            raise Cancelled
    except duckdb.Error as exc:
        if cancel.cancelled:
            raise Cancelled from exc
        if late.is_set():
            raise QueryTimeout(
                f"The query ran past its limit of {seconds:g} s.",
                hint="Narrow it to fewer days, or raise engine.seconds.",
            ) from exc
        raise
    finally:
        done.set()
        watcher.join()
