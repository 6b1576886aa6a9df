"""Totals written as windows where groups are meant: every row of a group would be shown.

And changes that show the value before alone: ``lag(n) AS change`` is n less that. And running
totals of rows beside groups: ``sum(x) OVER (ORDER BY month)`` is one of the months' sums.
"""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, outermost

_ROW_WISE = (
    exp.Rank,
    exp.DenseRank,
    exp.RowNumber,
    exp.Lag,
    exp.Lead,
    exp.FirstValue,
    exp.LastValue,
)


_CHANGE = re.compile(r"chang|diff|growth|increase|delta|gain", re.IGNORECASE)


def mend_changes(tree: exp.Expr, mending: Mending) -> None:
    """Take the value before from the value, where what is shown is called a change."""
    for shown in list(tree.find_all(exp.Alias)):
        window = shown.this
        if not (isinstance(window, exp.Window) and isinstance(window.this, exp.Lag)):
            continue
        if _CHANGE.search(shown.alias) and not window.this.args.get("offset"):
            shown.set("this", exp.Sub(this=window.this.this.copy(), expression=window.copy()))
            mending.note(f"{shown.alias} is the value less the one before")


def mend_running(tree: exp.Expr, mending: Mending) -> None:
    """Total the groups' own totals, where a grouped query has a window over single rows."""
    for window in list(tree.find_all(exp.Window)):
        select = window.find_ancestor(exp.Select)
        group = select.args.get("group") if select else None
        if select and group and _totals_rows(window.this, group.expressions, select):
            window.set("this", exp.Sum(this=window.this.copy()))
            mending.note("groups totalled, not their rows")


def _totals_rows(total: exp.Expr, keys: list[exp.Expr], select: exp.Select) -> bool:
    """Whether it adds up or counts what is neither grouped by, nor a total, nor shown as one."""
    of = total.this
    shown = {each.alias.lower() for each in select.expressions if isinstance(each, exp.Alias)}
    return (
        isinstance(total, exp.Sum | exp.Count)
        and of not in keys
        and not of.find(exp.AggFunc)
        and not (isinstance(of, exp.Column) and of.name.lower() in shown)
    )


def mend_windows(tree: exp.Expr, mending: Mending) -> None:
    """Make ``sum(x) OVER (PARTITION BY g)`` beside g alone a sum grouped by g."""
    select = outermost(tree)
    if select is None or select.args.get("group") or select.args.get("distinct"):
        return
    shown = [each.unalias() for each in select.expressions]
    windows = [each for each in shown if isinstance(each, exp.Window)]
    others = [each for each in shown if not isinstance(each, exp.Window)]
    if not windows or not others or len(windows) != len(list(select.find_all(exp.Window))):
        return
    for window in windows:
        keys = window.args.get("partition_by") or []
        if window.args.get("order") or window.args.get("spec") or set(keys) != set(others):
            return
        if not isinstance(window.this, exp.AggFunc) or isinstance(window.this, _ROW_WISE):
            return
    for window in windows:
        window.replace(window.this.copy())
    select.group_by(*(each.copy() for each in others), copy=False)
    mending.note("one row for each group")
