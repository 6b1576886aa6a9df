"""An aggregate in WHERE, which no engine takes, belongs into HAVING."""

from __future__ import annotations

from sqlglot import exp

from nlq.sql.functions import has_aggregate
from nlq.sql.joins import conjuncts


def repair(tree: exp.Expr) -> str:
    """Move the conditions of WHERE that hold an aggregate of their own query to HAVING."""
    done = False
    for select in tree.find_all(exp.Select):
        where = select.args.get("where")
        parts = list(conjuncts(where.this)) if where else []
        moved = [part for part in parts if has_aggregate(part)]
        if not moved:
            continue
        kept = [part for part in parts if part not in moved]
        select.set("where", exp.Where(this=exp.and_(*kept, copy=False)) if kept else None)
        select.having(*moved, copy=False)
        done = True
    return "moved a condition on an aggregate from WHERE to HAVING" if done else ""
