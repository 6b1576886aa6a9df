"""ORDER BY without LIMIT in a nested query: its order means nothing outside, and costs a sort."""

from __future__ import annotations

from sqlglot import exp

from nlq.desk.rewrites.rewriting import Rewriting


def rewrite(work: Rewriting) -> None:
    """Drop such orders."""
    for query in list(work.tree.find_all(exp.Select, exp.SetOperation)):
        nested = query.parent is not None and not _is_whole(query.parent)
        nested = nested and isinstance(query.parent, exp.CTE | exp.Subquery | exp.In | exp.Exists)
        around = query.parent if isinstance(query.parent, exp.Subquery) else None
        cut = query.args.get("limit") or query.args.get("offset")
        cut = cut or (
            around is not None and (around.args.get("limit") or around.args.get("offset"))
        )
        if nested and query.args.get("order") and not cut:
            query.set("order", None)
            work.say("the sort of a nested query is left out")


def _is_whole(node: exp.Expr) -> bool:
    """Whether nothing but brackets is around it: then its order is that of the result."""
    while isinstance(node, exp.Subquery) and node.parent is not None:
        node = node.parent
    return isinstance(node, exp.Subquery)
