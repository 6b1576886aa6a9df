"""How many rows a source can have at most, where that can be proven or is documented.

Used to tell a harmless cross join (one row, or a few known ones) from an explosion. Row counts of
tables come from the catalog; None means that nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.sql.functions import has_aggregate
from nlq.sql.names import whole_name
from nlq.sql.values import interval_days, moment, whole_number
from nlq.types import TableDoc

Tables = Mapping[str, TableDoc]


def rows_at_most(source: object, tables: Tables) -> int | None:
    """The most rows of a table or of a query's scope, or None."""
    if isinstance(source, exp.Table):
        doc = tables.get(whole_name(source))
        return doc.row_count if doc else None
    if not isinstance(source, Scope):
        return None
    node = source.expression
    if isinstance(node, exp.Values):
        return len(node.expressions)
    if isinstance(node, exp.Unnest):
        return _unnested(node)
    if isinstance(node, exp.SetOperation):
        sides = [rows_at_most(s, tables) for s in source.set_operation_scopes]
        return _least(_limit(node), None if None in sides else sum(n or 0 for n in sides))
    if isinstance(node, exp.Select):
        return _least(_limit(node), _selected(source, node, tables))
    return None


def is_one_row(select: exp.Select) -> bool:
    """Whether a SELECT gives one row whatever its sources hold: aggregates and no GROUP BY."""
    if select.args.get("group") or select.args.get("having"):
        return False
    return any(has_aggregate(e) for e in select.expressions)


def sequence_length(node: exp.Expr) -> int | None:
    """Values of ``sequence(start, stop[, step])`` with constant bounds, or None."""
    start, stop, step = node.args.get("start"), node.args.get("end"), node.args.get("step")
    low, high = whole_number(start), whole_number(stop)
    if low is not None and high is not None:
        by = whole_number(step) if step is not None else 1
        return abs(high - low) // abs(by) + 1 if by else None
    first, last = moment(start), moment(stop)
    if first is None or last is None:
        return None
    by = interval_days(step) if step is not None else 1
    if not by:
        return None
    if first.relative != last.relative:
        # A calendar that runs up to today: the engine itself stops at 10,000 entries.
        return 10_000 // abs(by)
    return abs(last.days - first.days) // abs(by) + 1


def _selected(scope: Scope, select: exp.Select, tables: Tables) -> int | None:
    if is_one_row(select):
        return 1
    sources = [s for _, s in scope.selected_sources.values()]
    rows = _product(rows_at_most(s, tables) for s in sources) if sources else 1
    if select.args.get("from_") is None:
        rows = 1
    group = select.args.get("group")
    if group and group.expressions and not any(isinstance(e, SETS) for e in group.expressions):
        return _least(rows, _product(_distinct(e, scope, tables) for e in group.expressions))
    if select.args.get("distinct"):
        outputs = (e.unalias() for e in select.expressions)
        return _least(rows, _product(_distinct(e, scope, tables) for e in outputs))
    return rows


SETS = (exp.GroupingSets, exp.Rollup, exp.Cube)
"""What groups by several sets of keys at once."""


def _distinct(node: exp.Expr, scope: Scope, tables: Tables) -> int | None:
    """Different values of an expression: of a literal one, of a key as many as it refers to."""
    if isinstance(node, exp.Literal):
        return 1
    if not isinstance(node, exp.Column):
        return None
    source = scope.sources.get(node.table)
    if isinstance(source, Scope) and isinstance(source.expression, exp.Select):
        inner = next((e for e in source.expression.selects if e.alias_or_name == node.name), None)
        return _distinct(inner.unalias(), source, tables) if inner is not None else None
    if not isinstance(source, exp.Table):
        return None
    doc = tables.get(whole_name(source))
    if doc is None:
        return None
    column = node.name.lower()
    referred = [
        tables[edge.right].row_count
        for edge in doc.joins
        if edge.left == doc.name and edge.left_columns == (column,) and edge.right in tables
    ]
    counts = [doc.row_count, *(n + 1 for n in referred if n is not None)]
    return min((c for c in counts if c is not None), default=None)


def _limit(select: exp.Query) -> int | None:
    limit = select.args.get("limit")
    return whole_number(limit.expression) if isinstance(limit, exp.Limit) else None


def _unnested(node: exp.Unnest) -> int | None:
    lengths: list[int | None] = []
    for array in node.expressions:
        if isinstance(array, exp.Array):
            lengths.append(len(array.expressions))
        elif isinstance(array, exp.GenerateSeries):
            lengths.append(sequence_length(array))
        else:
            return None
    return None if None in lengths else max(n or 0 for n in lengths)


def _product(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return prod(max(1, n) for n in known if n is not None) if None not in known else None


def _least(*counts: int | None) -> int | None:
    return min((n for n in counts if n is not None), default=None)
