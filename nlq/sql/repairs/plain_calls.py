"""Functions whose argument order differs by dialect: read as written, then put into Presto's order.

sqlglot binds these by position in Presto's order, whatever is in them, and so misreads
``DATEDIFF(day, a, b)`` or ``DATE_ADD(d, INTERVAL 1 DAY)``. ``nlq.sql.reading`` therefore has them
parsed under a plain name, and this rewrite, which sees every argument, gives them their meaning.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from nlq.errors import GuardRefused

PREFIX: Final = "plain__"
_ADD = {"date_add", "dateadd", "timestampadd", "timestamp_add", "datetime_add"}
_SUBTRACT = {"date_sub", "datesub", "timestamp_sub", "datetime_sub", "subdate"}
_DIFFER = {"date_diff", "datediff", "timestampdiff", "timestamp_diff", "datetime_diff"}
NAMES: Final = frozenset(
    {*_ADD, *_SUBTRACT, *_DIFFER, "date_trunc", "log", "approx_percentile", "to_char"}
)

UNITS: Final = {
    **{unit: unit for unit in ("second", "minute", "hour", "day", "week", "month", "quarter")},
    "millisecond": "millisecond",
    "year": "year",
    "yy": "year",
    "yyyy": "year",
    "qq": "quarter",
    "mm": "month",
    "mon": "month",
    "ww": "week",
    "wk": "week",
    "dd": "day",
    "hh": "hour",
    "mi": "minute",
    "ss": "second",
}


def repair(tree: exp.Expr) -> str:
    """Replace every plainly read call by what it means; raises ``GuardRefused`` if that is open."""
    changed = []
    for call in list(tree.find_all(exp.Anonymous)):
        if not call.name.startswith(PREFIX):
            continue
        name = call.name.removeprefix(PREFIX).lower()
        if name == "to_char":
            # Left to ``date_text``, which knows more patterns than sqlglot.
            call.set("this", name)
            continue
        meant = _meant(name, call.expressions)
        if meant is None:
            raise GuardRefused(
                "unknown-function",
                f"The arguments of {name} are not as Presto takes them.",
                hint="Write date_add('day', 1, d), date_diff('day', a, b), date_trunc('month', d).",
            )
        call.replace(meant)
        if not _as_presto(name, call.expressions):
            changed.append(name)
    return f"wrote {' and '.join(dict.fromkeys(changed))} as Presto does" if changed else ""


def unit_of(node: exp.Expr | None) -> str | None:
    """The unit that a word or a literal names (``day``, ``'months'``, ``MM``), or None."""
    word = isinstance(node, exp.Var) or (isinstance(node, exp.Column) and not node.table)
    if node is None or not (word or node.is_string):
        return None
    text = node.name.lower()
    return UNITS.get(text) or UNITS.get(text.removesuffix("s"))


def _as_presto(name: str, args: list[exp.Expr]) -> bool:
    if name in {"log", "approx_percentile"}:
        return True
    return name in {"date_add", "date_diff", "date_trunc"} and bool(args) and args[0].is_string


def _meant(name: str, args: list[exp.Expr]) -> exp.Expr | None:
    if name == "log":
        return _log(args)
    if name == "approx_percentile":
        return _percentile(args)
    if name == "date_trunc":
        return _truncated(args)
    if name in _DIFFER:
        return _difference(args)
    return _moved(args, 1 if name in _ADD else -1)


def _moved(args: list[exp.Expr], sign: int) -> exp.Expr | None:
    if len(args) == 3 and (unit := unit_of(args[0])):
        count, base = args[1], args[2]
    elif len(args) == 2 and isinstance(args[1], exp.Interval) and args[1].args.get("unit"):
        unit = unit_of(args[1].args["unit"]) or ""
        count, base = _number(args[1].this), args[0]
    elif len(args) == 2 and isinstance(args[1], exp.Literal) and args[1].is_int:
        unit, count, base = "day", args[1], args[0]
    else:
        return None
    if not unit:
        return None
    if sign < 0:
        count = exp.Neg(this=exp.paren(count) if isinstance(count, exp.Binary) else count)
    return exp.DateAdd(this=base, expression=count, unit=exp.var(unit.upper()))


def _number(count: exp.Expr) -> exp.Expr:
    return exp.Literal.number(count.name) if isinstance(count, exp.Literal) else count


def _difference(args: list[exp.Expr]) -> exp.Expr | None:
    if len(args) == 3 and (unit := unit_of(args[0])):
        start, end = args[1], args[2]
    elif len(args) == 3 and (unit := unit_of(args[2])):
        start, end = args[1], args[0]
    elif len(args) == 2:
        # MySQL's: the days from the second to the first.
        unit, start, end = "day", args[1], args[0]
    else:
        return None
    return exp.DateDiff(this=end, expression=start, unit=exp.var(unit.upper()))


def _truncated(args: list[exp.Expr]) -> exp.Expr | None:
    if len(args) != 2:
        return None
    first, second = unit_of(args[0]), unit_of(args[1])
    if first and not (second and not isinstance(args[0], exp.Literal)):
        unit, value = first, args[1]
    elif second:
        unit, value = second, args[0]
    else:
        return None
    return exp.TimestampTrunc(this=value, unit=exp.var(unit.upper()))


def _log(args: list[exp.Expr]) -> exp.Expr | None:
    """Base first, as Presto has it; sqlglot would turn two arguments around."""
    return exp.Anonymous(this="log", expressions=args) if len(args) == 2 else None


def _percentile(args: list[exp.Expr]) -> exp.Expr | None:
    """``(x, p)``, ``(x, p, accuracy)`` where p is written out, else ``(x, weight, p)``."""
    if len(args) == 2:
        return exp.ApproxQuantile(this=args[0], quantile=args[1])
    if len(args) == 3 and isinstance(args[1], exp.Literal | exp.Array):
        return exp.ApproxQuantile(this=args[0], quantile=args[1], accuracy=args[2])
    if len(args) == 3:
        return exp.ApproxQuantile(this=args[0], weight=args[1], quantile=args[2])
    if len(args) == 4:
        return exp.ApproxQuantile(this=args[0], weight=args[1], quantile=args[2], accuracy=args[3])
    return None
