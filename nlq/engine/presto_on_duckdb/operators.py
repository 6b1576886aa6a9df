"""Operators: arithmetic on numbers, dates and intervals, comparison, concatenation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlq.engine.presto_on_duckdb.casts import coerce, local
from nlq.engine.presto_on_duckdb.moments import instant
from nlq.engine.presto_on_duckdb.scope import Session, Typed
from nlq.engine.presto_on_duckdb.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    INTERVAL_DAY,
    INTERVAL_YEAR,
    UNKNOWN,
    VARCHAR,
    Type,
    common,
    common_of,
    decimal,
)
from nlq.errors import QueryFailed

_ZONED = "timestamp with time zone"
_TIMES = ("date", "timestamp", _ZONED, "time")


def arithmetic(sign: str, left: Typed, right: Typed, session: Session) -> Typed:
    """``left sign right`` for ``+ - * / %``, with Presto's result type."""
    if left.type == UNKNOWN and right.type == UNKNOWN:
        return Typed("NULL", BIGINT)
    if left.type == UNKNOWN or right.type == UNKNOWN:
        known = right.type if left.type == UNKNOWN else left.type
        left, right = (coerce(side, known, session) for side in (left, right))
    if left.type.is_numeric and right.type.is_numeric:
        return _numbers(sign, left, right, session)
    found = _times(sign, left, right, session)
    if found is None:
        raise QueryFailed(f"'{sign}' cannot be applied to {left.type}, {right.type}.")
    return found


def _numbers(sign: str, left: Typed, right: Typed, session: Session) -> Typed:
    joint = common(left.type, right.type)
    assert joint is not None  # any two numbers have one
    if joint.name == "decimal":
        return _decimals(sign, left, right)
    left, right = (coerce(side, joint, session) for side in (left, right))
    if joint.is_integer:
        return Typed(f"({left.text} {'//' if sign == '/' else sign} {right.text})", joint)
    return Typed(f"({left.text} {sign} {right.text})", joint)


def _decimals(sign: str, left: Typed, right: Typed) -> Typed:
    (p1, s1), (p2, s2) = left.type.as_decimal.sizes, right.type.as_decimal.sizes
    wide = max(s1, s2)
    match sign:
        case "+" | "-":
            kind = decimal(max(p1 - s1, p2 - s2) + wide + 1, wide)
        case "*":
            if s1 + s2 > 38:
                raise QueryFailed("The scale of a decimal product is above 38; cast to double.")
            kind = decimal(p1 + p2, s1 + s2)
        case "%":
            kind = decimal(min(p2 - s2, p1 - s1) + wide, wide)
        case _:
            kind = decimal(p1 + s2 + max(s2 - s1, 0), wide)
            return Typed(divided(left, right, kind), kind)
    if sign == "*":
        a = f"CAST({left.text} AS {left.type.as_decimal.duckdb})"
        b = f"CAST({right.text} AS {right.type.as_decimal.duckdb})"
    else:
        joint = decimal(max(p1 - s1, p2 - s2) + wide, wide)
        a, b = (f"CAST({side.text} AS {joint.duckdb})" for side in (left, right))
    return Typed(f"CAST(({a} {sign} {b}) AS {kind.duckdb})", kind)


def divided(left: Typed, right: Typed, kind: Type) -> str:
    """The decimal quotient as ``kind``, rounded half away from zero.

    DuckDB divides decimals as doubles, so the unscaled numbers are divided instead.
    """
    (_, s1), (_, s2) = left.type.as_decimal.sizes, right.type.as_decimal.sizes
    scale = kind.sizes[1]
    shift = scale - s1 + s2
    a = f"{_unscaled(left)} * CAST({10 ** max(shift, 0)} AS HUGEINT)"
    b = f"{_unscaled(right)} * CAST({10 ** max(-shift, 0)} AS HUGEINT)"
    quotient = f"CAST({_half_up(a, b)} AS DECIMAL(38,0))"
    if not scale:
        return f"CAST({quotient} AS {kind.duckdb})"
    unit = "0." + "0" * (scale - 1) + "1"
    return f"CAST({quotient} * CAST({unit} AS DECIMAL({scale},{scale})) AS {kind.duckdb})"


def _half_up(a: str, b: str) -> str:
    if len(a) + len(b) < _LONG:
        return f"presto_half_up({a}, {b})"
    # The macro repeats its arguments: a quotient of quotients would grow without end.
    once = f"[{{'a': {a}, 'b': {b}}}]"
    return f'list_transform({once}, lambda "$q": presto_half_up("$q".a, "$q".b))[1]'


_LONG = 500  # characters


def _unscaled(value: Typed) -> str:
    precision, scale = value.type.as_decimal.sizes
    if not scale:
        return f"CAST({value.text} AS HUGEINT)"
    number = f"CAST({value.text} AS DECIMAL({precision},{scale}))"
    return f"CAST({number} * CAST({10**scale} AS DECIMAL({scale + 1},0)) AS HUGEINT)"


def _times(sign: str, left: Typed, right: Typed, session: Session) -> Typed | None:
    intervals = (INTERVAL_DAY.name, INTERVAL_YEAR.name)
    if sign == "+" and left.type.name in intervals and right.type.name in _TIMES:
        left, right = right, left
    if sign in "+-" and left.type.name in _TIMES and right.type.name in intervals:
        return shifted(left, sign, right)
    if sign == "-" and left.type.name in _TIMES and right.type.name in _TIMES:
        return _between(left, right, session)
    if sign in "+-" and left.type.name in intervals and left.type == right.type:
        return Typed(f"({left.text} {sign} {right.text})", left.type)
    if sign == "*" and right.type.name in intervals:
        left, right = right, left
    if sign in "*/" and left.type == INTERVAL_DAY and right.type.is_numeric:
        micros = f"(epoch_us({left.text}) {sign} CAST({right.text} AS DOUBLE))"
        return Typed(f"to_microseconds(CAST({micros} AS BIGINT))", INTERVAL_DAY)
    if sign == "*" and left.type == INTERVAL_YEAR and right.type.is_integer:
        return Typed(f"({left.text} * CAST({right.text} AS INTEGER))", INTERVAL_YEAR)
    return None


def shifted(moment: Typed, sign: str, interval: Typed) -> Typed:
    """A date or time moved by an interval; its type stays."""
    if moment.type.name == _ZONED and interval.type == INTERVAL_YEAR:
        # Months are counted on the calendar of the zone that is shown.
        moved = f"({local(moment).text} {sign} {interval.text})"
        return Typed(instant(moved, moment.type.zone), moment.type)
    added = f"({moment.text} {sign} {interval.text})"
    return Typed(f"CAST({added} AS DATE)" if moment.type == DATE else added, moment.type)


def _between(left: Typed, right: Typed, session: Session) -> Typed | None:
    joint = common(left.type, right.type)
    if joint is None:
        return None
    if joint == DATE:
        return Typed(f"to_hours(24 * ({left.text} - {right.text}))", INTERVAL_DAY)
    a, b = (coerce(side, joint, session) for side in (left, right))
    micros = f"(epoch_us({a.text}) - epoch_us({b.text}))"
    return Typed(f"to_microseconds({micros})", INTERVAL_DAY)


def compared(sign: str, left: Typed, right: Typed, session: Session) -> Typed:
    """``left sign right`` for any comparison, both sides brought to their common type."""
    joint = common(left.type, right.type)
    if joint is None:
        raise QueryFailed(f"'{sign}' cannot be applied to {left.type}, {right.type}.")
    a, b = (coerce(side, joint, session) for side in (left, right))
    plain = f"({a.text} {sign} {b.text})"
    return Typed(_with_nan(sign, a, b, plain) if joint.name in _FLOATS else plain, BOOLEAN)


_FLOATS = ("real", "double")


def _with_nan(sign: str, a: Typed, b: Typed, plain: str) -> str:
    """DuckDB takes NaN for equal to itself and above every number; to Presto it is neither."""
    larger = b if sign in ("<", "<=") else a
    if sign not in ("=", "<>", "<", "<=", ">", ">=") or _LITERAL.fullmatch(larger.text):
        return plain
    if sign == "<>":
        return f"({plain} OR isnan({larger.text}))"
    return f"({plain} AND NOT isnan({larger.text}))"


_LITERAL = re.compile(r"CAST\((?:CAST\()?[\d.eE+-]+ AS [A-Z0-9(), ]+\)*")


def concatenated(left: Typed, right: Typed, session: Session) -> Typed:
    """``left || right`` for strings and arrays."""
    if "array" in (left.type.name, right.type.name):
        return _joined_arrays(left, right, session)
    for side in (left, right):
        if side.type not in (VARCHAR, UNKNOWN):
            raise QueryFailed(
                f"'||' cannot be applied to {left.type}, {right.type}; cast to varchar."
            )
    a, b = (coerce(side, VARCHAR, session) for side in (left, right))
    return Typed(f"({a.text} || {b.text})", VARCHAR)


def _joined_arrays(left: Typed, right: Typed, session: Session) -> Typed:
    sides = [
        side if side.type.name == "array" else Typed(f"[{side.text}]", Type("array", (side.type,)))
        for side in (left, right)
    ]
    joint = common(sides[0].type, sides[1].type)
    if joint is None:
        raise QueryFailed(f"'||' cannot be applied to {left.type}, {right.type}.")
    a, b = (coerce(side, joint, session) for side in sides)
    return Typed(f"({a.text} || {b.text})", joint)


def chosen(tests: Sequence[str], results: Sequence[Typed], last: Typed, session: Session) -> Typed:
    """A CASE whose branches are brought to their common type."""
    joint = common_of((*(r.type for r in results), last.type))
    if joint is None:
        kinds = ", ".join(str(r.type) for r in (*results, last))
        raise QueryFailed(f"All branches must have one type, not {kinds}.")
    whens = " ".join(
        f"WHEN {test} THEN {coerce(result, joint, session).text}"
        for test, result in zip(tests, results, strict=True)
    )
    return Typed(f"CASE {whens} ELSE {coerce(last, joint, session).text} END", joint)
