"""Arithmetic of dates that Presto writes otherwise: what other engines take is put in its words.

``date_sub(day, INTERVAL 1 MONTH)`` is ``day - INTERVAL '1' MONTH``; ``a - b > INTERVAL '24' HOUR``
is ``a > b + INTERVAL '24' HOUR``, whatever type a difference has; '2025-01-01' less a month is a
date less a month; a date like '2025%' is in 2025.
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from nlq.drafting.mends.draft import TIMES, Mending, column_doc, sources_of

_COMPARED = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ, exp.NEQ)
_YEAR = re.compile(r"%?(\d{4})(?:-(\d{2}))?-?%")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2})?$")
_SUNDAY_FIRST: Final = {str(day): str(day or 7) for day in range(7)}
"""Days of the week as strftime counts them (%w), and as Presto does."""


def mend_intervals(tree: exp.Expr, mending: Mending) -> None:
    """Write intervals that are added, compared or matched as Presto reads them."""
    for moved in list(tree.find_all(exp.DateAdd, exp.DateSub)):
        if isinstance(moved.expression, exp.Interval):
            kind = exp.Sub if isinstance(moved, exp.DateSub) else exp.Add
            moved.replace(exp.paren(kind(this=_day(moved.this), expression=moved.expression)))
            mending.note("the interval added")
    for added in list(tree.find_all(exp.Add, exp.Sub)):
        day = added.this.unnest()
        if isinstance(added.expression, exp.Interval) and day.is_string and _ISO.match(day.name):
            read_as = "timestamp" if day.name[10:] else "date"
            added.set("this", exp.cast(day.copy(), read_as))
            mending.note(f"{day.name} read as a {read_as}")
    for compared in list(tree.find_all(*_COMPARED)):
        apart = compared.this.unnest()
        if isinstance(apart, exp.Sub) and isinstance(compared.expression, exp.Interval):
            later = exp.Add(this=apart.expression.copy(), expression=compared.expression.copy())
            compared.set("this", apart.this.copy())
            compared.set("expression", later)
            mending.note("times compared by what lies between them")
    for within in list(tree.find_all(exp.In)):
        _count_days(within, mending)
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog)
        for like in list(select.find_all(exp.Like, exp.ILike)) if sources else ():
            column = like.this
            known = column_doc(column, sources or {}) if isinstance(column, exp.Column) else None
            if known is not None and known.type.startswith(TIMES):
                _match_dates(like, mending)


def _day(node: exp.Expr) -> exp.Expr:
    """MySQL's CURDATE() is today."""
    is_today = isinstance(node, exp.Anonymous) and node.name.upper() == "CURDATE"
    return exp.CurrentDate() if is_today else node.copy()


def _count_days(within: exp.In, mending: Mending) -> None:
    """Read days of the week from strftime('%w'), which counts from Sunday as 0."""
    call = within.this
    if not isinstance(call, exp.Anonymous) or call.name.upper() != "STRFTIME":
        return
    form, *taken = call.expressions
    days = [_SUNDAY_FIRST.get(value.name, "") for value in within.expressions]
    if form.name == "%w" and len(taken) == 1 and days and all(days):
        within.set("this", exp.DayOfWeekIso(this=taken[0].copy()))
        within.set("expressions", [exp.Literal.number(day) for day in sorted(days)])
        mending.note("days of the week counted from Monday")


def _match_dates(like: exp.Binary, mending: Mending) -> None:
    """Compare the year, and the month, that a pattern for a date asks for."""
    found = _YEAR.fullmatch(like.expression.name) if like.expression.is_string else None
    if found is None:
        return
    parts = [exp.EQ(this=exp.Year(this=like.this.copy()), expression=_number(found[1]))]
    if found[2]:
        parts.append(exp.EQ(this=exp.Month(this=like.this.copy()), expression=_number(found[2])))
    like.replace(exp.paren(exp.and_(*parts)) if len(parts) > 1 else parts[0])
    mending.note(f"{like.this.name} compared as a date")


def _number(digits: str) -> exp.Expr:
    return exp.Literal.number(int(digits))
