"""Self joins the wrong way round: whoever referred others is the one that others refer to.

Rows grouped by the side that refers have one partner at most; a question that counts partners means
the other side.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, conjuncts, outermost, sources_of
from nlq.types import TableDoc


def mend_selves(tree: exp.Expr, mending: Mending) -> None:
    """Swap the columns of a self join where the other side's rows are counted for each referrer."""
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    group = select.args.get("group") if select else None
    if select is None or not sources or group is None or len(sources) != 2:
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


def _is_key(column: exp.Column, sources: dict[str, TableDoc]) -> bool:
    doc = sources.get(column.table.lower())
    return doc is not None and tuple(k.lower() for k in doc.primary_key) == (column.name.lower(),)
