"""Durations that are averaged: whole hours and minutes would be cut before."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, sources_of

_SECONDS: Final = {"HOUR": 3600, "MINUTE": 60}


def mend_durations(tree: exp.Expr, mending: Mending) -> None:
    """Take hours and minutes between timestamps with their fraction, where they are averaged."""
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog)
        for average in list(select.find_all(exp.Avg)) if sources else ():
            for taken in list(average.find_all(exp.DateDiff, exp.TimestampDiff)):
                unit = taken.text("unit").upper()
                known = [column_doc(c, sources or {}) for c in taken.find_all(exp.Column)]
                if (
                    unit not in _SECONDS
                    or not known
                    or not all(
                        doc is not None and doc.type.startswith("timestamp") for doc in known
                    )
                ):
                    continue
                seconds = taken.copy()
                seconds.set("unit", exp.var("SECOND"))
                size = exp.Literal.number(_SECONDS[unit])
                whole = exp.cast(seconds, "double")
                taken.replace(exp.paren(exp.Div(this=whole, expression=size, typed=True)))
                mending.note(f"{unit.lower()}s with their fraction")
