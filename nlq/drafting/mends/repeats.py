"""Rows that only joins repeat: "which patients were seen" has each patient once."""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, outermost, sources_of

_WHICH = re.compile(r"\b(?:which|who|list|names? of|find|show) ", re.IGNORECASE)


def mend_repeats(tree: exp.Expr, mending: Mending) -> None:
    """Show each row once where all that is shown is of one table, and a join repeats its rows."""
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    if not _WHICH.search(mending.asked):
        return
    if select is None or not sources or len(sources) < 2:
        return
    if any(select.args.get(part) for part in ("distinct", "group", "order", "limit", "having")):
        return
    shown = [each.unalias() for each in select.expressions]
    if select.find(exp.AggFunc, exp.Window) or not all(isinstance(c, exp.Column) for c in shown):
        return
    tables = {column.table.lower() for column in shown if isinstance(column, exp.Column)}
    if len(tables) != 1 or not all(
        column_doc(c, sources) for c in shown if isinstance(c, exp.Column)
    ):
        return
    (alias,) = tables
    own = sources[alias].name
    others = {doc.name for name, doc in sources.items() if name != alias}
    edges = [
        edge if edge.right == own else edge.reversed()
        for edge in mending.catalog.joins
        if {edge.left, edge.right} & {own} and {edge.left, edge.right} & others
    ]
    if any(edge.cardinality in ("many_to_one", "many_to_many") for edge in edges):
        select.set("distinct", exp.Distinct())
        mending.note("each row shown once")
