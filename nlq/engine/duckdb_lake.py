"""A lake's Parquet files as tables: ``FOLDER/schema/table/**/*.parquet``, partitions as ``ds=...``.

A folder enters; tables with their Presto types, the views that DuckDB reads them by, and the files
of each partition leave. Everything is looked up when it is first asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from nlq.engine.presto_on_duckdb.scope import Columns, quote, text
from nlq.engine.presto_on_duckdb.types import Type, from_duckdb
from nlq.errors import LakeNotReady

CATALOG = "lake"


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One data file: its size in bytes, and the value of each partition column."""

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
        first = next(self.folder.glob("**/*.parquet"), None)
        if first is None:
            raise LakeNotReady(
                f"The table {self.name} has no Parquet file in {self.folder}.",
                hint="Make the lake again: nlq lake make.",
            )
        steps = first.relative_to(self.folder).parent.parts
        return tuple(step.split("=", 1)[0] for step in steps if "=" in step)

    @cached_property
    def files(self) -> tuple[LakeFile, ...]:
        """Every data file."""
        depth = len(self.partitioned_by)
        return tuple(
            LakeFile(
                file.stat().st_size,
                tuple(
                    step.split("=", 1)[1]
                    for step in file.relative_to(self.folder).parent.parts[:depth]
                ),
            )
            for file in self.folder.glob("**/*.parquet")
        )

    @property
    def relation(self) -> str:
        """The DuckDB relation over its files; partition columns are varchar, as Hive has them."""
        pattern = text(str(self.folder / "**" / "*.parquet"))
        return f"read_parquet({pattern}, hive_partitioning=true, hive_types_autocast=false)"


class Lake(Mapping[str, Columns]):
    """The columns of every table by whole name; a table's are read when it is first looked up.

    Raises ``LakeNotReady`` where the folder has no tables.
    """

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection, zone: str) -> None:
        self._connection = connection
        self._zone = zone
        self._lock = threading.Lock()
        self._columns: dict[str, Columns] = {}
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
        assert table.partitioned_by is not None  # says clearly when there is no file
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
