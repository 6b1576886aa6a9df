"""``SELECT *`` into the columns by name: a lake reads only the columns that are asked for."""

from __future__ import annotations

from sqlglot import exp

from nlq.desk.rewrites.rewriting import Rewriting
from nlq.sql.names import is_star


def rewrite(work: Rewriting) -> None:
    """Write out the stars of the outermost SELECT, to be thinned by the person."""
    select = work.tree
    if not isinstance(select, exp.Select) or not any(map(is_star, select.expressions)):
        return
    bound = work.bound.counterpart(select)
    if not isinstance(bound, exp.Select) or len(bound.selects) < 2:
        return
    several = bool(select.args.get("joins"))
    outputs = []
    for output in bound.selects:
        column = output.unalias()
        if not isinstance(column, exp.Column):
            return
        name = exp.column(column.name, table=column.table if several else None)
        same = output.alias_or_name == column.name
        outputs.append(name if same else exp.alias_(name, output.alias_or_name))
    select.set("expressions", outputs)
    work.say(f"{len(outputs)} columns by name; leave out those that you do not need")
