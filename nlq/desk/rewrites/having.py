"""HAVING on a group's key into WHERE: rows that are not wanted need not be grouped at all."""

from __future__ import annotations

from sqlglot import exp

from nlq.desk.rewrites.rewriting import Rewriting
from nlq.sql.bounds import SETS
from nlq.sql.functions import has_aggregate
from nlq.sql.joins import conjuncts


def rewrite(work: Rewriting) -> None:
    """Move the conditions that name group keys alone."""
    for sources in work.selects():
        select = sources.select
        having, group = select.args.get("having"), select.args.get("group")
        if having is None or group is None or not _is_plain(group):
            continue
        # A name that is also an output's may mean that one in HAVING.
        made = {output.alias for output in select.expressions if isinstance(output, exp.Alias)}
        keys = [key for key in group.expressions if sources.column(key) and key.name not in made]
        terms = list(conjuncts(having.this))
        moved = [term for term in terms if _is_on(term, keys)]
        if not moved:
            continue
        kept = [term.copy() for term in terms if term not in moved]
        select.set("having", exp.Having(this=exp.and_(*kept)) if kept else None)
        for term in moved:
            select.where(term.copy(), copy=False)
        work.say(f"{' and '.join(t.sql('presto') for t in moved)} is asked before grouping")


def _is_plain(group: exp.Expr) -> bool:
    special = any(v for k, v in group.args.items() if k != "expressions")
    return not special and not any(isinstance(key, SETS) for key in group.expressions)


def _is_on(term: exp.Expr, keys: list[exp.Expr]) -> bool:
    """Whether a condition rests on keys alone, without aggregates and nested queries."""
    if has_aggregate(term) or term.find(exp.Query) or term.find(exp.Window):
        return False
    columns = list(term.find_all(exp.Column))
    return bool(columns) and all(column in keys for column in columns)
