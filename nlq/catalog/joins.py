"""Joins that no doc declares: tables and questions about their values enter, ``JoinEdge``s leave.

A column refers to a key where their names say so and every value of it is one of the key's. Only
tables whose docs declare no join are looked at: what people wrote is never guessed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from nlq.catalog.catalog import Catalog
from nlq.types import ColumnDoc, JoinEdge, TableDoc

_SHARED_TAIL = 5
"""Letters that two names must share at their ends to be about the same thing (``custid``)."""
_KEY_TYPES = ("bigint", "integer", "smallint", "tinyint", "varchar", "char", "uuid", "decimal")
_ANYTHINGS = frozenset({
    "id", "name", "names", "description", "status", "type", "kind", "code", "date", "year", "month",
    "day", "title", "homepage", "url", "notes", "comment", "city", "state", "country", "region",
    "address", "email", "phone", "population", "area", "length",
})  # fmt: skip
"""Names that many tables have without meaning the same thing."""


class Values(Protocol):
    """Answers about the values of columns of tables, by whole table name and column name."""

    def is_key(self, table: str, column: str) -> bool:
        """Whether no two rows have the same value, and none is null."""

    def within(self, table: str, column: str, key_table: str, key: str) -> bool:
        """Whether every value that is not null is also one of the other column's."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    table: TableDoc
    column: ColumnDoc
    key_table: TableDoc
    key: ColumnDoc


def infer_joins(catalog: Catalog, values: Values) -> tuple[JoinEdge, ...]:
    """The joins of tables that have none, each referring column to its most alike keys."""
    joined = {name for edge in catalog.joins for name in (edge.left, edge.right)}
    bare = [table for name, table in catalog.tables.items() if name not in joined]
    found: dict[tuple[str, str, str], JoinEdge] = {}
    keys: dict[tuple[str, str], bool] = {}

    def is_key(table: TableDoc, column: ColumnDoc) -> bool:
        place = (table.name, column.name)
        if place not in keys:
            keys[place] = values.is_key(*place)
        return keys[place]

    for candidate in _candidates(bare):
        table, column = candidate.table, candidate.column
        key_table, key = candidate.key_table, candidate.key
        pair = (table.name, column.name, key_table.name)
        back = (key_table.name, key.name, table.name)
        if pair in found or back in found or not is_key(key_table, key):
            continue
        if values.within(table.name, column.name, key_table.name, key.name):
            one = is_key(table, column)
            found[pair] = JoinEdge(
                table.name, (column.name,), key_table.name, (key.name,),
                "one_to_one" if one else "many_to_one",
            )  # fmt: skip
    return tuple(_direct(list(found.values())))


def _direct(edges: list[JoinEdge]) -> Iterator[JoinEdge]:
    """Without those to a table that itself only refers to what is referred to."""
    ends = {((e.left, e.left_columns), (e.right, e.right_columns)) for e in edges}
    for edge in edges:
        left, right = (edge.left, edge.left_columns), (edge.right, edge.right_columns)
        if not any(start == right and (left, end) in ends for start, end in ends):
            yield edge


def _candidates(tables: Sequence[TableDoc]) -> Iterator[_Candidate]:
    """Pairs of columns whose names may mean the same, the surest first."""
    pairs = [
        _Candidate(table, column, other, key)
        for table in tables
        for other in tables
        if other.name != table.name
        for column in table.columns
        for key in other.columns
        if _may_join(column, key)
    ]
    rated = [(rating, pair) for pair in pairs if (rating := _alike(pair)) > 0]
    return (pair for _, pair in sorted(rated, key=lambda item: -item[0]))


def _may_join(column: ColumnDoc, key: ColumnDoc) -> bool:
    kinds = [c.type.partition("(")[0] for c in (column, key)]
    integers = {"bigint", "integer", "smallint", "tinyint"}
    return kinds[0] in _KEY_TYPES and (kinds[0] == kinds[1] or integers.issuperset(kinds))


def _alike(pair: _Candidate) -> float:
    """How surely the names say that the column refers to the key; 0 is not at all."""
    name, key = pair.column.name.lower(), pair.key.name.lower()
    thing = _singular(pair.key_table.name.rpartition(".")[2].lower())
    if name == key:
        return 0.0 if key in _ANYTHINGS else 1.0
    if name in (f"{thing}_{key}", f"{thing}{key}", f"{thing}_id") and key in ("id", thing + "_id"):
        return 0.9
    if key == "id" and name.endswith("_id") and thing.endswith(name.removesuffix("_id")):
        return 0.8
    if key in ("id", "code", "name") and name in (thing, f"{thing}_{key}"):
        return 0.7
    tail = _shared_tail(name, key)
    if tail >= _SHARED_TAIL and tail >= 0.6 * len(key) and name.endswith(("id", "code", "key")):
        return 0.5 + tail / 100
    return 0.0


def _shared_tail(left: str, right: str) -> int:
    count = 0
    for a, b in zip(reversed(left), reversed(right), strict=False):
        if a != b:
            break
        count += 1
    return count


def _singular(name: str) -> str:
    """A table's name as one of its rows would be called.

    >>> [_singular(name) for name in ("cars", "companies", "boxes", "address", "news_feeds")]
    ['car', 'company', 'box', 'address', 'news_feed']
    """
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith(("ses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
