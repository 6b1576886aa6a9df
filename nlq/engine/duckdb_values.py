"""Values as DuckDB's Python client gives them, turned into those of ``QueryResult``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from nlq.engine.presto_on_duckdb.moments import zone_info
from nlq.engine.presto_on_duckdb.types import Type

Converter = Callable[[Any], object]


def converter(kind: Type) -> Converter | None:
    """What turns a column's values into plain ones; None where they are plain already."""
    match kind.name:
        case "timestamp with time zone":
            zone = zone_info(kind.zone or "UTC")
            return lambda v: v if v is None else v.astimezone(zone)
        case "timestamp":
            return lambda v: v.replace(microsecond=v.microsecond // 1000 * 1000) if v else v
        case "uuid":
            return lambda v: v if v is None else str(v)
        case "array":
            inner = converter(kind.args[0])
            return inner and (lambda v: v if v is None else [inner(e) for e in v])
        case "map":
            key, value = (converter(arg) or _same for arg in kind.args)
            return lambda v: v if v is None else {key(k): value(e) for k, e in v.items()}
        case "row":
            return _row(kind)
    return None


def _same(value: object) -> object:
    return value


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
