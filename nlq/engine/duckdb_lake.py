"""A lake's Parquet files as tables: ``FOLDER/schema/table/**/*.parquet``, partitions as ``ds=...``.

A folder enters; tables with their Presto types, the views that DuckDB reads them by, and the files
of each partition leave. Everything is looked up when it is first asked for.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

import duckdb

from nlq.engine.presto_on_duckdb.scans import Scan
from nlq.engine.presto_on_duckdb.scope import Columns, quote, text
from nlq.engine.presto_on_duckdb.types import Type, from_duckdb
from nlq.errors import LakeNotReady

CATALOG = "lake"
FILES = "lake_files"  # holds a table of the files of each table


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One data file: its size in bytes, and the value of each partition column."""

    path: str
    size_bytes: int
    partition: tuple[str, ...]


@dataclass(frozen=True)
class LakeTable:
    """One table. ``name`` is whole, ``folder`` holds its files."""

    name: str
    folder: Path

    @cached_property
    def partitioned_by(self) -> tuple[str, ...]:
        """Names of the partition columns, outermost first."""
        steps = Path(self.files[0].path).relative_to(self.folder).parent.parts
        return tuple(step.split("=", 1)[0].lower() for step in steps)

    @cached_property
    def files(self) -> tuple[LakeFile, ...]:
        """Every data file, as they were when first asked for; there is at least one."""
        found = tuple(sorted(_files(str(self.folder), ()), key=lambda file: file.path))
        if not found:
            raise LakeNotReady(
                f"The table {self.name} has no Parquet file in {self.folder}.",
                hint="Make the lake again: nlq lake make.",
            )
        return found

    @property
    def relation(self) -> str:
        """The DuckDB relation over its files; partition columns are varchar, as Hive has them.

        The files are listed rather than globbed, which for a thousand takes DuckDB four times as
        long at every query.
        """
        paths = ", ".join(text(file.path) for file in self.files)
        return f"read_parquet([{paths}], hive_partitioning=true, hive_types_autocast=false)"


def _files(folder: str, partition: tuple[str, ...]) -> Iterator[LakeFile]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                _, equals, value = entry.name.partition("=")
                if equals:
                    yield from _files(entry.path, (*partition, unquote(value)))
            elif entry.name.endswith(".parquet"):
                yield LakeFile(entry.path, entry.stat().st_size, partition)


class Lake(Mapping[str, Columns]):
    """The columns of every table by whole name; a table's are read when it is first looked up.

    Raises ``LakeNotReady`` where the folder has no tables.
    """

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection, zone: str) -> None:
        self._connection = connection
        self._zone = zone
        self._lock = threading.Lock()
        self._columns: dict[str, Columns] = {}
        self._listed: set[str] = set()
        self.tables = {table.name: table for table in _tables(folder)}
        if not self.tables:
            raise LakeNotReady(
                f"There is no lake in {folder}.", hint="Make the sample lake: nlq lake make."
            )
        for schema in sorted({name.split(".")[1] for name in self.tables}):
            connection.execute(f"CREATE SCHEMA {CATALOG}.{quote(schema)}")

    def __getitem__(self, name: str) -> Columns:
        table = self.tables[name]
        with self._lock:
            if name not in self._columns:
                self._columns[name] = self._view(table)
            return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def _view(self, table: LakeTable) -> Columns:
        """Create the view of a table, and tell its columns."""
        cursor = self._connection.cursor()
        described = cursor.execute(f"DESCRIBE SELECT * FROM {table.relation}").fetchall()
        columns: dict[str, Type] = {}
        shown = []
        for name, kind, *_ in described:
            presto = from_duckdb(kind, self._zone)
            if presto is None:
                raise LakeNotReady(f"{table.name}.{name} has the type {kind}, unknown to Presto.")
            shown.append(_as_presto(name, kind, presto))
            columns[name.lower()] = Type("timestamp") if presto.zone else presto
        name = ".".join(map(quote, table.name.split(".")))
        cursor.execute(f"CREATE VIEW {name} AS SELECT {', '.join(shown)} FROM {table.relation}")
        cursor.close()
        return columns

    def scanned(self, scan: Scan, cursor: duckdb.DuckDBPyConnection) -> tuple[int, int]:
        """Bytes of files, and number of partitions, that a scan's condition leaves."""
        table = self.tables[scan.table]
        listing = f"{FILES}.{quote(table.name)}"
        with self._lock:
            if table.name not in self._listed:
                self._list(table, listing, cursor)
                self._listed.add(table.name)
        keys = ", ".join(map(quote, table.partitioned_by))
        counted = f"count(DISTINCT ({keys}))" if keys else "1"
        found = cursor.execute(
            f"SELECT coalesce(sum(size_bytes), 0), {counted} FROM {listing} AS {scan.alias} "
            f"WHERE {scan.condition}"
        ).fetchone()
        assert found is not None  # an aggregate gives one row
        return int(found[0]), int(found[1])

    def _list(self, table: LakeTable, listing: str, cursor: duckdb.DuckDBPyConnection) -> None:
        columns = ", ".join(map(quote, ("size_bytes", *table.partitioned_by)))
        lines = ", ".join(
            f"({file.size_bytes}{''.join(f', {text(value)}' for value in file.partition)})"
            for file in table.files
        )
        cursor.execute(f"CREATE TABLE {listing} AS FROM (VALUES {lines}) AS files({columns})")


def _as_presto(name: str, kind: str, presto: Type) -> str:
    """A column as Presto's Hive connector reads it: no zones, no unsigned numbers."""
    column = quote(name)
    if presto.zone:
        return f"timezone('UTC', {column}) AS {quote(name.lower())}"
    read = column if kind == presto.duckdb else f"CAST({column} AS {presto.duckdb})"
    return f"{read} AS {quote(name.lower())}"


def _tables(folder: Path) -> Iterator[LakeTable]:
    if not folder.is_dir():
        return
    for schema in sorted(p for p in folder.iterdir() if p.is_dir()):
        for table in sorted(p for p in schema.iterdir() if p.is_dir()):
            yield LakeTable(f"{CATALOG}.{schema.name}.{table.name}".lower(), table)
