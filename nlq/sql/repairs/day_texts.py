"""Days kept as text (a ``ds`` of ``2026-07-01``) among dates, which Presto does not compare.

Only for a column that its table's doc names as partition or time column: it holds days. Beside a
date, the date is written as text; inside a date function, the column is cast to DATE.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from nlq.sql.bindings import Origin, origins
from nlq.sql.kinds import kind_of
from nlq.types import TableDoc

_TAKES_DATES = (
    exp.TimestampTrunc,
    exp.DateTrunc,
    exp.Year,
    exp.Quarter,
    exp.Month,
    exp.WeekOfYear,
    exp.Day,
    exp.DayOfMonth,
    exp.DayOfYear,
    exp.DayOfWeekIso,
    exp.Extract,
    exp.DateAdd,
    exp.DateDiff,
    exp.TimeToStr,
    exp.LastDay,
)
_COMPARES = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_ARITHMETIC = (exp.Add, exp.Sub)


def repair(tree: exp.Expr, tables: Mapping[str, TableDoc]) -> str:
    """Bring days kept as text and dates together; ``tables`` are those that may be seen."""
    done = ""
    known = origins(tree)
    for column in list(tree.find_all(exp.Column)):
        if kind_of(column) != "text" or not _holds_days(known.get(id(column)), tables):
            continue
        parent = column.parent
        if isinstance(parent, _COMPARES):
            other = parent.expression if parent.this is column else parent.this
            changed = _as_text(other)
        elif isinstance(parent, exp.Between) and parent.this is column:
            changed = [_as_text(parent.args[key]) for key in ("low", "high")] != [False, False]
        elif isinstance(parent, _TAKES_DATES) or (
            isinstance(parent, _ARITHMETIC) and isinstance(parent.expression, exp.Interval)
        ):
            column.replace(exp.cast(column.copy(), "date"))
            changed = True
        else:
            changed = False
        done = column.name if changed else done
    return f"read {done} as days" if done else ""


def _holds_days(origin: Origin | None, tables: Mapping[str, TableDoc]) -> bool:
    if origin is None:
        return False
    doc, name = tables[origin[0]], origin[1]
    return name == doc.time_column or name in doc.partitioned_by


def _as_text(value: exp.Expr) -> bool:
    kind = kind_of(value)
    if kind not in {"date", "time"}:
        return False
    if isinstance(value, exp.Cast) and value.this.is_string and len(value.this.name) == 10:
        value.replace(value.this.copy())
        return True
    day = value.copy() if kind == "date" else exp.cast(value.copy(), "date")
    value.replace(exp.cast(day, "varchar"))
    return True
