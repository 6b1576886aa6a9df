"""What identifies a table's rows where no doc declares it: names, docs and values say, keys leave.

Unique values alone prove nothing, least of all in small tables: a key is unique *and* called so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from nlq.catalog.catalog import Catalog
from nlq.catalog.naming import TableNames, fits, key_stem, looks_like_key, named_after, short
from nlq.catalog.prefixes import BareNames
from nlq.catalog.said import Said, read_said
from nlq.types import ColumnDoc, TableDoc

ENOUGH_ROWS = 30
"""Rows from which on it tells something that no two of them have the same value."""

_NEARLY = 0.95
_KEY_TYPES = ("bigint", "integer", "smallint", "tinyint", "varchar", "char", "uuid", "decimal")
_CALLED = 0.8


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of a table, those of them where the columns are not null, and how many differ there."""

    rows: int
    filled: int
    distinct: int

    @property
    def unique(self) -> bool:
        """Whether no two rows have the same value, and none is null."""
        return self.rows == self.distinct > 0

    @property
    def nearly_unique(self) -> bool:
        """Whether next to no two rows have the same value; nulls do not count."""
        return 0 < _NEARLY * self.filled <= self.distinct


class Values(Protocol):
    """Answers about the values of columns of tables, by whole table name; None is unknown."""

    def counts(self, table: str, columns: tuple[str, ...]) -> Counts | None:
        """How many rows there are, and how many different values of these columns together."""

    def met(self, table: str, column: str, key_table: str, key: str) -> tuple[int, int] | None:
        """How many different values the column has, and how many of them the key has too."""


class Evidence:
    """Everything that names, docs and values say about columns, each asked for once."""

    def __init__(self, catalog: Catalog, values: Values) -> None:
        self.catalog = catalog
        self.said: Said = read_said(catalog)
        self.names = TableNames(catalog.tables.values())
        self.bare = BareNames(catalog.tables.values())
        self._values = values
        self._counts: dict[tuple[str, tuple[str, ...]], Counts | None] = {}

    @cached_property
    def by_column(self) -> Mapping[str, tuple[tuple[TableDoc, ColumnDoc], ...]]:
        """The tables that have a column of a name (lower case)."""
        return self._places(lambda _, column: {column.name.lower()})

    @cached_property
    def by_spelling(self) -> Mapping[str, tuple[tuple[TableDoc, ColumnDoc], ...]]:
        """The tables that have a column of a name (lower case), with or without its prefix."""
        return self._places(lambda table, column: set(self.spellings(table, column)))

    def spellings(self, table: TableDoc, column: ColumnDoc) -> tuple[str, ...]:
        """The column's name and, where its table has a prefix, its bare name; lower case."""
        return tuple(dict.fromkeys((column.name.lower(), self.bare.column(table, column))))

    def called(self, name: str, home: TableDoc, *, is_key: bool) -> TableDoc | None:
        """The table of whose rows one is called so, prefixes left out where need be."""
        return self.names.called(name, home) or self.bare.called(name, home, is_key=is_key)

    def named_after(self, table: TableDoc, column: ColumnDoc) -> float:
        """How surely the column's name says that it identifies rows of the table, from 0 to 1."""
        whole = named_after(column.name, short(table.name))
        return max(whole, self.bare.named_after(table, column))

    def _places(
        self, names: Callable[[TableDoc, ColumnDoc], Iterable[str]]
    ) -> Mapping[str, tuple[tuple[TableDoc, ColumnDoc], ...]]:
        found: dict[str, list[tuple[TableDoc, ColumnDoc]]] = {}
        for table in self.catalog.tables.values():
            for column in table.columns:
                for name in names(table, column):
                    found.setdefault(name, []).append((table, column))
        return {name: tuple(places) for name, places in found.items()}

    def counts(self, table: TableDoc, *columns: str) -> Counts | None:
        """See ``Values.counts``."""
        key = (table.name, columns)
        if key not in self._counts:
            self._counts[key] = self._values.counts(*key)
        return self._counts[key]

    def met(
        self, table: TableDoc, column: str, key_table: TableDoc, key: str
    ) -> tuple[int, int] | None:
        """See ``Values.met``."""
        return self._values.met(table.name, column, key_table.name, key)

    def owns(self, table: TableDoc, column: ColumnDoc) -> float:
        """How surely the column identifies rows of its own table, by names and docs; may be < 0."""
        place = (table.name, column.name)
        if place in self.said.foreign:
            return -5.0
        sure = 3.0 * self.named_after(table, column)
        sure += 3.0 * (place in self.said.owned)
        sure += 2.0 * (table.primary_key == (column.name,))
        sure -= 3.0 * (self.said.refers(place) and place not in self.said.owned)
        return sure - 3.0 * self.is_bridge(table)

    def is_bridge(self, table: TableDoc) -> bool:
        """Whether the table is made of references only, and so pairs rows of other tables."""
        return len(table.columns) > 1 and all(self._refers(table, c) for c in table.columns)

    def _refers(self, table: TableDoc, column: ColumnDoc) -> bool:
        place = (table.name, column.name)
        if self.said.refers(place):
            return True
        if place in self.said.owned or self.named_after(table, column) >= _CALLED:
            return False
        if not looks_like_key(column.name) or not is_key_type(column):
            return False
        bare = self.bare.column(table, column)
        target = self.called(key_stem(bare), table, is_key=True)
        if target is not None and target.name != table.name:
            return True
        return any(
            other.name != table.name
            and (
                self.named_after(other, key) >= _CALLED
                or (
                    key.name.lower() == column.name.lower()
                    and len(other.columns) > len(table.columns)
                )
            )
            for other, key in self.by_spelling[bare]
        )


def is_key_type(column: ColumnDoc) -> bool:
    """Whether values of the column's type may identify something."""
    return column.type.partition("(")[0] in _KEY_TYPES and fits(column, column)


def infer_keys(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """The primary keys of tables whose docs declare none, by table."""
    found: dict[str, tuple[str, ...]] = {}
    for table in evidence.catalog.tables.values():
        if not table.primary_key and (key := _key_of(table, evidence)):
            found[table.name] = key
    return found


def with_keys(catalog: Catalog, keys: Mapping[str, tuple[str, ...]]) -> Catalog:
    """The catalog with those primary keys in the docs of tables that have none."""
    tables = dict(catalog.tables)
    for name, key in keys.items():
        table = tables.get(name)
        if table and not table.primary_key and all(table.column(column) for column in key):
            tables[name] = replace(table, primary_key=key)
    return replace(catalog, tables=tables)


def _key_of(table: TableDoc, evidence: Evidence) -> tuple[str, ...]:
    for column in _likely_keys(table, evidence):
        counts = evidence.counts(table, column.name)
        if counts.unique if counts and counts.rows else _owned(table, column, evidence):
            return (column.name,)
    if evidence.is_bridge(table):
        key = tuple(column.name for column in table.columns)
        counts = evidence.counts(table, *key)
        if counts and counts.unique:
            return key
    return ()


def _owned(table: TableDoc, column: ColumnDoc, evidence: Evidence) -> bool:
    return (table.name, column.name) in evidence.said.owned


def _likely_keys(table: TableDoc, evidence: Evidence) -> Iterator[ColumnDoc]:
    """The columns that docs or names call the key, the surest first; then the first of all."""
    if evidence.is_bridge(table):
        return
    likely = [column for column in table.columns if is_key_type(column)]
    said = evidence.said
    rated = [(evidence.owns(table, column), column) for column in likely]
    yield from (
        column
        for sure, column in sorted(rated, key=lambda each: -each[0])
        if sure >= 3.0 * _CALLED or (sure >= 0 and (table.name, column.name) in said.unique)
    )
    first = table.columns[0]
    place = (table.name, first.name)
    if first in likely and (place in said.unique or not said.refers(place)):
        yield first
