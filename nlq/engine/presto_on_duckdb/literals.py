"""Literals: numbers, strings, intervals and zoned timestamps, with Presto's types."""

from __future__ import annotations

import re
from datetime import datetime

from sqlglot import exp

from nlq.engine.presto_on_duckdb import types as t
from nlq.engine.presto_on_duckdb.moments import instant, zone_name
from nlq.engine.presto_on_duckdb.scope import Session, Typed, text, unsupported
from nlq.errors import QueryFailed


def literal(node: exp.Literal) -> Typed:
    """A string or number; a number with a point is a decimal, one with an exponent a double."""
    if node.is_string:
        return Typed(text(node.this), t.VARCHAR)
    return _number(node.this)


def _number(digits: str) -> Typed:
    if "e" in digits.lower():
        return Typed(f"CAST({digits} AS DOUBLE)", t.DOUBLE)
    if "." in digits:
        whole, _, part = digits.partition(".")
        whole = whole.lstrip("0")
        kind = t.decimal(max(len(whole) + len(part), 1), len(part))
        return Typed(f"CAST({whole or '0'}.{part or '0'} AS {kind.duckdb})", kind)
    value = int(digits)
    if value >= 2**63:
        raise QueryFailed(f"The number {digits} does not fit bigint.")
    kind = t.INTEGER if value < 2**31 else t.BIGINT
    return Typed(f"CAST({value} AS {kind.duckdb})", kind)


def interval(node: exp.Interval) -> Typed:
    """``INTERVAL '1' DAY``; raises ``QueryFailed`` where Presto has no such interval."""
    number, unit = node.this, node.args.get("unit")
    if not isinstance(number, exp.Literal) or unit is None:
        raise QueryFailed("An interval needs a literal number and a unit, as INTERVAL '1' DAY.")
    if isinstance(unit, exp.IntervalSpan):
        return _interval_span(number.this, unit)
    try:
        amount = float(number.this)
    except ValueError as exc:
        raise QueryFailed(f"'{number.this}' is not a number of {unit.name.lower()}s.") from exc
    name = unit.name.upper().removesuffix("S")
    if name in _MONTHS:
        return Typed(f"to_months({int(amount) * _MONTHS[name]})", t.INTERVAL_YEAR)
    if name not in _SECONDS:
        raise QueryFailed(f"Interval unit {name} is not known.")
    return Typed(f"to_microseconds({round(amount * _SECONDS[name] * 1e6)})", t.INTERVAL_DAY)


def _interval_span(value: str, unit: exp.IntervalSpan) -> Typed:
    first, last = unit.this.name.upper(), unit.expression.name.upper()
    numbers = re.fullmatch(r"(-?)(\d+)-(\d+)", value)
    if (first, last) != ("YEAR", "MONTH") or not numbers:
        raise unsupported(f"INTERVAL '{value}' {first} TO {last}", "add simple intervals instead")
    months = int(numbers[2]) * 12 + int(numbers[3])
    return Typed(f"to_months({numbers[1]}{months})", t.INTERVAL_YEAR)


_MONTHS = {"YEAR": 12, "MONTH": 1}
_SECONDS = {"DAY": 86_400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}


_ZONED_LITERAL = re.compile(r"\s*(\S+(?:[ T][\d:.]+)?)\s*([A-Za-z]\S*|[+-]\d\d(?::?\d\d)?)?\s*")


def zoned_timestamp(value: str, session: Session) -> Typed:
    """``TIMESTAMP '... Area/City'``; raises ``QueryFailed`` where it is none."""
    parts = _ZONED_LITERAL.fullmatch(value)
    try:
        if parts is None:
            raise ValueError(value)
        moment = datetime.fromisoformat(parts[1])
    except ValueError as exc:
        raise QueryFailed(f"'{value}' is not a timestamp with time zone.") from exc
    zone = zone_name(parts[2] or session.zone)
    shown = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return Typed(instant(f"TIMESTAMP '{shown}'", zone), t.zoned(zone))
