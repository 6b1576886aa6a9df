"""Questions that ask for what has both of two values: IN finds what has either.

"Who wrote in both A and B?" drafted as ``topic IN ('A', 'B')`` is the union; what is meant are the
groups in which each of the values occurs.
"""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, outermost

_BOTH = re.compile(r"\bboth\b.+\band\b", re.IGNORECASE)


def mend_both(tree: exp.Expr, mending: Mending) -> None:
    """Ask for groups that have every value of the one IN list, where the question says both."""
    select = outermost(tree)
    if select is None or not _BOTH.search(mending.asked) or select.args.get("group"):
        return
    where = select.args.get("where")
    lists = [
        within
        for within in (where.find_all(exp.In) if where else ())
        if len(within.expressions) > 1
        and within.find_ancestor(exp.Select) is select
        and not within.find_ancestor(exp.Or, exp.Not)
        and all(isinstance(value, exp.Literal) for value in within.expressions)
    ]
    shown = [each.unalias() for each in select.expressions]
    if len(lists) != 1 or not shown or not all(isinstance(each, exp.Column) for each in shown):
        return
    (within,) = lists
    count = exp.Count(this=exp.Distinct(expressions=[within.this.copy()]))
    every = exp.EQ(this=count, expression=exp.Literal.number(len(within.expressions)))
    select.set("distinct", None)
    select.group_by(*(each.copy() for each in shown), copy=False)
    select.having(every, copy=False)
    mending.note("only what has every one of the values")
