"""Dates and times: units, time zones, and the two families of format patterns."""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.engine.presto_on_duckdb import types as t
from nlq.engine.presto_on_duckdb.calls import Call, special
from nlq.engine.presto_on_duckdb.casts import cast, coerce, local
from nlq.engine.presto_on_duckdb.moments import instant, now, wall, zone_name
from nlq.engine.presto_on_duckdb.operators import shifted
from nlq.engine.presto_on_duckdb.patterns import joda_parts, mysql_format
from nlq.engine.presto_on_duckdb.scope import Typed, text, unsupported
from nlq.errors import QueryFailed

_ZONED = "timestamp with time zone"
_MOMENTS = ("date", "timestamp", _ZONED)


def _moment(call: Call, index: int) -> Typed:
    value = call.arg(index)
    if value.type == t.UNKNOWN:
        return coerce(value, t.TIMESTAMP, call.session)
    if value.type.name not in _MOMENTS:
        raise QueryFailed(
            f"{call.name}() takes a date or timestamp, not {value.type}.",
            hint="Cast it, as in CAST(x AS date).",
        )
    return value


_PARTS = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "week",
    "week_of_year": "week",
    "day": "day",
    "day_of_month": "day",
    "day_of_week": "isodow",
    "dow": "isodow",
    "day_of_year": "dayofyear",
    "doy": "dayofyear",
    "year_of_week": "isoyear",
    "yow": "isoyear",
    "hour": "hour",
    "minute": "minute",
    "second": "second",
}


@special(*_PARTS)
def _part(call: Call) -> Typed:
    call.needs(1)
    value = local(_moment(call, 0))
    return Typed(f"CAST({_PARTS[call.name]}({value.text}) AS BIGINT)", t.BIGINT)


@special("millisecond")
def _millisecond(call: Call) -> Typed:
    value = local(_moment(call, 0))
    return Typed(f"CAST(millisecond({value.text}) % 1000 AS BIGINT)", t.BIGINT)


_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
_DATE_UNITS = _UNITS[4:]
_MILLISECONDS = {
    "millisecond": 1,
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
    "week": 604_800_000,
}


def _unit(call: Call, kind: t.Type) -> str:
    unit = call.constant(0).lower()
    if unit not in (_DATE_UNITS if kind == t.DATE else _UNITS):
        raise QueryFailed(f"'{unit}' is not a valid unit of {call.name}() for {kind}.")
    return unit


@special("date_trunc")
def _date_trunc(call: Call) -> Typed:
    call.needs(2)
    value = _moment(call, 1)
    unit = _unit(call, value.type)
    cut = f"date_trunc('{unit}', {local(value).text})"
    return _same_type(cut, value.type)


def _same_type(moved: str, kind: t.Type) -> Typed:
    """A wall-clock time as a value of the type that it was taken from."""
    if kind == t.DATE:
        return Typed(f"CAST({moved} AS DATE)", kind)
    return Typed(instant(moved, kind.zone) if kind.name == _ZONED else moved, kind)


@special("date_add")
def _date_add(call: Call) -> Typed:
    call.needs(3)
    amount, value = coerce(call.arg(1), t.BIGINT, call.session), _moment(call, 2)
    unit = _unit(call, value.type)
    if unit in _MILLISECONDS and value.type != t.DATE:
        micros = f"to_microseconds({amount.text} * {_MILLISECONDS[unit] * 1000})"
        if value.type == t.TIMESTAMP or unit not in ("day", "week"):
            return shifted(value, "+", Typed(micros, t.INTERVAL_DAY))
        return _same_type(f"({local(value).text} + {micros})", value.type)
    if unit in ("day", "week"):
        days = amount.text if unit == "day" else f"7 * {amount.text}"
        return Typed(f"({value.text} + CAST({days} AS INTEGER))", t.DATE)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    interval = f"to_months(CAST({amount.text} * {months} AS INTEGER))"
    return shifted(value, "+", Typed(interval, t.INTERVAL_YEAR))


@special("date_diff")
def _date_diff(call: Call) -> Typed:
    call.needs(3)
    first, second = _moment(call, 1), _moment(call, 2)
    joint = t.common(first.type, second.type)
    assert joint is not None  # all moments have one
    unit = _unit(call, joint)
    if joint.name == _ZONED and not joint.zone:
        joint = t.zoned(call.session.zone)
    values = [coerce(side, joint, call.session) for side in (first, second)]
    if joint.name == _ZONED and unit in _UNITS[:4]:  # real time, whatever the clocks were set to
        values = [Typed(value.text, t.zoned("UTC")) for value in values]
    sides = [local(value).text for value in values]
    return Typed(f"CAST(date_sub('{unit}', {sides[0]}, {sides[1]}) AS BIGINT)", t.BIGINT)


@special("last_day_of_month")
def _last_day(call: Call) -> Typed:
    return Typed(f"last_day({local(_moment(call, 0)).text})", t.DATE)


@special("date")
def _date(call: Call) -> Typed:
    call.needs(1)
    return cast(call.arg(0), t.DATE, call.session)


@special("now", "current_timestamp")
def _now(call: Call) -> Typed:
    return now(call.session)


@special("current_timezone")
def _zone(call: Call) -> Typed:
    return Typed(text(call.session.zone), t.VARCHAR)


# --- time zones


@special("at_timezone")
def _at_timezone(call: Call) -> Typed:
    zone = t.zoned(zone_name(call.constant(1)))
    value = _moment(call, 0)
    if value.type.name != _ZONED:
        value = cast(value, t.zoned(call.session.zone), call.session)
    return Typed(value.text, zone)


@special("with_timezone")
def _with_timezone(call: Call) -> Typed:
    zone = zone_name(call.constant(1))
    value = coerce(_moment(call, 0), t.TIMESTAMP, call.session)
    return Typed(instant(value.text, zone), t.zoned(zone))


@special("from_unixtime")
def _from_unixtime(call: Call) -> Typed:
    call.needs(1, 2)
    seconds = coerce(call.arg(0), t.DOUBLE, call.session).text
    moment = f"make_timestamptz(CAST(round({seconds} * 1000) AS BIGINT) * 1000)"
    if len(call.nodes) == 2:
        return Typed(moment, t.zoned(zone_name(call.constant(1))))
    return Typed(wall(moment, call.session.zone), t.TIMESTAMP)


@special("to_unixtime")
def _to_unixtime(call: Call) -> Typed:
    value = cast(_moment(call, 0), t.zoned(call.session.zone), call.session)
    return Typed(f"(epoch_us({value.text}) / CAST(1000000 AS DOUBLE))", t.DOUBLE)


@special("from_iso8601_timestamp")
def _from_iso_timestamp(call: Call) -> Typed:
    call.needs(1)
    node = call.nodes[0]
    zone = ""
    if isinstance(node, exp.Literal):
        offset = re.search(r"(Z|[+-]\d\d(?::?\d\d)?)$", str(node.this)[10:])
        zone = zone_name(offset[1]) if offset else call.session.zone
    value = coerce(call.arg(0), t.VARCHAR, call.session)
    return Typed(f"CAST({value.text} AS TIMESTAMPTZ)", t.zoned(zone))


@special("from_iso8601_date")
def _from_iso_date(call: Call) -> Typed:
    return cast(coerce(call.arg(0), t.VARCHAR, call.session), t.DATE, call.session)


@special("to_iso8601")
def _to_iso(call: Call) -> Typed:
    call.needs(1)
    value = _moment(call, 0)
    if value.type == t.DATE:
        return Typed(f"CAST({value.text} AS VARCHAR)", t.VARCHAR)
    value = (
        cast(value, t.zoned(call.session.zone), call.session)
        if value.type == t.TIMESTAMP
        else value
    )
    shown = f"strftime({local(value).text}, '%Y-%m-%dT%H:%M:%S.%g')"
    gap = f"epoch_us({local(value).text}) - epoch_us(timezone('UTC', {value.text}))"
    return Typed(f"({shown} || presto_offset(({gap}) // 60000000))", t.VARCHAR)


@special("timezone_hour", "timezone_minute")
def _zone_part(call: Call) -> Typed:
    call.needs(1)
    value = _moment(call, 0)
    if value.type.name != _ZONED:
        raise QueryFailed(f"{call.name}() takes a timestamp with time zone, not {value.type}.")
    seconds = (
        f"(epoch_us({local(value).text}) - epoch_us(timezone('UTC', {value.text}))) // 1000000"
    )
    part = "// 3600" if call.name == "timezone_hour" else "% 3600 // 60"
    return Typed(f"({seconds} {part})", t.BIGINT)


@special("to_milliseconds")
def _to_milliseconds(call: Call) -> Typed:
    value = coerce(call.arg(0), t.INTERVAL_DAY, call.session)
    return Typed(f"CAST(epoch_ms({value.text}) AS BIGINT)", t.BIGINT)


# --- patterns


@special("date_format")
def _date_format(call: Call) -> Typed:
    call.needs(2)
    value = local(_moment(call, 0))
    return Typed(f"strftime({value.text}, {text(mysql_format(call.constant(1)))})", t.VARCHAR)


@special("date_parse")
def _date_parse(call: Call) -> Typed:
    call.needs(2)
    value = coerce(call.arg(0), t.VARCHAR, call.session)
    form = mysql_format(call.constant(1))
    return Typed(f"CAST(strptime({value.text}, {text(form)}) AS TIMESTAMP)", t.TIMESTAMP)


@special("format_datetime")
def _format_datetime(call: Call) -> Typed:
    call.needs(2)
    value = local(_moment(call, 0)).text
    parts = []
    for code, is_code in joda_parts(call.constant(1)):
        if is_code == "format":
            parts.append(f"strftime({value}, {text(code)})")
        elif is_code == "function":
            parts.append(f"CAST({code}({value}) AS VARCHAR)")
        else:
            parts.append(text(code))
    return Typed(f"({' || '.join(parts) or text('')})", t.VARCHAR)


@special("parse_datetime")
def _parse_datetime(call: Call) -> Typed:
    call.needs(2)
    form = ""
    for code, kind in joda_parts(call.constant(1)):
        if kind == "function":
            raise unsupported(f"The pattern '{call.constant(1)}' in parse_datetime()")
        form += code if kind == "format" else code.replace("%", "%%")
    value = coerce(call.arg(0), t.VARCHAR, call.session)
    moment = f"CAST(strptime({value.text}, {text(form)}) AS TIMESTAMP)"
    return Typed(instant(moment, call.session.zone), t.zoned(call.session.zone))
