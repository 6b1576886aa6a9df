"""Numbers that a draft counts: "the number of useful votes" of one review is what it holds."""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import NUMBERS, Mending, column_doc, edges_of, outermost, sources_of
from nlq.types import TableDoc


def mend_measures(tree: exp.Expr, mending: Mending) -> None:
    """Add up a number in place of counting it, where each group is one row of its table.

    Counting would say 1 for every group.
    """
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    group = select.args.get("group") if select else None
    if select is None or group is None or not sources or select.find(exp.Subquery):
        return
    keys = {
        (key.table.lower(), key.name.lower())
        for key in group.expressions
        if isinstance(key, exp.Column)
    }
    for count in list(select.find_all(exp.Count)):
        column = count.this
        known = column_doc(column, sources) if isinstance(column, exp.Column) else None
        if known is None or not known.type.startswith(NUMBERS):
            continue
        alias = column.table.lower()
        doc = sources.get(alias)
        if doc is None or known.name in doc.primary_key or _leads_away(known.name, doc, mending):
            continue
        if not doc.primary_key or not all(
            (alias, each.lower()) in keys for each in doc.primary_key
        ):
            continue
        if all(other == alias or _is_one(other, sources, select) for other in sources):
            count.replace(exp.Sum(this=column.copy()))
            mending.note(f"{known.name} itself, not how often there is one")


def _leads_away(name: str, doc: TableDoc, mending: Mending) -> bool:
    """Whether a column is the key of another table."""
    return any(name in edge.left_columns for edge in edges_of(doc, mending.catalog))


def _is_one(alias: str, sources: dict[str, TableDoc], select: exp.Select) -> bool:
    """Whether a source gives at most one row for each of the others: it is joined by its key."""
    key = {name.lower() for name in sources[alias].primary_key}
    joined = {
        column.name.lower()
        for join in select.args.get("joins") or ()
        for equality in (join.args.get("on") or exp.true()).find_all(exp.EQ)
        for column in equality.find_all(exp.Column)
        if column.table.lower() == alias
    }
    return bool(key) and key <= joined
