"""Presto SQL text and a session in, DuckDB SQL text with Presto's column types out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from nlq.engine.presto_on_duckdb import (  # noqa: F401 (the special functions register themselves)
    aggregates,
    collections,
    dates,
    documents,
    numbers,
    strings,
)
from nlq.engine.presto_on_duckdb.conditions import truth
from nlq.engine.presto_on_duckdb.expressions import expression
from nlq.engine.presto_on_duckdb.parse import parse
from nlq.engine.presto_on_duckdb.queries import query
from nlq.engine.presto_on_duckdb.scope import Columns, Rows, Scope, Session, Typed
from nlq.errors import QueryFailed


@dataclass(frozen=True, slots=True)
class _Compiler:
    def expression(self, node: exp.Expr, scope: Scope) -> Typed:
        return expression(node, self, scope)

    def query(self, node: exp.Expr, scope: Scope) -> Rows:
        return query(node, self, scope)


def compile_query(sql: str, session: Session) -> Rows:
    """Translate one Presto query.

    Raises ``QueryFailed`` for what is wrong in Presto's eyes, or what DuckDB cannot give right.
    """
    tree = parse(sql)
    try:
        return _Compiler().query(tree, Scope(session))
    except RecursionError as exc:
        raise QueryFailed("The query is nested too deeply for the embedded engine.") from exc


def compile_condition(node: exp.Expr, relations: Mapping[str, Columns], session: Session) -> str:
    """One condition over these relations, as DuckDB text."""
    return truth(node, _Compiler(), Scope(session, relations))
