"""Values as DuckDB's Python client gives them, turned into those of ``QueryResult``.

They are the same as a Presto server's (``nlq.engine.trino_client_values``).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from nlq.engine.presto_on_duckdb.moments import zone_info
from nlq.engine.presto_on_duckdb.types import Type
from nlq.errors import QueryFailed

Converter = Callable[[Any], object]


def converter(kind: Type) -> Converter | None:
    """What turns a column's values into plain ones; None where they are plain already."""
    match kind.name:
        case "date":
            return _in_range
        case "timestamp with time zone":
            zone = zone_info(kind.zone or "UTC")
            return lambda v: v if v is None else _in_range(v).astimezone(zone)
        case "timestamp":
            return lambda v: v if v is None else _whole_milliseconds(_in_range(v))
        case "real":
            return _shortest
        case "uuid":
            return lambda v: v if v is None else str(v)
        case "array":
            inner = converter(kind.args[0])
            return inner and (lambda v: v if v is None else [inner(e) for e in v])
        case "map":
            return _map(*kind.args)
        case "row":
            return _row(kind)
    return None


def _same(value: object) -> object:
    return value


def _in_range(value: Any) -> Any:
    """DuckDB gives text where Python's dates end."""
    if isinstance(value, str):
        raise QueryFailed(
            f"The embedded engine found a value that Python cannot hold: {value}.",
            hint="Cast that column to varchar.",
        )
    return value


def _whole_milliseconds(value: datetime) -> datetime:
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def _shortest(value: float | None) -> float | None:
    """The number that the fewest digits tell apart, as a server writes a real: 1.1."""
    if value is None or value in (float("inf"), float("-inf")):
        return value
    for digits in range(2, 9):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", value):
            return short
    return value


def _map(keys: Type, values: Type) -> Converter:
    key, value = converter(keys) or _same, converter(values) or _same
    if keys.name not in ("array", "map", "row"):
        return lambda v: v if v is None else {key(k): value(e) for k, e in v.items()}

    def pairs(found: dict[str, Any] | None) -> object:
        if not found:
            return None if found is None else []
        entries = zip(found["key"], found["value"], strict=True)
        return [[key(k), value(e)] for k, e in entries]

    return pairs


def _row(kind: Type) -> Converter:
    inner = [converter(arg) or _same for arg in kind.args]
    named = all(kind.names) and len(set(kind.names)) == len(kind.names)

    def convert(value: Any) -> object:
        if value is None:
            return None
        fields = value.values() if isinstance(value, dict) else value
        items = [change(field) for change, field in zip(inner, fields, strict=True)]
        return dict(zip(kind.names, items, strict=True)) if named else items

    return convert


def size_of(value: object) -> int:
    """About how many bytes of memory a value takes as data."""
    match value:
        case None | bool():
            return 1
        case str() | bytes():
            return len(value)
        case int() | float() | datetime() | timedelta():
            return 8
        case Decimal():
            return 16
        case list():
            return sum(map(size_of, value))
        case dict():
            return sum(size_of(k) + size_of(v) for k, v in value.items())
    return 8
