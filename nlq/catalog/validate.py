"""Checking the docs: a catalog goes in, what is wrong with it leaves, one sentence each.

Sources check their own form (``yaml_docs`` refuses unknown keys); this checks what only the merged
whole can show: names that nothing has, joins that lead nowhere, metrics that cannot be computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from nlq.catalog.catalog import Catalog
from nlq.retrieval.joins import path_between
from nlq.types import DimensionDoc, MetricDoc, TableDoc


def validate(catalog: Catalog) -> tuple[str, ...]:
    """What is wrong, in a stable order; empty when all is well."""
    return tuple(
        dict.fromkeys(
            (
                *(p for table in catalog.tables.values() for p in _table(catalog, table)),
                *(p for dim in catalog.dimensions.values() for p in _dimension(catalog, dim)),
                *(p for metric in catalog.metrics.values() for p in _metric(catalog, metric)),
                *_verified(catalog),
                *_ambiguous(catalog),
            )
        )
    )


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _table(catalog: Catalog, table: TableDoc) -> Iterator[str]:
    where = f"Table {table.name}"
    for name in _repeated(column.name for column in table.columns):
        yield f"{where}: the column {name} is described twice."
    roles = {
        "primary key": table.primary_key,
        "partition column": table.partitioned_by,
        "time column": (table.time_column,) if table.time_column else (),
    }
    for role, names in roles.items():
        for name in names:
            if table.column(name) is None:
                yield f"{where}: its {role} {name} is not among its columns."
    if table.partition_filter_required and not table.partitioned_by:
        yield f"{where}: a partition filter is required, but no partition column is named."
    if table.replaced_by and table.replaced_by not in catalog.tables:
        yield f"{where}: it is replaced by {table.replaced_by}, which is not described."
    for column in table.columns:
        for value in _repeated(doc.value for doc in column.values):
            yield f"{where}: the column {column.name} has the value {value} twice."
    yield from _joins(catalog, table)


def _joins(catalog: Catalog, table: TableDoc) -> Iterator[str]:
    for edge in table.joins:
        where = f"Table {table.name}: its join to {edge.right}"
        if len(edge.left_columns) != len(edge.right_columns):
            yield f"{where} has unequal numbers of columns."
        for name in edge.left_columns:
            if table.column(name) is None:
                yield f"{where} uses its column {name}, which it does not have."
        other = catalog.tables.get(edge.right)
        if other is None:
            yield f"{where} leads to a table that is not described."
            continue
        for name in edge.right_columns:
            if other.column(name) is None:
                yield f"{where} uses the column {name}, which {edge.right} does not have."


def _dimension(catalog: Catalog, dimension: DimensionDoc) -> Iterator[str]:
    where = f"Dimension {dimension.name}"
    table = catalog.tables.get(dimension.table)
    if table is None:
        yield f"{where}: its table {dimension.table} is not described."
    elif table.column(dimension.column) is None:
        yield f"{where}: {dimension.table} has no column {dimension.column}."
    elif dimension.expression:
        yield from _expression(catalog, where, dimension.expression, table)


def _metric(catalog: Catalog, metric: MetricDoc) -> Iterator[str]:
    where = f"Metric {metric.name}"
    if metric.kind == "simple":
        yield from _simple(catalog, metric)
    else:
        unknown = [name for name in metric.inputs if name not in catalog.metrics]
        yield from (f"{where}: its input {name} is not a metric." for name in unknown)
        if not metric.inputs:
            yield f"{where}: it names no inputs."
    if metric.kind == "derived":
        used = set(_columns(metric.expression) or ())
        for name in sorted(used - set(metric.inputs)):
            yield f"{where}: its expression uses {name}, which is not among its inputs."
    if metric.kind == "retention":
        if len(metric.inputs) != 1:
            yield f"{where}: a retention metric has exactly one input."
        if metric.entity not in catalog.dimensions:
            yield f"{where}: its entity {metric.entity or '(none)'} is not a dimension."
    if _is_circular(catalog, metric):
        yield f"{where}: its inputs lead back to itself."
        return
    for name in metric.dimensions:
        dimension = catalog.dimensions.get(name)
        if dimension is None:
            yield f"{where}: its dimension {name} is not described."
            continue
        for table in _tables_of(catalog, metric):
            if not _reaches(catalog, table, dimension):
                yield (
                    f"{where}: its dimension {name} cannot be reached from {table} without "
                    "repeating rows."
                )


def _simple(catalog: Catalog, metric: MetricDoc) -> Iterator[str]:
    where = f"Metric {metric.name}"
    table = catalog.tables.get(metric.table)
    if table is None:
        yield f"{where}: its table {metric.table or '(none)'} is not described."
        return
    if metric.time_column and table.column(metric.time_column) is None:
        yield f"{where}: {table.name} has no column {metric.time_column}."
    for sql in (metric.expression, *metric.filters):
        yield from _expression(catalog, where, sql, table)


def _expression(catalog: Catalog, where: str, sql: str, table: TableDoc) -> Iterator[str]:
    names = _columns(sql)
    if names is None:
        yield f"{where}: this is not valid SQL: {sql}"
        return
    for name in names:
        if table.column(name) is None:
            yield f"{where}: {table.name} has no column {name}."
    for name in _tables_in(sql):
        if name not in catalog.tables:
            yield f"{where}: the table {name} is not described."


def _columns(sql: str) -> list[str] | None:
    """The columns of an expression, but for those of queries inside it; None if it is not SQL."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(sql, read="presto")
    except SqlglotError:
        return None
    return [c.name for c in tree.find_all(exp.Column) if c.find_ancestor(exp.Select) is None]


def _tables_in(sql: str) -> list[str]:
    """Whole names of the tables that SQL reads, its own CTEs left out; empty if it is not SQL."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(sql, read="presto")
    except SqlglotError:
        return []
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    names = (".".join(part.name for part in table.parts) for table in tree.find_all(exp.Table))
    return [name for name in dict.fromkeys(names) if name and name not in own]


def _reaches(catalog: Catalog, table: str, dimension: DimensionDoc) -> bool:
    """Along joins that repeat no row, or because the table has a copy of the very column."""
    if not dimension.expression and catalog.tables[table].column(dimension.column):
        return True
    path = path_between(catalog, table, dimension.table)
    return path is not None and all(
        edge.cardinality in ("many_to_one", "one_to_one") for edge in path
    )


def _tables_of(catalog: Catalog, metric: MetricDoc) -> tuple[str, ...]:
    if metric.kind == "simple":
        return (metric.table,) if metric.table in catalog.tables else ()
    inputs = [catalog.metrics[name] for name in metric.inputs if name in catalog.metrics]
    return tuple(dict.fromkeys(t for part in inputs for t in _tables_of(catalog, part)))


def _is_circular(catalog: Catalog, metric: MetricDoc, above: tuple[str, ...] = ()) -> bool:
    if metric.name in above:
        return True
    inputs = [catalog.metrics[name] for name in metric.inputs if name in catalog.metrics]
    return any(_is_circular(catalog, part, (*above, metric.name)) for part in inputs)


def _verified(catalog: Catalog) -> Iterator[str]:
    for question in _repeated(query.question.strip().lower() for query in catalog.verified):
        yield f"Verified query '{question}': it is there twice."
    for query in catalog.verified:
        where = f"Verified query '{query.question}'"
        read = _tables_in(query.sql)
        if not read:
            yield f"{where}: its SQL cannot be read, or reads no table."
        for name in dict.fromkeys((*read, *query.tables)):
            if name not in catalog.tables:
                yield f"{where}: the table {name} is not described."


def _ambiguous(catalog: Catalog) -> Iterator[str]:
    for term in catalog.ambiguous:
        if len(term.options) < 2:
            yield f"Ambiguous term '{', '.join(term.terms)}': it has fewer than two options."
