"""Durations: what is summed, averaged or compared keeps its fraction of an hour or a minute."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, sources_of

SECONDS: Final = {"HOUR": 3600, "MINUTE": 60}
_TAKES = (exp.Avg, exp.Sum)
_CUT = (exp.GT, exp.LTE)
"""Comparisons with a whole number that come out otherwise without the fraction."""


def mend_durations(tree: exp.Expr, mending: Mending) -> None:
    """Take hours and minutes between timestamps with their fraction, where whole ones mislead."""
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog)
        for taken in list(select.find_all(exp.DateDiff, exp.TimestampDiff)) if sources else ():
            unit = taken.text("unit").upper()
            known = [column_doc(c, sources or {}) for c in taken.find_all(exp.Column)]
            if (
                unit not in SECONDS
                or not (taken.find_ancestor(*_TAKES) or isinstance(taken.parent, _CUT))
                or not known
                or not all(doc is not None and doc.type.startswith("timestamp") for doc in known)
            ):
                continue
            taken.replace(with_fraction(taken, unit))
            mending.note(f"{unit.lower()}s with their fraction")


def with_fraction(taken: exp.Expr, unit: str) -> exp.Expr:
    """Hours or minutes between two times as a fraction of their seconds."""
    seconds = taken.copy()
    seconds.set("unit", exp.var("SECOND"))
    size = exp.Literal.number(SECONDS[unit])
    return exp.paren(exp.Div(this=exp.cast(seconds, "double"), expression=size, typed=True))
