"""Tables that are not there: a draft joins a table of its own making for what another one has.

``member JOIN elite_member AS e ON member.member_id = e.member_id WHERE e.since ...`` reads a column
of member; the table that it is taken from stands in the question alone.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, columns_of, conjuncts, doc_of


def mend_strangers(tree: exp.Expr, mending: Mending) -> None:
    """Leave out a joined table that no catalog has, where its partner has all that it gives."""
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for select in list(tree.find_all(exp.Select)):
        for join in list(select.args.get("joins") or ()):
            table = join.this
            if (
                isinstance(table, exp.Table)
                and table.name.lower() not in ctes
                and doc_of(table, mending.catalog) is None
            ):
                _leave_out(select, join, mending)


def _leave_out(select: exp.Select, join: exp.Join, mending: Mending) -> None:
    alias = join.this.alias_or_name.lower()
    links = conjuncts(join.args.get("on"))
    if len(links) != 1 or not isinstance(links[0], exp.EQ) or join.side:
        return
    own = list(join.args["on"].find_all(exp.Column))
    partners = {column.table.lower() for column in own} - {alias, ""}
    start = select.args["from_"].this
    beside = [start, *(other.this for other in select.args["joins"] if other is not join)]
    partner = next((node for node in beside if {node.alias_or_name.lower()} == partners), None)
    doc = doc_of(partner, mending.catalog) if partner is not None else None
    if doc is None or not partner:
        return
    given = [c for c in columns_of(select) if c.table.lower() == alias and not _is_of(c, own)]
    if not given or any(doc.column(column.name) is None for column in given):
        return
    for column in given:
        column.set("table", exp.to_identifier(partner.alias_or_name))
    select.set("joins", [other for other in select.args["joins"] if other is not join])
    mending.note(f"{join.this.name} read as {partner.name}, which has its columns")


def _is_of(column: exp.Column, columns: list[exp.Column]) -> bool:
    return any(column is each for each in columns)
