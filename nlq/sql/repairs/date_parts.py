"""Parts of dates in other dialects' spelling: DATE_PART, quoted units, month names, made dates."""

from __future__ import annotations

from sqlglot import exp

from nlq.sql.repairs.date_text import text_of
from nlq.sql.repairs.plain_calls import unit_of
from nlq.sql.values import whole_number

_PARTS = {
    "year": exp.Year,
    "quarter": exp.Quarter,
    "month": exp.Month,
    "week": exp.WeekOfYear,
    "day": exp.Day,
    "hour": exp.Hour,
    "minute": exp.Minute,
    "second": exp.Second,
}
_MADE = {"make_date", "date_from_parts", "datefromparts"}


def repair(tree: exp.Expr) -> str:
    """``date_part('year', d)`` becomes ``year(d)``, ``make_date(2026, 1, 1)`` a DATE."""
    done = []
    for call in list(tree.find_all(exp.Func)):
        meant = _meant(call)
        if meant is not None:
            call.replace(meant)
            done.append(call.name if isinstance(call, exp.Anonymous) else call.sql_name())
    return f"wrote {done[0].lower()} as Presto does" if done else ""


def _meant(call: exp.Func) -> exp.Expr | None:
    if isinstance(call, exp.Extract):
        unit = call.this
        return _part(unit, call.expression) if isinstance(unit, exp.Literal) else None
    if isinstance(call, exp.Monthname):
        return text_of(call.this, "%M")
    if isinstance(call, exp.Dayname):
        return text_of(call.this, "%W")
    if isinstance(call, exp.Date) and call.args.get("zone") is not None:
        return _made([call.this, call.args["zone"], *call.expressions])
    if not isinstance(call, exp.Anonymous):
        return None
    name = call.name.lower()
    if name in {"date_part", "datepart"} and len(call.expressions) == 2:
        return _part(call.expressions[0], call.expressions[1])
    return _made(call.expressions) if name in _MADE else None


def _part(unit: exp.Expr, value: exp.Expr) -> exp.Expr | None:
    kind = _PARTS.get(unit_of(unit) or "")
    return kind(this=value) if kind else None


def _made(parts: list[exp.Expr]) -> exp.Expr | None:
    numbers = [whole_number(part) for part in parts]
    if len(numbers) != 3 or None in numbers:
        return None
    year, month, day = (n or 0 for n in numbers)
    return exp.cast(exp.Literal.string(f"{year:04d}-{month:02d}-{day:02d}"), "date")
