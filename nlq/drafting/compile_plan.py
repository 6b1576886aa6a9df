"""A governed choice goes in, Presto SQL comes out: a metric's formula can then not be got wrong.

Every metric becomes one relation with the plan's dimensions, its period and its value. A plan with
one plain metric is a single SELECT; several metrics, derived ones and comparisons are relations in
a WITH clause, joined on dimensions and period.
"""

from __future__ import annotations

from dataclasses import replace

import sqlglot
from sqlglot import exp

from nlq.catalog.catalog import Catalog
from nlq.drafting.base_relation import (
    DIALECT,
    Slice,
    base_relation,
    dimension_named,
    metric_named,
    way_to,
)
from nlq.drafting.calendar_steps import shift_back
from nlq.errors import CatalogError
from nlq.types import Comparison, DimensionDoc, MetricDoc, MetricPlan


def compile_plan(plan: MetricPlan, catalog: Catalog) -> str:
    """The plan as Presto SQL, pretty-printed.

    Columns, in order: the grain's name (``month``), the dimensions' names, then for each metric its
    name and, in a comparison, ``NAME_previous`` and ``NAME_change`` (a ratio: 0.1 is 10 % more).
    Raises ``CatalogError`` when a name is unknown or a dimension cannot be reached.
    """
    part = Slice(
        tuple(dimension_named(catalog, name) for name in plan.dimensions),
        plan.filters,
        plan.start,
        plan.end,
        plan.grain,
        known_only=plan.known_only,
    )
    names = list(plan.metrics)
    relations: dict[str, str] = {}
    if plan.share:
        body, relations = _share(catalog, names[0], part, plan)
    elif plan.comparison is not None:
        body, relations = _compared(catalog, names, part, plan.comparison)
    else:
        body, relations = _relation(catalog, names, part, prefix="")
    select = sqlglot.parse_one(body, read=DIALECT)
    if not isinstance(select, exp.Select):
        raise CatalogError(f"The plan for {', '.join(names)} is not one SELECT.")
    select = _ordered(select, plan)
    for name, body in relations.items():
        select = select.with_(name, as_=body, dialect=DIALECT)
    return select.sql(dialect=DIALECT, pretty=True)


def reachable(catalog: Catalog, metric: MetricDoc, dimension: DimensionDoc) -> bool:
    """Whether every input of the metric can be split by the dimension without fan-out."""
    return all(
        way_to(catalog, catalog.tables[leaf.table], dimension) is not None
        for leaf in leaves(catalog, metric)
    )


def leaves(catalog: Catalog, metric: MetricDoc) -> tuple[MetricDoc, ...]:
    """The simple metrics that a metric is made of (itself, when it is simple)."""
    if metric.kind == "simple":
        return (metric,)
    found: list[MetricDoc] = []
    for name in metric.inputs:
        found += leaves(catalog, metric_named(catalog, name))
    return tuple(dict.fromkeys(found))


def _relation(
    catalog: Catalog, names: list[str], part: Slice, *, prefix: str
) -> tuple[str, dict[str, str]]:
    """A SELECT with the slice's keys and one column a metric, and the CTEs that it needs."""
    metrics = [metric_named(catalog, name) for name in names]
    if all(m.kind == "simple" for m in metrics) and _same_rows(metrics):
        return base_relation(catalog, metrics, part), {}
    if len(metrics) == 1 and metrics[0].kind == "retention":
        return _retention(catalog, metrics[0], part, prefix)
    inputs = list(dict.fromkeys(n for m in metrics for n in _inputs(catalog, m)))
    ctes: dict[str, str] = {}
    for name in inputs:
        body, nested = _relation(catalog, [name], part, prefix=prefix)
        ctes |= nested
        ctes[prefix + name] = body
    columns = [f"{_key(inputs, key, prefix)} AS {key}" for key in part.keys]
    for metric in metrics:
        value = _value(catalog, metric, prefix)
        columns.append(f"{value} AS {metric.name}")
    source = prefix + inputs[0]
    joined = [source]
    for name in inputs[1:]:
        if part.keys:
            on = " AND ".join(f"{_merged(joined, key)} = {prefix}{name}.{key}" for key in part.keys)
            source += f" FULL JOIN {prefix}{name} ON {on}"
        else:
            source += f" CROSS JOIN {prefix}{name}"
        joined.append(prefix + name)
    return f"SELECT {', '.join(columns)} FROM {source}", ctes


def _same_rows(metrics: list[MetricDoc]) -> bool:
    first = metrics[0]
    return all(
        (m.table, m.time_column, m.filters) == (first.table, first.time_column, first.filters)
        for m in metrics
    )


def _inputs(catalog: Catalog, metric: MetricDoc) -> tuple[str, ...]:
    """The metrics that are computed on their own for it."""
    if metric.kind != "derived":
        return (metric.name,)
    return tuple(n for name in metric.inputs for n in _inputs(catalog, metric_named(catalog, name)))


def _value(catalog: Catalog, metric: MetricDoc, prefix: str) -> str:
    """A metric's value in terms of its inputs' relations; no rows are no money and no count."""
    if metric.kind != "derived":
        return f"{prefix}{metric.name}.{metric.name}"
    tree = sqlglot.parse_one(metric.expression, read=DIALECT)

    def substitute(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        inner = metric_named(catalog, node.name)
        value = _value(catalog, inner, prefix)
        if inner.kind == "simple" and inner.unit in ("usd", "count"):
            value = f"coalesce({value}, 0)"
        return (
            exp.paren(sqlglot.parse_one(value, read=DIALECT))
            if inner.kind == "derived"
            else (sqlglot.parse_one(value, read=DIALECT))
        )

    return tree.transform(substitute).sql(dialect=DIALECT)


def _key(inputs: list[str], key: str, prefix: str) -> str:
    return _merged([prefix + name for name in inputs], key)


def _merged(relations: list[str], key: str) -> str:
    sides = [f"{relation}.{key}" for relation in relations]
    return sides[0] if len(sides) == 1 else f"coalesce({', '.join(sides)})"


def _retention(
    catalog: Catalog, metric: MetricDoc, part: Slice, prefix: str
) -> tuple[str, dict[str, str]]:
    entity = dimension_named(catalog, metric.entity)
    inner = [metric.inputs[0]]
    own = tuple(d for d in part.dimensions if d.name != entity.name)
    now = replace(part, dimensions=(*own, entity))
    months = metric.lag_months
    total = months + (part.shift[0] * _MONTHS[part.shift[1]] if part.shift else 0)
    before = replace(
        now,
        start=part.start and shift_back(part.start, months, "month"),
        end=part.end and shift_back(part.end, months, "month"),
        shift=(total, "month"),
    )
    now_body, now_ctes = _relation(catalog, inner, now, prefix=f"{prefix}{metric.name}_now_")
    old_body, old_ctes = _relation(catalog, inner, before, prefix=f"{prefix}{metric.name}_base_")
    now_name, old_name = f"{prefix}{metric.name}_now", f"{prefix}{metric.name}_base"
    columns = [f"{old_name}.{key} AS {key}" for key in part.keys]
    value = f"{old_name}.{inner[0]}"
    ratio = (
        f"CAST(sum(coalesce({now_name}.{inner[0]}, 0)) AS double) / nullif(sum({value}), 0) "
        f"AS {metric.name}"
    )
    shared = [entity.name, *([part.grain] if part.grain else [])]
    on = " AND ".join(f"{now_name}.{key} = {old_name}.{key}" for key in shared)
    sql = (
        f"SELECT {', '.join([*columns, ratio])} FROM {old_name} LEFT JOIN {now_name} ON {on} "
        f"WHERE {value} > 0"
    )
    if columns:
        sql += f" GROUP BY {', '.join(str(i + 1) for i in range(len(columns)))}"
    return sql, now_ctes | old_ctes | {old_name: old_body, now_name: now_body}


_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _earlier(part: Slice, comparison: Comparison) -> Slice:
    """The slice that a comparison sets beside this one."""
    if comparison == "previous_year":
        step = (1, "year")
    elif part.grain is not None:
        step = (1, part.grain)
    else:
        step = _length(part)
    return replace(
        part,
        start=part.start and shift_back(part.start, *step),
        end=part.end and shift_back(part.end, *step),
        shift=step,
    )


def _length(part: Slice) -> tuple[int, str]:
    """How long the slice is: whole months where it is, else days."""
    if part.start is None or part.end is None:
        raise CatalogError("A comparison with the period before needs a start and an end.")
    if part.start.day == 1 and part.end.day == 1:
        months = (part.end.year - part.start.year) * 12 + part.end.month - part.start.month
        return (months, "month")
    return ((part.end - part.start).days, "day")


def _compared(
    catalog: Catalog, names: list[str], part: Slice, comparison: Comparison
) -> tuple[str, dict[str, str]]:
    """Each row of the slice beside that of the slice it is compared with."""
    now, before = "this_period", "earlier_period"
    now_body, now_needs = _relation(catalog, names, part, prefix="now_")
    before_body, before_needs = _relation(
        catalog, names, _earlier(part, comparison), prefix="before_"
    )
    columns = [f"coalesce({now}.{key}, {before}.{key}) AS {key}" for key in part.keys]
    if part.grain:
        columns[0] = f"{now}.{part.grain} AS {part.grain}"
    for name in names:
        columns += [
            f"{now}.{name} AS {name}",
            f"{before}.{name} AS {name}_previous",
            f"CAST({now}.{name} - {before}.{name} AS double) / nullif(abs({before}.{name}), 0) "
            f"AS {name}_change",
        ]
    join = _on_keys(now, before, part, "LEFT JOIN" if part.grain else "FULL JOIN")
    body = f"SELECT {', '.join(columns)} FROM {now} {join}"
    return body, now_needs | before_needs | {now: now_body, before: before_body}


def _share(
    catalog: Catalog, name: str, whole: Slice, plan: MetricPlan
) -> tuple[str, dict[str, str]]:
    """The share of a part in the whole; without a part, that of each row in the total."""
    if not plan.part:
        body, needs = _relation(catalog, [name], whole, prefix="")
        per = f"PARTITION BY each_row.{whole.grain}" if whole.grain else ""
        columns = [f"each_row.{key} AS {key}" for key in whole.keys]
        columns += [
            f"CAST(each_row.{name} AS double) / nullif(sum(each_row.{name}) OVER ({per}), 0) "
            f"AS {name}_share",
            f"each_row.{name} AS {name}",
        ]
        return f"SELECT {', '.join(columns)} FROM each_row", needs | {"each_row": body}
    part = replace(whole, filters=(*whole.filters, *plan.part))
    part_body, part_needs = _relation(catalog, [name], part, prefix="part_")
    whole_body, whole_needs = _relation(catalog, [name], whole, prefix="whole_")
    columns = [f"whole.{key} AS {key}" for key in whole.keys]
    columns += [
        f"CAST(coalesce(part.{name}, 0) AS double) / nullif(whole.{name}, 0) AS {name}_share",
        f"part.{name} AS {name}",
        f"whole.{name} AS {name}_total",
    ]
    join = _on_keys("whole", "part", whole, "LEFT JOIN")
    body = f"SELECT {', '.join(columns)} FROM whole {join}"
    return body, part_needs | whole_needs | {"part": part_body, "whole": whole_body}


def _on_keys(left: str, right: str, part: Slice, kind: str) -> str:
    if not part.keys:
        return f"CROSS JOIN {right}"
    on = " AND ".join(f"{left}.{key} = {right}.{key}" for key in part.keys)
    return f"{kind} {right} ON {on}"


def _ordered(select: exp.Select, plan: MetricPlan) -> exp.Select:
    """Time first, else the first metric, biggest first; names break ties so that order is fixed."""
    direction = "ASC" if plan.ascending else "DESC"
    by_value = f"{plan.metrics[0]}{'_share' if plan.share else ''} {direction}"
    if plan.grain and plan.top is None:
        order = [plan.grain, *plan.dimensions]
    elif plan.dimensions or plan.grain:
        first = [f"{plan.metrics[0]}_change {direction}"] if plan.comparison and plan.top else []
        order = [*(first or [by_value]), *([plan.grain] if plan.grain else []), *plan.dimensions]
    else:
        order = []
    if order:
        select = select.order_by(*order, dialect=DIALECT)
    if plan.top is not None:
        select = select.limit(plan.top)
    return select
