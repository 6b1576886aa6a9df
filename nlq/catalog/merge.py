"""Merging: catalog sources go in, one ``Catalog`` leaves.

Sources are given from the least to the most trusted (the engine's own metadata first, what people
wrote last): the later one wins where both say something, and says nothing where a field is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from nlq.catalog.catalog import Catalog
from nlq.catalog.source import CatalogSource
from nlq.types import (
    AmbiguousTerm,
    ColumnDoc,
    Freshness,
    JoinEdge,
    TableDoc,
    VerifiedQuery,
)

Doc = TypeVar("Doc", TableDoc, ColumnDoc, Freshness)


def merge(sources: Sequence[CatalogSource]) -> Catalog:
    """Load every source and join what they know; raises ``CatalogError`` as they do."""
    merged = Catalog()
    for source in sources:
        merged = merge_two(merged, source.load())
    return merged


def merge_two(base: Catalog, over: Catalog) -> Catalog:
    """``base`` with everything that ``over`` says on top.

    Tables merge field by field and column by column. What is measured rather than meant is that of
    ``base``, which is nearer to the engine: columns' order and types, what a table is partitioned
    by, its rows and bytes; a column that only ``over`` knows is added. Metrics, dimensions and
    verified questions of the same name are replaced whole: half of two definitions is neither.
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
        tuple(dict.fromkeys((*base.glossary, *over.glossary))),
    )


def _merge_table(base: TableDoc, over: TableDoc) -> TableDoc:
    columns = {column.name: column for column in base.columns}
    for column in over.columns:
        known = columns.get(column.name)
        columns[column.name] = _merge_column(known, column) if known else column
    joins: dict[tuple[object, ...], JoinEdge] = {
        (j.left_columns, j.right, j.right_columns): j for j in (*base.joins, *over.joins)
    }
    return replace(
        _overlay(base, over),
        columns=tuple(columns.values()),
        joins=tuple(joins.values()),
        freshness=_overlay(base.freshness, over.freshness),
        tags=_both(base.tags, over.tags),
        partitioned_by=base.partitioned_by or over.partitioned_by,
        row_count=over.row_count if base.row_count is None else base.row_count,
        size_bytes=over.size_bytes if base.size_bytes is None else base.size_bytes,
    )


def _merge_column(base: ColumnDoc, over: ColumnDoc) -> ColumnDoc:
    return replace(_overlay(base, over), type=base.type, tags=_both(base.tags, over.tags))


def _both(base: tuple[str, ...], over: tuple[str, ...]) -> tuple[str, ...]:
    """Tags add up: what one source calls personal data stays so."""
    return tuple(dict.fromkeys((*base, *over)))


def _overlay(base: Doc, over: Doc) -> Doc:
    """``base`` with the fields that ``over`` does not leave empty."""
    said: dict[str, Any] = {
        f.name: value
        for f in fields(over)
        if (value := getattr(over, f.name)) not in ("", (), None, False, "none")
    }
    return replace(base, **said)
