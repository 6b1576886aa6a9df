"""One metric's rows: the SELECT over its base table that gives dimensions, period and value.

A ``Slice`` of a plan and metrics over the same rows go in, the text of a SELECT comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlglot
from sqlglot import exp

from nlq.catalog.catalog import Catalog
from nlq.errors import CatalogError
from nlq.retrieval.joins import path_between
from nlq.types import ColumnDoc, DimensionDoc, Grain, JoinEdge, MetricDoc, PlanFilter, TableDoc

DIALECT = "presto"


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a plan that all its relations share.

    ``shift`` is how far (count, unit) this slice lies before the one it is compared with; periods
    are given as if they were not shifted, so that both can be joined on them.
    """

    dimensions: tuple[DimensionDoc, ...]
    filters: tuple[PlanFilter, ...]
    start: date | None
    end: date | None
    grain: Grain | None
    shift: tuple[int, str] | None = None
    known_only: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of its key columns: the period's, then the dimensions'."""
        names = tuple(d.name for d in self.dimensions)
        return (self.grain, *names) if self.grain else names


def base_relation(catalog: Catalog, metrics: list[MetricDoc], part: Slice) -> str:
    """The SELECT of simple metrics that share table, time column and filters."""
    base = _table(catalog, metrics[0].table)
    source, alias_of = _joined(catalog, base, _needed(part, catalog))
    columns, group = _key_columns(part, base, metrics[0].time_column, alias_of)
    values = [f"{_qualified(m.expression, base)} AS {m.name}" for m in metrics]
    where = _where(catalog, part, base, metrics[0], alias_of)
    sql = f"SELECT {', '.join([*columns, *values])} FROM {source}"
    if where:
        sql += f" WHERE {' AND '.join(where)}"
    if group:
        sql += f" GROUP BY {', '.join(group)}"
    return sql


def _needed(part: Slice, catalog: Catalog) -> tuple[DimensionDoc, ...]:
    filtered = (dimension_named(catalog, f.dimension) for f in part.filters)
    return tuple(dict.fromkeys((*part.dimensions, *filtered)))


def _joined(
    catalog: Catalog, base: TableDoc, dimensions: Iterable[DimensionDoc]
) -> tuple[str, dict[str, str]]:
    """The FROM clause, and the alias that each table has in it."""
    alias_of = {base.name: _alias(base.name, ())}
    source = f"{base.name} AS {alias_of[base.name]}"
    for dimension in dimensions:
        path = way_to(catalog, base, dimension)
        if path is None:
            raise CatalogError(
                f"{base.short_name} cannot be split by {dimension.label}: no join leads from it to "
                f"{dimension.table} without counting rows twice."
            )
        for edge in path:
            if edge.right in alias_of:
                continue
            alias_of[edge.right] = _alias(edge.right, alias_of.values())
            on = " AND ".join(
                f"{alias_of[edge.left]}.{a} = {alias_of[edge.right]}.{b}"
                for a, b in zip(edge.left_columns, edge.right_columns, strict=True)
            )
            source += f" LEFT JOIN {edge.right} AS {alias_of[edge.right]} ON {on}"
    return source, alias_of


def _alias(table: str, taken: Iterable[str]) -> str:
    """The table's bare name, numbered when another table has it already."""
    bare = table.rsplit(".", 1)[1]
    name, n = bare, 2
    while name in taken:
        name, n = f"{bare}_{n}", n + 1
    return name


def safe_path(catalog: Catalog, source: str, target: str) -> tuple[JoinEdge, ...] | None:
    """Joins from source to target that never count a row twice; None where there are none."""
    if source == target:
        return ()
    path = path_between(catalog, source, target)
    if path is None or any(e.cardinality not in ("many_to_one", "one_to_one") for e in path):
        return None
    return path


def way_to(
    catalog: Catalog, base: TableDoc, dimension: DimensionDoc
) -> tuple[JoinEdge, ...] | None:
    """The joins to a dimension; none where the base table has its own copy of the column alone.

    The None is for a dimension that cannot be reached.
    """
    path = safe_path(catalog, base.name, dimension.table)
    if path is None and not dimension.expression and base.column(dimension.column):
        return ()
    return path


def _key_columns(
    part: Slice, base: TableDoc, time_column: str, alias_of: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    columns: list[str] = []
    if part.grain:
        period = f"date_trunc('{part.grain}', {_as_date(base, time_column, alias_of)})"
        if part.shift:
            count, unit = part.shift
            period = f"date_add('{unit}', {count}, {period})"
        columns.append(f"{period} AS {part.grain}")
    columns += [f"{_dimension_sql(d, alias_of)} AS {d.name}" for d in part.dimensions]
    return columns, [str(i + 1) for i in range(len(columns))]


def _dimension_sql(dimension: DimensionDoc, alias_of: Mapping[str, str]) -> str:
    own = next(iter(alias_of.values()))
    alias = alias_of.get(dimension.table, own)
    if not dimension.expression:
        return f"{alias}.{dimension.column}"
    tree = sqlglot.parse_one(dimension.expression, read=DIALECT)
    for column in tree.find_all(exp.Column):
        if not column.table:
            column.set("table", exp.to_identifier(alias))
    return tree.sql(dialect=DIALECT)


def _as_date(base: TableDoc, time_column: str, alias_of: Mapping[str, str]) -> str:
    column = _column(base, time_column)
    name = f"{alias_of[base.name]}.{column.name}"
    return name if column.type == "date" else f"CAST({name} AS date)"


def _where(
    catalog: Catalog,
    part: Slice,
    base: TableDoc,
    metric: MetricDoc,
    alias_of: Mapping[str, str],
) -> list[str]:
    alias = alias_of[base.name]
    terms = [_qualified(text, base) for text in metric.filters]
    terms = [f"({t})" if " OR " in t.upper() else t for t in terms]
    time_columns = [metric.time_column]
    if base.partition_filter_required:
        time_columns += [c for c in base.partitioned_by if c not in time_columns]
    for name in time_columns:
        column = _column(base, name)
        for operator, bound in ((">=", part.start), ("<", part.end)):
            if bound is not None:
                terms.append(f"{alias}.{column.name} {operator} {_bound(column, bound)}")
    if part.known_only:
        terms += [f"{_dimension_sql(d, alias_of)} IS NOT NULL" for d in part.dimensions]
    for item in part.filters:
        dimension = dimension_named(catalog, item.dimension)
        column = _column(_table(catalog, dimension.table), dimension.column)
        values = [_literal(column, value) for value in item.values]
        test = f"= {values[0]}" if len(values) == 1 else f"IN ({', '.join(values)})"
        term = f"{_dimension_sql(dimension, alias_of)} {test}"
        terms.append(f"NOT {term}" if item.negated else term)
    return terms


def _bound(column: ColumnDoc, bound: date) -> str:
    if column.type.startswith("timestamp"):
        return f"TIMESTAMP '{bound.isoformat()} 00:00:00'"
    if column.type == "date":
        return f"DATE '{bound.isoformat()}'"
    return f"'{bound.isoformat()}'"


def _literal(column: ColumnDoc, value: str) -> str:
    if column.type.startswith(("varchar", "char")):
        return exp.Literal.string(value).sql(dialect=DIALECT)
    if column.type == "boolean":
        return "true" if value.lower() in {"true", "1", "yes"} else "false"
    return exp.Literal.number(value).sql(dialect=DIALECT)


def _qualified(text: str, base: TableDoc) -> str:
    """SQL over the base table's own columns, with each of them named after its table."""
    tree = sqlglot.parse_one(text, read=DIALECT)
    alias = base.name.rsplit(".", 1)[1]
    for column in tree.find_all(exp.Column):
        if not column.table:
            column.set("table", exp.to_identifier(alias))
    return tree.sql(dialect=DIALECT)


def metric_named(catalog: Catalog, name: str) -> MetricDoc:
    """The metric; raises ``CatalogError`` where there is none of that name."""
    if name not in catalog.metrics:
        raise CatalogError(f"There is no metric {name}.")
    return catalog.metrics[name]


def dimension_named(catalog: Catalog, name: str) -> DimensionDoc:
    """The dimension; raises ``CatalogError`` where there is none of that name."""
    if name not in catalog.dimensions:
        raise CatalogError(f"There is no dimension {name}.")
    return catalog.dimensions[name]


def _table(catalog: Catalog, name: str) -> TableDoc:
    if name not in catalog.tables:
        raise CatalogError(f"There is no table {name}.")
    return catalog.tables[name]


def _column(table: TableDoc, name: str) -> ColumnDoc:
    column = table.column(name)
    if column is None:
        raise CatalogError(f"{table.name} has no column {name}.")
    return column
