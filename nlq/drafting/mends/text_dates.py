"""Dates that are kept as text: read by the form that their values have.

``month(filed)`` of texts such as 20250131 fails in the engine, and ``filed >= '2025-01-01'`` finds
the wrong rows without failing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, columns_of, sources_of
from nlq.types import ColumnDoc

_FORMS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y",
    "%Y/%m/%d",
)  # fmt: skip
_SORTED = "%Y-%m-%d"
"""Texts of this form compare with such literals as dates do."""
_FEWEST = 3
"""Values from which a form is told."""
_TEXTS = ("varchar", "char")
_LITERAL = re.compile(r"\d{4}-\d{2}-\d{2}")
_CUTS = (
    exp.TimestampTrunc, exp.DateTrunc, exp.Year, exp.Month, exp.Quarter, exp.Week, exp.Day,
    exp.DayOfWeek, exp.DayOfMonth, exp.DayOfYear, exp.Extract, exp.DateDiff, exp.DateAdd,
)  # fmt: skip
_COMPARED = (exp.GTE, exp.GT, exp.LT, exp.LTE, exp.EQ, exp.NEQ, exp.Between)
_READ = (exp.Cast, exp.StrToTime, exp.TsOrDsToDate, exp.TsOrDsToTimestamp, exp.StrToDate)


def mend_text_dates(tree: exp.Expr, mending: Mending) -> None:
    """Read dates in texts by their form, where a query cuts them or compares them with dates."""
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog) or {}
        for column in columns_of(select) if sources else ():
            known = column_doc(column, sources)
            form = _form_of(known) if known else None
            if form is not None:
                _mend_date(column, form, mending)


def _form_of(known: ColumnDoc) -> str | None:
    """The only form that all known values have."""
    if not known.type.startswith(_TEXTS) or len(known.values) < _FEWEST:
        return None
    texts = [value.value for value in known.values]
    fitting = [form for form in _FORMS if _all_have(texts, form)]
    return fitting[0] if len(fitting) == 1 else None


def _all_have(texts: Sequence[str], form: str) -> bool:
    try:
        return all(datetime.strptime(text, form).strftime(form) == text for text in texts)
    except ValueError:
        return False


def _mend_date(column: exp.Column, form: str, mending: Mending) -> None:
    read: exp.Expr = column
    while isinstance(read.parent, _READ) and read.parent.this is read:
        read = read.parent
    parent = read.parent
    if isinstance(parent, _COMPARED):
        others = [node for node in parent.iter_expressions() if node is not read]
        plain = read is column
        if not others or not all(_is_day(other) for other in others):
            return
        if plain and form == _SORTED and all(isinstance(other, exp.Literal) for other in others):
            return
        for other in others:
            if isinstance(other, exp.Literal):
                other.replace(exp.cast(other.copy(), "date"))
    elif not isinstance(parent, _CUTS) and read is column:
        return
    made = exp.cast(exp.StrToTime(this=column.copy(), format=exp.Literal.string(form)), "date")
    if read != made:
        read.replace(made)
        mending.note(f"{column.name} read as a date")


def _is_day(node: exp.Expr) -> bool:
    """Whether it is a day, or a text that is one."""
    if isinstance(node, exp.Literal):
        return node.is_string and _LITERAL.fullmatch(node.this) is not None
    return not node.find(exp.Column) and node.find(exp.Date, exp.Cast, exp.CurrentDate) is not None
