"""Which table of the lake a column of a resolved tree comes straight from."""

from __future__ import annotations

from sqlglot import exp

from nlq.sql.resolve import whole_name


def table_of(column: exp.Column) -> str | None:
    """The whole name of the table that the column's source is, or None for a derived source."""
    select = column.parent_select
    while select is not None:
        for table in _sources(select):
            if table.alias_or_name == column.table:
                return whole_name(table) if table.args.get("catalog") else None
        if any(s.alias_or_name == column.table for s in _derived(select)):
            return None
        select = select.parent_select
    return None


def _clauses(select: exp.Expr) -> list[exp.Expr]:
    first = select.args.get("from_")
    return [*([first.this] if first else []), *(j.this for j in select.args.get("joins") or [])]


def _sources(select: exp.Expr) -> list[exp.Table]:
    tables = []
    for source in _clauses(select):
        inner = source.this if isinstance(source, exp.Paren) else source
        if isinstance(inner, exp.Subquery) and isinstance(inner.this, exp.Table):
            inner = inner.this
        if isinstance(inner, exp.Table):
            tables += [inner, *(j.this for j in inner.args.get("joins") or [])]
    return [t for t in tables if isinstance(t, exp.Table)]


def _derived(select: exp.Expr) -> list[exp.Expr]:
    return [s for s in _clauses(select) if not isinstance(s, exp.Table)]
