"""Totals written as windows where groups are meant: every row of a group would be shown."""

from __future__ import annotations

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
