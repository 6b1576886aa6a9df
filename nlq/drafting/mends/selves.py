"""Self joins the wrong way round: whoever referred others is the one that others refer to.

Rows grouped by the side that refers have one partner at most; a question that counts partners means
the other side. Rows grouped by their own key are one each; where the table refers to itself, those
that refer to each are meant.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import (
    Mending,
    columns_of,
    conjuncts,
    edges_of,
    free_alias,
    joined_on,
    outermost,
    sources_of,
)
from nlq.types import TableDoc


def mend_selves(tree: exp.Expr, mending: Mending) -> None:
    """Count what refers to each row, where the draft counts what it refers to, or itself."""
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    group = select.args.get("group") if select else None
    if select is None or not sources or group is None:
        return
    if len(sources) == 1:
        _join_itself(select, group, sources, mending)
    if len(sources) != 2:
        return
    if len({doc.name for doc in sources.values()}) != 1 or not select.find(exp.Count):
        return
    keys = {c.table.lower() for key in group.expressions for c in key.find_all(exp.Column)}
    for link in conjuncts(select.args["joins"][0].args.get("on")):
        sides = (link.this, link.expression) if isinstance(link, exp.EQ) else ()
        if not sides or not all(isinstance(s, exp.Column) and s.table for s in sides):
            continue
        refers = next((s for s in sides if not _is_key(s, sources)), None)
        key = next((s for s in sides if _is_key(s, sources)), None)
        if refers is None or key is None or keys != {refers.table.lower()}:
            continue
        name, own = refers.this.copy(), key.this.copy()
        refers.set("this", own)
        key.set("this", name)
        mending.note(f"those that refer to {refers.table} counted")


def _join_itself(
    select: exp.Select, group: exp.Group, sources: dict[str, TableDoc], mending: Mending
) -> None:
    ((alias, doc),) = sources.items()
    if not any(isinstance(each, exp.Column) and each.name.lower() in map(str.lower, doc.primary_key)
               for each in group.expressions):  # fmt: skip
        return
    edges = {
        edge.left_columns: edge
        for edge in edges_of(doc, mending.catalog)
        if edge.right == doc.name and edge.right_columns == doc.primary_key
    }
    totals = list(select.find_all(exp.AggFunc))
    if len(edges) != 1 or not totals or not all(_counts_rows(each, doc) for each in totals):
        return
    if select.find(exp.Subquery, exp.Window):
        return
    (edge,) = edges.values()
    other = free_alias(doc.name, [alias])
    where = select.args.get("where")
    for column in columns_of(select):
        if doc.column(column.name) is None:
            continue  # what is shown, by its alias
        of_them = where is not None and column.find_ancestor(exp.Where) is where
        column.set("table", exp.to_identifier(other if of_them else alias))
    for total in totals:
        total.replace(exp.Count(this=exp.Star()))
    node = select.args["from_"].this
    referred = exp.alias_(node.copy(), alias, table=True) if not node.alias else node.copy()
    node.set("alias", exp.TableAlias(this=exp.to_identifier(other)))
    select.join(referred, on=joined_on(edge, other, alias), copy=False)
    mending.note(f"those that refer to {alias} counted")


def _counts_rows(total: exp.Expr, doc: TableDoc) -> bool:
    counted = total.this
    if isinstance(counted, exp.Distinct) and len(counted.expressions) == 1:
        (counted,) = counted.expressions
    keys = [key.lower() for key in doc.primary_key]
    is_key = isinstance(counted, exp.Column) and counted.name.lower() in keys
    return isinstance(total, exp.Count) and (is_key or isinstance(counted, exp.Star))


def _is_key(column: exp.Column, sources: dict[str, TableDoc]) -> bool:
    doc = sources.get(column.table.lower())
    return doc is not None and tuple(k.lower() for k in doc.primary_key) == (column.name.lower(),)
