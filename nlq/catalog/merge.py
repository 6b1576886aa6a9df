"""Merging: catalog sources go in, one ``Catalog`` leaves; and what is wrong with it, in words.

Sources are given from the least to the most trusted (the engine's own metadata first, what people
wrote last): the later one wins where both say something, and says nothing where a field is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from nlq.catalog.catalog import Catalog
from nlq.catalog.source import CatalogSource
from nlq.types import AmbiguousTerm, ColumnDoc, JoinEdge, TableDoc, VerifiedQuery

Doc = TypeVar("Doc", TableDoc, ColumnDoc)


def merge(sources: Sequence[CatalogSource]) -> Catalog:
    """Load every source and join what they know; raises ``CatalogError`` as they do."""
    merged = Catalog()
    for source in sources:
        merged = merge_two(merged, source.load())
    return merged


def merge_two(base: Catalog, over: Catalog) -> Catalog:
    """``base`` with everything that ``over`` says on top.

    Tables merge field by field and column by column, in the order and with the types of ``base``
    (it is nearer to the engine); a column that only ``over`` knows is added. Metrics, dimensions
    and verified questions of the same name are replaced whole: half of two definitions is neither.
    """
    tables = dict(base.tables)
    for name, table in over.tables.items():
        tables[name] = _merge_table(tables[name], table) if name in tables else table
    verified: dict[str, VerifiedQuery] = {q.question: q for q in (*base.verified, *over.verified)}
    ambiguous: dict[tuple[str, ...], AmbiguousTerm] = {
        term.terms: term for term in (*base.ambiguous, *over.ambiguous)
    }
    return Catalog(
        tables,
        {**base.metrics, **over.metrics},
        {**base.dimensions, **over.dimensions},
        tuple(verified.values()),
        tuple(ambiguous.values()),
    )


def _merge_table(base: TableDoc, over: TableDoc) -> TableDoc:
    columns = {column.name: column for column in base.columns}
    for column in over.columns:
        known = columns.get(column.name)
        columns[column.name] = (
            replace(_overlay(known, column), type=known.type) if known else column
        )
    joins: dict[tuple[object, ...], JoinEdge] = {
        (j.left_columns, j.right, j.right_columns): j for j in (*base.joins, *over.joins)
    }
    return replace(
        _overlay(base, over), columns=tuple(columns.values()), joins=tuple(joins.values())
    )


def _overlay(base: Doc, over: Doc) -> Doc:
    """``base`` with the fields that ``over`` does not leave at their default.

    Tags add up: what one source calls personal data stays so.
    """
    said: dict[str, Any] = {
        f.name: value
        for f in fields(over)
        if (value := getattr(over, f.name)) not in ("", (), None, False, "none")
    }
    said["tags"] = tuple(dict.fromkeys((*base.tags, *over.tags)))
    return replace(base, **said)


def validate(catalog: Catalog) -> tuple[str, ...]:
    """What is wrong with the docs, one sentence each; empty when all is well."""
    return tuple(dict.fromkeys(_tables(catalog)))


def _tables(catalog: Catalog) -> Iterator[str]:
    for table in catalog.tables.values():
        names = [column.name for column in table.columns]
        yield from (f"{table.name}: column {n} is described twice." for n in _repeated(names))


def _repeated(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
