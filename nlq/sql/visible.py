"""A catalog cut down to what somebody may see: catalog and rights enter, a smaller catalog leaves.

A metric, dimension or verified query stays only where every column that its SQL reads may be seen;
SQL that cannot be resolved against the smaller catalog is taken to read something hidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from nlq.catalog.catalog import Catalog
from nlq.errors import GuardRefused
from nlq.sql.limits import Limits
from nlq.sql.reading import read_query
from nlq.sql.resolve import resolve
from nlq.types import ColumnDoc, DimensionDoc, JoinEdge, MetricDoc, TableDoc, VerifiedQuery

MayTable = Callable[[str], bool]
MayColumn = Callable[[str, ColumnDoc], bool]


def cut(catalog: Catalog, may_table: MayTable, may_column: MayColumn) -> Catalog:
    """The part of the catalog that may be seen."""
    columns = {
        name: tuple(c for c in doc.columns if may_column(name, c))
        for name, doc in catalog.tables.items()
        if may_table(name)
    }
    seen = {name: replace(catalog.tables[name], columns=kept) for name, kept in columns.items()}
    tables = {name: _without_hidden(doc, seen) for name, doc in seen.items() if doc.columns}
    dimensions = {n: d for n, d in catalog.dimensions.items() if _dimension_seen(d, tables)}
    return Catalog(
        tables=tables,
        metrics=_metrics(catalog.metrics, tables, dimensions),
        dimensions=dimensions,
        verified=tuple(v for v in catalog.verified if _verified_seen(v, tables)),
        ambiguous=catalog.ambiguous,
        glossary=_seen_rules(catalog, tables),
    )


def _seen_rules(catalog: Catalog, tables: Mapping[str, TableDoc]) -> tuple[str, ...]:
    """The entries that name nothing hidden."""
    hidden = {
        name
        for doc in catalog.tables.values()
        for name in (doc.name.split(".")[-1], *(c.name for c in doc.columns))
    } - {
        name
        for doc in tables.values()
        for name in (doc.name.split(".")[-1], *(c.name for c in doc.columns))
    }
    return tuple(
        rule for rule in catalog.glossary if hidden.isdisjoint(re.findall(r"\w+", rule.lower()))
    )


def _without_hidden(doc: TableDoc, seen: Mapping[str, TableDoc]) -> TableDoc:
    """Drop what a table's doc says about columns and tables that are hidden."""
    names = {c.name for c in doc.columns}
    return replace(
        doc,
        primary_key=doc.primary_key if names.issuperset(doc.primary_key) else (),
        time_column=doc.time_column if doc.time_column in names else "",
        replaced_by=doc.replaced_by if doc.replaced_by in seen else "",
        joins=tuple(edge for edge in doc.joins if _edge_seen(edge, seen)),
    )


def _edge_seen(edge: JoinEdge, seen: Mapping[str, TableDoc]) -> bool:
    sides = ((edge.left, edge.left_columns), (edge.right, edge.right_columns))
    return all(t in seen and all(seen[t].column(c) for c in columns) for t, columns in sides)


def _reads_only_seen(table: str, sql: str, tables: Mapping[str, TableDoc]) -> bool:
    if table not in tables:
        return False
    try:
        resolve(read_query(f"SELECT {sql} AS x FROM {table}", Limits())[0], tables)
    except GuardRefused:
        return False
    return True


def _dimension_seen(dimension: DimensionDoc, tables: Mapping[str, TableDoc]) -> bool:
    if dimension.expression:
        return _reads_only_seen(dimension.table, dimension.expression, tables)
    doc = tables.get(dimension.table)
    return doc is not None and doc.column(dimension.column) is not None


def _metrics(
    metrics: Mapping[str, MetricDoc],
    tables: Mapping[str, TableDoc],
    dimensions: Mapping[str, DimensionDoc],
) -> dict[str, MetricDoc]:
    kept = {n: m for n, m in metrics.items() if m.kind != "simple" or _metric_seen(m, tables)}
    while True:
        smaller = {n: m for n, m in kept.items() if all(i in kept for i in m.inputs)}
        if len(smaller) == len(kept):
            break
        kept = smaller
    return {
        name: replace(m, dimensions=tuple(d for d in m.dimensions if d in dimensions))
        for name, m in kept.items()
        if not m.entity or m.entity in dimensions
    }


def _metric_seen(metric: MetricDoc, tables: Mapping[str, TableDoc]) -> bool:
    parts = (metric.expression, *metric.filters, metric.time_column)
    return all(_reads_only_seen(metric.table, part, tables) for part in parts if part)


def _verified_seen(query: VerifiedQuery, tables: Mapping[str, TableDoc]) -> bool:
    try:
        resolve(read_query(query.sql, Limits())[0], tables)
    except GuardRefused:
        return False
    return True
