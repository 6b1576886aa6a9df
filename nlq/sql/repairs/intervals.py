"""Intervals in units that Presto lacks: a quarter is three months, a week seven days."""

from __future__ import annotations

from sqlglot import exp

from nlq.sql.values import whole_number

_TIMES = {"WEEK": (7, "DAY"), "QUARTER": (3, "MONTH"), "DECADE": (10, "YEAR")}


def repair(tree: exp.Expr) -> str:
    """``INTERVAL '2' QUARTER`` becomes ``INTERVAL '6' MONTH``."""
    done = ""
    for interval in tree.find_all(exp.Interval):
        unit = interval.args.get("unit")
        number = whole_number(interval.this)
        name = unit.name.upper().removesuffix("S") if unit is not None else ""
        if name in _TIMES and number is not None:
            times, to = _TIMES[name]
            interval.set("this", exp.Literal.string(str(number * times)))
            interval.set("unit", exp.var(to))
            done = name.lower()
    return f"wrote the interval in {done}s in a unit that Presto has" if done else ""
