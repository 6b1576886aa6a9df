"""Conditions: comparison, AND, OR and NOT, IS, BETWEEN, IN and LIKE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from nlq.engine.presto_on_duckdb import types as t
from nlq.engine.presto_on_duckdb.casts import coerce
from nlq.engine.presto_on_duckdb.operators import compared
from nlq.engine.presto_on_duckdb.scope import Compiler, Scope, Typed
from nlq.errors import QueryFailed

Handler = Callable[[Any, Compiler, Scope], Typed]


def comparison(sign: str) -> Handler:
    """Handles ``left sign right``, also with ALL or ANY of a subquery."""

    def handler(node: exp.Binary, c: Compiler, scope: Scope) -> Typed:
        left = c.expression(node.this, scope)
        quantified = node.expression
        if isinstance(quantified, exp.All | exp.Any):
            return _quantified(sign, left, quantified, c, scope)
        return compared(sign, left, c.expression(quantified, scope), scope.session)

    return handler


def _quantified(
    sign: str, left: Typed, node: exp.All | exp.Any, c: Compiler, scope: Scope
) -> Typed:
    joint, rows = _against(left, node.this, c, scope)
    word = "ALL" if isinstance(node, exp.All) else "ANY"
    return Typed(f"({joint} {sign} {word} ({rows}))", t.BOOLEAN)


def _against(left: Typed, query: exp.Expr, c: Compiler, scope: Scope) -> tuple[str, str]:
    """A value and a one-column subquery, both brought to their common type."""
    rows = c.query(query, scope.inside())
    joint = t.common(left.type, rows.types[0]) if len(rows.types) == 1 else None
    if joint is None:
        raise QueryFailed("A value cannot be compared to that subquery: their types differ.")
    column = coerce(Typed("s.c", rows.types[0]), joint, scope.session)
    return (
        coerce(left, joint, scope.session).text,
        f"SELECT {column.text} FROM ({rows.text}) AS s(c)",
    )


def junction(word: str) -> Handler:
    """Handles AND and OR."""

    def handler(node: exp.Binary, c: Compiler, scope: Scope) -> Typed:
        sides = [truth(part, c, scope) for part in (node.this, node.expression)]
        return Typed(f"({sides[0]} {word} {sides[1]})", t.BOOLEAN)

    return handler


def truth(node: exp.Expr, c: Compiler, scope: Scope) -> str:
    """The text of a condition; raises ``QueryFailed`` where it is not boolean."""
    value = c.expression(node, scope)
    if value.type not in (t.BOOLEAN, t.UNKNOWN):
        raise QueryFailed(f"A condition must be boolean, not {value.type}.")
    return coerce(value, t.BOOLEAN, scope.session).text


def negation(node: exp.Not, c: Compiler, scope: Scope) -> Typed:
    """``NOT x``."""
    return Typed(f"(NOT {truth(node.this, c, scope)})", t.BOOLEAN)


def is_(node: exp.Is, c: Compiler, scope: Scope) -> Typed:
    """``NOT x``."""
    value = c.expression(node.this, scope).text
    return Typed(f"({value} IS {node.expression.sql()})", t.BOOLEAN)


def between(node: exp.Between, c: Compiler, scope: Scope) -> Typed:
    """``x IS NULL``, ``x IS TRUE``."""
    value, low, high = (c.expression(node.args[part], scope) for part in ("this", "low", "high"))
    above = compared(">=", value, low, scope.session)
    below = compared("<=", value, high, scope.session)
    return Typed(f"({above.text} AND {below.text})", t.BOOLEAN)


def in_(node: exp.In, c: Compiler, scope: Scope) -> Typed:
    """``x BETWEEN low AND high``."""
    value = c.expression(node.this, scope)
    if query := node.args.get("query"):
        left, rows = _against(value, query, c, scope)
        return Typed(f"({left} IN ({rows}))", t.BOOLEAN)
    items = [c.expression(item, scope) for item in node.expressions]
    joint = t.common_of((value.type, *(item.type for item in items)))
    if joint is None:
        raise QueryFailed(f"The values of IN must all be of type {value.type}.")
    first, *rest = (coerce(item, joint, scope.session).text for item in (value, *items))
    return Typed(f"({first} IN ({', '.join(rest)}))", t.BOOLEAN)


def like(node: exp.Like, c: Compiler, scope: Scope) -> Typed:
    """``x IN (...)``, of values or a subquery."""
    escaped = isinstance(node.expression, exp.Escape)
    pattern = node.expression.this if escaped else node.expression
    sides = [c.expression(part, scope) for part in (node.this, pattern)]
    if any(side.type not in (t.VARCHAR, t.UNKNOWN) for side in sides):
        raise QueryFailed("LIKE compares strings; cast the value to varchar.")
    value, wanted = (coerce(side, t.VARCHAR, scope.session).text for side in sides)
    tail = f" ESCAPE {c.expression(node.expression.expression, scope).text}" if escaped else ""
    word = "NOT LIKE" if node.args.get("negate") else "LIKE"
    return Typed(f"({value} {word} {wanted}{tail})", t.BOOLEAN)


def escape(node: exp.Escape, c: Compiler, scope: Scope) -> Typed:
    """``x LIKE pattern ESCAPE c``, as the parser wraps it."""
    """``x LIKE pattern``; without ESCAPE no character escapes."""
    inner = node.this
    pattern = exp.Escape(this=inner.expression, expression=node.expression)
    negate = inner.args.get("negate")
    return like(exp.Like(this=inner.this, expression=pattern, negate=negate), c, scope)
