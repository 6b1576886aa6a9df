"""Which tables a query scans, and how its WHERE restricts their partitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from nlq.engine.presto_on_duckdb.compiler import compile_condition
from nlq.engine.presto_on_duckdb.parse import identifier, parse
from nlq.engine.presto_on_duckdb.scope import Columns, Session, quote
from nlq.engine.presto_on_duckdb.types import VARCHAR


@dataclass(frozen=True, slots=True)
class Scan:
    """One table in a FROM clause. ``condition`` is DuckDB text over its partition columns."""

    table: str
    alias: str
    condition: str


def scans(sql: str, partitions: dict[str, tuple[str, ...]], session: Session) -> Iterator[Scan]:
    """Every scan of a query; ``partitions`` has the partition columns by table.

    A predicate counts where it stands in the WHERE of the SELECT that names the table and is
    about partition columns and constants alone; so what is found is never too little.
    """
    for node in parse(sql).find_all(exp.Table):
        name = ".".join(identifier(part) for part in node.parts)
        if name not in partitions:
            continue
        alias = (
            identifier(node.args["alias"].this) if node.args.get("alias") else name.split(".")[-1]
        )
        columns = dict.fromkeys(partitions[name], VARCHAR)
        select = node.find_ancestor(exp.Select)
        where = select.args.get("where") if select else None
        conditions = [
            compile_condition(part, {alias: columns}, session)
            for part in (
                where.this.flatten()
                if where and isinstance(where.this, exp.And)
                else [where.this]
                if where
                else []
            )
            if _is_about(part, alias, columns)
        ]
        yield Scan(name, quote(alias), " AND ".join(conditions) or "true")


def _is_about(node: exp.Expr, alias: str, columns: Columns) -> bool:
    if node.find(exp.Query):
        return False
    named = list(node.find_all(exp.Column))
    return bool(named) and all(
        identifier(c.this) in columns and identifier(c.args.get("table")) == alias for c in named
    )
