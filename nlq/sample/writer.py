"""Columns go in, Parquet files come out, with exactly the columns and types that the docs say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from nlq.types import TableDoc

_ARROW = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp(3)": pa.timestamp("ms"),
}


def arrow_type(presto: str) -> Any:
    """The Arrow type for a Presto type name; raises ``KeyError`` for one that it does not know."""
    if presto.startswith("decimal("):
        precision, scale = presto[8:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _ARROW[presto]


def coded(values: Sequence[str], index: npt.NDArray[Any], null: Any = None) -> Any:
    """Strings by their index into ``values``; null where ``null`` is true."""
    return pa.array(values, pa.string()).take(pa.array(index, pa.int64(), mask=null))


def masked(values: npt.NDArray[Any], null: npt.NDArray[np.bool_]) -> Any:
    """Values with nulls where ``null`` is true."""
    return pa.array(values, mask=null)


@dataclass(slots=True)
class Written:
    """What was written for one table so far."""

    rows: int = 0
    size_bytes: int = 0
    files: int = 0


class LakeWriter:
    """Writes tables under a folder: ``schema/table/[partition=value/]part-NNNNN.parquet``.

    ``docs`` are keyed by whole names. Tables are named ``schema.table`` here.
    """

    def __init__(self, folder: Path, docs: Mapping[str, TableDoc]) -> None:
        self.folder = folder
        self._docs = {doc.short_name: doc for doc in docs.values()}
        self._schemas = {
            name: pa.schema([(c.name, arrow_type(c.type)) for c in doc.columns])
            for name, doc in self._docs.items()
        }
        self.written = {name: Written() for name in self._docs}

    def write(self, table: str, columns: Mapping[str, Any], part: int, partition: str = "") -> None:
        """Write one file; ``partition`` is the value of the table's partition column."""
        self._save(table, self._arrow(table, columns), part, partition)

    def write_split(
        self,
        table: str,
        columns: Mapping[str, Any],
        part: int,
        pieces: Iterable[tuple[str, int, int]],
    ) -> None:
        """Write one file for each piece: partition value, first row, row after the last."""
        whole = self._arrow(table, columns)
        for value, start, end in pieces:
            if end > start:
                self._save(table, whole.slice(start, end - start), part, value)

    def _arrow(self, table: str, columns: Mapping[str, Any]) -> Any:
        kept = [f for f in self._schemas[table] if f.name not in self._docs[table].partitioned_by]
        if [f.name for f in kept] != list(columns):
            raise ValueError(f"{table}: the columns {list(columns)} are not those of its docs.")
        arrays = [_array(columns[field.name], field.type) for field in kept]
        return pa.Table.from_arrays(arrays, schema=pa.schema(kept))

    def _save(self, table: str, data: Any, part: int, partition: str) -> None:
        folder = self.folder.joinpath(*table.split("."))
        if partition:
            folder /= f"{self._docs[table].partitioned_by[0]}={partition}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"part-{part:05d}.parquet"
        if path.exists():
            raise ValueError(f"{table}: {path.name} would be written twice.")
        # Dictionaries pay for strings only, and Arrow's own schema is 1 kB in each of the files.
        coded_columns = [field.name for field in data.schema if field.type == pa.string()]
        pq.write_table(
            data,
            path,
            compression="zstd",
            use_dictionary=coded_columns,
            store_schema=False,
            row_group_size=250_000,
        )
        done = self.written[table]
        done.rows += data.num_rows
        done.size_bytes += path.stat().st_size
        done.files += 1


def _array(values: Any, kind: Any) -> Any:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if not isinstance(values, pa.Array):
        values = pa.array(values)
    return values if values.type == kind else values.cast(kind)
