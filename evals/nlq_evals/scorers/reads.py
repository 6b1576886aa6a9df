"""Reads: SQL goes in, the tables and columns of the lake that it reads leave as names."""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from nlq.types import TableDoc


def reads(sql: str, dialect: str, tables: Mapping[str, TableDoc]) -> frozenset[str]:
    """``catalog.schema.table`` and ``catalog.schema.table:column`` of all that ``sql`` reads.

    A table may be named by its last parts, as in the database that a lake was made from. Nothing,
    where the SQL cannot be parsed; ``SELECT *`` reads a table and no column by name.
    """
    try:
        scopes = traverse_scope(sqlglot.parse_one(sql, read=dialect))
    except SqlglotError:
        return frozenset()
    found: set[str] = set()
    for scope in scopes:
        docs = {
            alias.lower(): doc
            for alias, source in scope.sources.items()
            if isinstance(source, exp.Table) and (doc := _doc(source, tables))
        }
        found |= {doc.name for doc in docs.values()}
        for column in scope.columns:
            named = docs.get(column.table.lower())
            owners = [named] if named else [] if column.table else list(docs.values())
            name = column.name.lower()
            found |= {f"{doc.name}:{name}" for doc in owners if doc.column(name)}
    return frozenset(found)


def _doc(table: exp.Table, tables: Mapping[str, TableDoc]) -> TableDoc | None:
    """The one table that is meant; None where there is none, or several."""
    name = ".".join(part.name.lower() for part in table.parts)
    if name in tables:
        return tables[name]
    fitting = [doc for whole, doc in tables.items() if whole.endswith(f".{name}")]
    return fitting[0] if len(fitting) == 1 else None
