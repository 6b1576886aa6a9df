"""A lake's folder enters, the statements that make its tables known to a server leave."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nlq.errors import LakeNotReady

_SIMPLE: Final = {
    "bool": "boolean",
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "float": "real",
    "double": "double",
    "string": "varchar",
    "large_string": "varchar",
    "binary": "varbinary",
    "date32[day]": "date",
}


@dataclass(frozen=True, slots=True)
class FileTable:
    """A table as its files say: ``columns`` are names and Presto types, partitions last."""

    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]
    partitioned_by: tuple[str, ...]


def file_tables(lake: Path) -> Iterator[FileTable]:
    """The tables of ``lake``: ``schema/table/[partition=value/]*.parquet``.

    Raises ``LakeNotReady`` where there is none, or one has a column of an unknown type.
    """
    import pyarrow.parquet as pq

    found = False
    for folder in sorted(path for path in lake.glob("[!.]*/[!.]*") if path.is_dir()):
        file = next(iter(sorted(folder.rglob("*.parquet"))), None)
        if file is None:
            continue
        found = True
        steps = file.relative_to(folder).parent.parts
        partitions = tuple(step.split("=", 1)[0].lower() for step in steps)
        columns = tuple(
            (field.name.lower(), presto_type(field.type, f"{folder.name}.{field.name}"))
            for field in pq.read_schema(file)
            if field.name.lower() not in partitions
        )
        yield FileTable(
            folder.parent.name,
            folder.name,
            (*columns, *((name, "varchar") for name in partitions)),
            partitions,
        )
    if not found:
        raise LakeNotReady(f"There is no lake at {lake}.", hint="Run `nlq lake make`.")


def presto_type(arrow: Any, column: str) -> str:
    """The Presto type of an Arrow type; raises ``LakeNotReady`` for one that is not known."""
    import pyarrow.types as kinds

    if kinds.is_decimal(arrow):
        return f"decimal({arrow.precision},{arrow.scale})"
    if kinds.is_timestamp(arrow):
        return "timestamp"
    if kinds.is_list(arrow):
        return f"array({presto_type(arrow.value_type, column)})"
    if kinds.is_map(arrow):
        key, item = (presto_type(part, column) for part in (arrow.key_type, arrow.item_type))
        return f"map({key}, {item})"
    if kinds.is_struct(arrow):
        fields = (f'"{field.name}" {presto_type(field.type, column)}' for field in arrow)
        return f"row({', '.join(fields)})"
    if str(arrow) not in _SIMPLE:
        raise LakeNotReady(f"The column {column} has the type {arrow}, which is not supported.")
    return _SIMPLE[str(arrow)]


def statements(
    catalog: str, tables: list[FileTable], location: Callable[[str, str], str]
) -> Iterator[tuple[str, str]]:
    """What to say about each statement, and the statement, in the order to run them."""
    for schema in sorted({table.schema for table in tables}):
        yield f"Schema {schema}", f'CREATE SCHEMA IF NOT EXISTS {catalog}."{schema}"'
    for table in tables:
        told = f"{table.schema}.{table.name}"
        columns = ", ".join(f'"{name}" {kind}' for name, kind in table.columns)
        options = [
            "format = 'PARQUET'",
            f"external_location = {_text(location(table.schema, table.name))}",
        ]
        if table.partitioned_by:
            names = ", ".join(map(_text, table.partitioned_by))
            options.append(f"partitioned_by = ARRAY[{names}]")
        yield (
            f"Table {told}",
            f'CREATE TABLE IF NOT EXISTS {catalog}."{table.schema}"."{table.name}" '
            f"({columns}) WITH ({', '.join(options)})",
        )
        if table.partitioned_by:
            yield (
                f"Partitions of {told}",
                f"CALL {catalog}.system.sync_partition_metadata("
                f"{_text(table.schema)}, {_text(table.name)}, 'FULL')",
            )


def analyses(catalog: str, tables: list[FileTable]) -> Iterator[tuple[str, str]]:
    """Statements that gather statistics, as ``statements`` gives them."""
    for table in tables:
        name = f"{table.schema}.{table.name}"
        yield f"Statistics of {name}", f'ANALYZE {catalog}."{table.schema}"."{table.name}"'


def fingerprint(lake: Path, tables: list[FileTable]) -> str:
    """The same for the same tables and files, so that a metastore need not be made twice."""
    digest = hashlib.sha256(str(lake.resolve()).encode())
    for table in tables:
        digest.update(repr(table).encode())
        folder = lake / table.schema / table.name
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.parquet"))
        digest.update("\n".join(files).encode())
    return digest.hexdigest()


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
