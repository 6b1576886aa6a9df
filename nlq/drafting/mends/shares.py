"""Shares of themselves: a ratio whose parts count the same rows is one, whatever the data.

``count(*) / count(*) ... WHERE month AND paid`` was meant as the share of the month's rows that are
paid: the condition belongs into the upper part, and out of WHERE.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, conjuncts

_TIMES = (exp.Cast, exp.TsOrDsToDate, exp.DateTrunc, exp.TimestampTrunc)


def mend_shares(tree: exp.Expr, mending: Mending) -> None:
    """Count in the upper part alone what meets the last condition that is not about time."""
    for division in list(tree.find_all(exp.Div)):
        select = division.find_ancestor(exp.Select)
        where = select.args.get("where") if select else None
        over, under = _aggregate(division.this), _aggregate(division.expression)
        if select is None or where is None or not isinstance(under, exp.Count):
            continue
        conditions = conjuncts(where.this)
        if over == under and not isinstance(under.this, exp.Distinct):
            meant = [each for each in conditions if not each.find(*_TIMES)][-1:]
        else:
            meant = _counted_twice(over, conditions)
        if not meant:
            continue
        left = [each.copy() for each in conditions if each not in meant]
        if over == under and over is not None:
            over.replace(exp.CountIf(this=exp.and_(*(each.copy() for each in meant))))
        select.set("where", exp.Where(this=exp.and_(*left)) if left else None)
        mending.note("the share is of all rows, not of those counted")


def _aggregate(node: exp.Expr) -> exp.Expr | None:
    """The one aggregate of a part of a ratio: ``100.0 * CAST(count(*) AS double)`` has one."""
    found = list(node.find_all(exp.AggFunc))
    return found[0] if len(found) == 1 and not node.find(exp.Query, exp.Window) else None


def _counted_twice(over: exp.Expr | None, conditions: list[exp.Expr]) -> list[exp.Expr]:
    """The last condition of a conditional count, where WHERE has all of its conditions."""
    if isinstance(over, exp.CountIf):
        counted = conjuncts(over.this)
    elif isinstance(over, exp.Sum | exp.Count) and isinstance(over.this, exp.Case):
        branches = over.this.args.get("ifs") or []
        counted = conjuncts(branches[0].this) if len(branches) == 1 else []
    else:
        return []
    return counted[-1:] if counted and all(each in conditions for each in counted) else []
