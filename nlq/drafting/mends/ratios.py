"""Ratios of whole numbers, which Presto cuts to whole numbers: computed as doubles.

Only where the upper part is an aggregate: ``year / 10 * 10`` is meant to be cut.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import Mending

_WHOLE = (exp.Count, exp.CountIf)


def mend_ratios(tree: exp.Expr, mending: Mending) -> None:
    """Cast the upper part of a ratio of counts to double."""
    for division in list(tree.find_all(exp.Div)):
        over = division.this
        if division.find_ancestor(exp.Floor) or not over.find(exp.AggFunc):
            continue
        if any(part.find(exp.Cast, exp.TryCast, exp.Avg) for part in (over, division.expression)):
            continue
        if any(
            number.name and not number.is_int
            for number in division.find_all(exp.Literal)
            if not number.is_string
        ):
            continue
        division.set("this", exp.cast(over.copy(), "double"))
        mending.note("ratio computed with its fraction")
