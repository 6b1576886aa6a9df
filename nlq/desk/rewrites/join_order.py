"""The larger table first: Presto keeps the right side of a join in memory and streams the left."""

from __future__ import annotations

from sqlglot import exp

from nlq.answer.formats import format_short
from nlq.desk.rewrites.rewriting import Rewriting
from nlq.sql.names import is_star

_CLEARLY = 2
"""How many times as many rows make it worth another order."""


def rewrite(work: Rewriting) -> None:
    """Swap the first table with the largest one that is joined, where the joins allow it."""
    for sources in work.selects():
        select = sources.select
        joins = select.args.get("joins") or []
        if not joins or any(is_star(output) for output in select.expressions):
            continue
        if not all(_is_inner(join) for join in joins):
            continue
        first = select.args["from_"].this
        tables = [first, *(join.this for join in joins)]
        docs = [sources.table(t.alias_or_name) for t in tables]
        rows = [
            doc.row_count if doc and isinstance(t, exp.Table) else None
            for doc, t in zip(docs, tables, strict=True)
        ]
        known = [n or 0 for n in rows]
        if None in rows or known[0] * _CLEARLY > max(known):
            continue
        place = known.index(max(known))
        if not _may_move(select, joins, place):
            continue
        joins[place - 1].set("this", first.copy())
        select.args["from_"].set("this", tables[place].copy())
        work.say(
            f"{tables[place].name} has {format_short(known[place])} rows, {first.name} "
            f"{format_short(known[0])}"
        )


def _is_inner(join: exp.Join) -> bool:
    plain = join.side == "" and join.kind.upper() in ("", "INNER") and not join.method
    return plain and join.args.get("on") is not None


def _may_move(select: exp.Select, joins: list[exp.Join], place: int) -> bool:
    """Whether every ON still names only what stands before it, the tables being swapped."""
    first = select.args["from_"].this.alias_or_name
    order = [first, *(join.alias_or_name for join in joins)]
    order[0], order[place] = order[place], order[0]
    for index, join in enumerate(joins, start=1):
        columns = list(join.args["on"].find_all(exp.Column))
        if any(not c.table or c.table not in order[: index + 1] for c in columns):
            return False
    return True
