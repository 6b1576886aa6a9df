"""Which column of the lake a column of a resolved tree is, also through WITH and subqueries."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from nlq.sql.names import whole_name

Origin = tuple[str, str]


def origins(tree: exp.Expr) -> dict[int, Origin]:
    """Table and column by the identity of each column node that is one, unchanged."""
    found = {}
    for scope in traverse_scope(tree):
        for column in scope.columns:
            if origin := _origin(column, scope):
                found[id(column)] = origin
    return found


def _origin(column: exp.Column, scope: Scope) -> Origin | None:
    source = scope.sources.get(column.table)
    name = column.name.lower()
    if isinstance(source, exp.Table):
        return (whole_name(source), name) if source.args.get("catalog") else None
    if isinstance(source, Scope) and isinstance(source.expression, exp.Select):
        for output in source.expression.selects:
            if output.alias_or_name.lower() == name:
                inner = output.unalias()
                return _origin(inner, source) if isinstance(inner, exp.Column) else None
    return None
