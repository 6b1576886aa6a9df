"""Sums that a query may get wrong: rows repeated by a join, and amounts of different currencies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.lineage import Lineage, conjuncts, read_here
from nlq.types import Cardinality, JoinEdge, TableDoc

_CURRENCY = re.compile(r"^(currency(_code)?|ccy|.*_currency)$", re.I)
_AMOUNT = re.compile(r"amount|price|revenue|total|mrr|arr\b|fee|cost|value|amt|net|gross", re.I)


def double_counted(lineage: Lineage) -> Iterator[str]:
    """One sentence a table whose rows a one-to-many join repeats under a sum, average or count."""
    for scope in lineage.scopes():
        select = scope.expression
        if not isinstance(select, exp.Select) or not select.args.get("joins"):
            continue
        repeated = _repeated(lineage, scope)
        for alias, many in repeated.items():
            if any(_sums(node, alias) for node in _aggregates(select)):
                source = scope.sources[alias]
                table = lineage.table(source) if isinstance(source, exp.Table) else None
                if table:
                    yield (
                        f"Rows of {table.short_name} may be counted more than once: one of them "
                        f"can join several rows of {many}."
                    )


def mixed_currencies(lineage: Lineage) -> Iterator[str]:
    """One sentence a sum over amounts that are each in a currency of their own."""
    for scope in lineage.scopes():
        select = scope.expression
        if not isinstance(select, exp.Select):
            continue
        named = {
            origin for column in _kept_apart(select) for origin in lineage.origins(column, scope)
        }
        for node in _aggregates(select):
            if isinstance(node, exp.Count):
                continue
            for column in node.find_all(exp.Column):
                origin = lineage.origin(column, scope)
                if origin is None or not _AMOUNT.search(origin.column.name):
                    continue
                unit = origin.column.unit.upper()
                currency = _currency_column(origin.table)
                if currency and "USD" not in unit and (origin.table.name, currency) not in named:
                    yield (
                        f"{origin.column.name} of {origin.table.short_name} is in several "
                        f"currencies, which are added up here as if they were one."
                    )


def _currency_column(table: TableDoc) -> str:
    return next((c.name for c in table.columns if _CURRENCY.match(c.name)), "")


def _kept_apart(select: exp.Select) -> Iterator[exp.Column]:
    """Columns by which the rows are grouped, or that conditions and joins restrict."""
    for part in ("where", "group"):
        if node := select.args.get(part):
            yield from node.find_all(exp.Column)
    for join in select.args.get("joins") or ():
        yield from join.find_all(exp.Column)


def _aggregates(select: exp.Select) -> Iterator[exp.Expr]:
    for output in select.selects:
        for node in output.find_all(exp.Sum, exp.Avg, exp.Count):
            if not isinstance(node.this, exp.Distinct):
                yield node


def _sums(node: exp.Expr, alias: str) -> bool:
    columns = list(node.find_all(exp.Column))
    return bool(columns) and all(column.table == alias for column in columns)


def _repeated(lineage: Lineage, scope: Scope) -> dict[str, str]:
    """The sources whose rows a join repeats, and the table that repeats them."""
    tables = {
        alias: table
        for alias, source in read_here(scope).items()
        if isinstance(source, exp.Table) and (table := lineage.table(source))
    }
    equal = list(_equalities(scope.expression))
    found: dict[str, str] = {}
    for left, left_table in tables.items():
        for right, right_table in tables.items():
            pairs = {
                (a.name, b.name) if a.table == left else (b.name, a.name)
                for a, b in equal
                if {a.table, b.table} == {left, right} and left != right
            }
            if pairs and _cardinality(lineage, left_table, right_table, pairs) in (
                "one_to_many",
                "many_to_many",
            ):
                found.setdefault(left, right_table.short_name)
    return found


def _equalities(select: exp.Expr) -> Iterator[tuple[exp.Column, exp.Column]]:
    terms = conjuncts(select.args.get("where"))
    for join in select.args.get("joins") or ():
        terms += conjuncts(join.args.get("on"))
    for term in terms:
        if isinstance(term, exp.EQ):
            left, right = term.left, term.right
            if isinstance(left, exp.Column) and isinstance(right, exp.Column):
                yield left, right


def _cardinality(
    lineage: Lineage, left: TableDoc, right: TableDoc, pairs: set[tuple[str, str]]
) -> Cardinality | None:
    """How many rows meet how many, where the docs know a join on exactly these columns."""
    for edge in lineage.catalog.joins:
        for way in (edge, edge.reversed()):
            if (way.left, way.right) == (left.name, right.name) and _columns(way) == pairs:
                return way.cardinality
    return None


def _columns(edge: JoinEdge) -> set[tuple[str, str]]:
    return set(zip(edge.left_columns, edge.right_columns, strict=True))
