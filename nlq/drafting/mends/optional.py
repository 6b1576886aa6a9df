"""Joins that leave out what is asked about: the share of orders with a refund is of all orders."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, outermost, sources_of


def mend_optional(tree: exp.Expr, mending: Mending) -> None:
    """Keep rows without a partner where the query asks, within an aggregate, who has one.

    Only for tables that are joined by their whole key, or of which nothing but the key is asked.
    """
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    if select is None or not sources:
        return
    for join in select.args.get("joins") or ():
        alias = join.this.alias_or_name.lower()
        if join.side or join.kind not in ("", "INNER"):
            continue
        on = join.args.get("on")
        joined = {
            column.name.lower()
            for column in (on.find_all(exp.Column) if on else ())
            if column.table.lower() == alias
        }
        uses = [
            column
            for column in select.find_all(exp.Column)
            if column.table.lower() == alias and not column.find_ancestor(exp.Join)
        ]
        if not uses or not all(_asks_for_one(column) for column in uses):
            continue
        key = {name.lower() for name in sources[alias].primary_key}
        tested = {column.name.lower() for column in uses}
        if joined == key or tested <= joined | key:
            join.set("side", "LEFT")
            join.set("kind", None)
            mending.note(f"rows without {alias} count too")


def _asks_for_one(column: exp.Column) -> bool:
    """Whether a column is only asked whether it is there, in a share of all rows."""
    over_all = any(
        division.find(exp.Count, exp.Avg) for division in _above(column, exp.Div, exp.Avg)
    )
    counted = isinstance(column.parent, exp.Count)
    tested = isinstance(column.parent, exp.Is) and isinstance(column.parent.expression, exp.Null)
    return over_all and (counted or (tested and column.find_ancestor(exp.AggFunc) is not None))


def _above(column: exp.Column, *kinds: type[exp.Expr]) -> Iterator[exp.Expr]:
    node = column.parent
    while node is not None and not isinstance(node, exp.Select):
        if isinstance(node, kinds):
            yield node
        node = node.parent
