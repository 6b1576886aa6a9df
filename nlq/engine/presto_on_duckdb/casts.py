"""Casts: Presto's explicit ones, and the coercions that it adds by itself."""

from __future__ import annotations

from nlq.engine.presto_on_duckdb.moments import instant, wall
from nlq.engine.presto_on_duckdb.scope import Session, Typed, quote, text, unsupported
from nlq.engine.presto_on_duckdb.types import (
    BOOLEAN,
    TIMESTAMP,
    UNKNOWN,
    Type,
    zoned,
)
from nlq.errors import QueryFailed

_ZONED = "timestamp with time zone"


def coerce(value: Typed, target: Type, session: Session) -> Typed:
    """``value`` as ``target``, for a coercion that is known to be allowed."""
    if value.type == target and value.type.zone == target.zone:
        return value
    if target.name == _ZONED and value.type.name == _ZONED:
        return Typed(value.text, target)
    return cast(value, target, session)


def cast(value: Typed, target: Type, session: Session) -> Typed:
    """``CAST(value AS target)``; raises ``QueryFailed`` for a pair that Presto refuses."""
    source = value.type
    if target.name == _ZONED and not target.zone:
        target = zoned(session.zone)
    if source == target:
        return value
    if source == UNKNOWN:
        return Typed(f"CAST({value.text} AS {target.duckdb})", target)
    return Typed(_converted(value, target, session), target)


def _converted(value: Typed, target: Type, session: Session) -> str:
    source, x = value.type, value.text
    plain = f"CAST({x} AS {target.duckdb})"
    match source.name, target.name:
        case _, "varchar":
            return _to_varchar(value)
        case "varchar", _:
            return _from_varchar(x, target, session)
        case _, "json":
            return _to_json(value)
        case "json", _:
            return _from_json(x, target)
        case (("real" | "double"), ("tinyint" | "smallint" | "integer" | "bigint")):
            return f"CAST(round({x}) AS {target.duckdb})"
        case (("real" | "double"), "decimal"):
            # Presto rounds the shortest decimal text of a double, DuckDB its binary value.
            return f"CAST(CAST({x} AS VARCHAR) AS {target.duckdb})"
        case _, "boolean" if source.is_numeric:
            return f"({x} <> 0)"
        case _, _ if target.is_numeric and (source.is_numeric or source == BOOLEAN):
            return plain
        case "date", "timestamp":
            return plain
        case (("date" | "timestamp"), "timestamp with time zone"):
            return instant(f"CAST({x} AS TIMESTAMP)", session.zone)
        case "timestamp", ("date" | "time"):
            return plain
        case "timestamp with time zone", "timestamp":
            # PrestoDB's legacy timestamps keep the instant, shown in the session's zone.
            return wall(x, session.zone)
        case "timestamp with time zone", ("date" | "time"):
            return f"CAST({local(value).text} AS {target.duckdb})"
        case "array", "array":
            inner = cast(Typed("e", source.args[0]), target.args[0], session)
            return f"list_transform({x}, lambda e: {inner.text})"
        case "map", "map":
            return _map(value, target, session)
        case "row", "row" if len(source.args) == len(target.args):
            return _row(value, target, session)
    raise QueryFailed(f"Cannot cast {source} to {target}.")


def local(value: Typed) -> Typed:
    """The wall-clock time that a zoned timestamp shows; others stay as they are."""
    if value.type.name != _ZONED:
        return value
    if not value.type.zone:
        raise unsupported(
            "Using the zone of a timestamp whose zone differs from row to row",
            "put AT TIME ZONE 'Area/City' after it",
        )
    return Typed(wall(value.text, value.type.zone), TIMESTAMP)


def _to_varchar(value: Typed) -> str:
    x = value.text
    match value.type.name:
        case "real" | "double":
            return f"presto_double_text({x})"
        case "timestamp":
            return f"strftime({x}, '%Y-%m-%d %H:%M:%S.%g')"
        case "timestamp with time zone":
            shown = f"strftime({local(value).text}, '%Y-%m-%d %H:%M:%S.%g')"
            return f"({shown} || {text(' ' + value.type.zone)})"
        case "time":
            return f"strftime(DATE '1970-01-01' + {x}, '%H:%M:%S.%g')"
        case "json":
            return f"presto_json_text({x})"
        case "decimal" if value.type.sizes[0] == value.type.sizes[1]:
            return f"presto_decimal_text(CAST({x} AS VARCHAR))"
        case "varbinary" | "array" | "map" | "row":
            raise QueryFailed(f"Cannot cast {value.type} to varchar.")
        case name if name.startswith("interval"):
            raise unsupported(f"Casting {name} to varchar")
    return f"CAST({x} AS VARCHAR)"


def _from_varchar(x: str, target: Type, session: Session) -> str:
    # A cast of the text that the macro gives for wrong input fails, and so carries its message.
    match target.name:
        case "tinyint" | "smallint" | "integer" | "bigint":
            return f"CAST(presto_whole_number({x}, '{target}') AS {target.duckdb})"
        case "real" | "double" | "decimal" | "boolean":
            return f"CAST({x} AS {target.duckdb})"
        case "date":
            return f"CAST(presto_date_text({x}) AS DATE)"
        case "timestamp":
            return f"CAST(presto_timestamp_text({x}) AS TIMESTAMP)"
        case "time":
            return f"CAST({x} AS TIME)"
        case "timestamp with time zone":
            return instant(f"CAST(presto_timestamp_text({x}) AS TIMESTAMP)", session.zone)
        case "varbinary":
            return f"encode({x})"
        case "json":
            return f"to_json({x})"
        case "uuid":
            return f"CAST({x} AS UUID)"
    raise QueryFailed(f"Cannot cast varchar to {target}.")


def _to_json(value: Typed) -> str:
    """JSON of any value; Presto writes a row as an array."""
    x, kind = value.text, value.type
    if kind.name == "row":
        fields = (
            _to_json(Typed(f"struct_extract({x}, {text(key)})", inner))
            for key, inner in zip(kind.row_keys, kind.args, strict=True)
        )
        return f"CASE WHEN {x} IS NOT NULL THEN json_array({', '.join(fields)}) END"
    if kind.name == "array" and "row(" in str(kind):
        return f"to_json(list_transform({x}, lambda e: {_to_json(Typed('e', kind.args[0]))}))"
    if "row(" in str(kind):
        raise unsupported(f"Casting {kind} to json")
    return f"to_json({x})"


def _from_json(x: str, target: Type) -> str:
    if target.is_integer:
        return f"CAST(round(CAST(presto_json_text({x}) AS DECIMAL(38,6))) AS {target.duckdb})"
    if target.is_numeric or target == BOOLEAN:
        return f"CAST(presto_json_text({x}) AS {target.duckdb})"
    if target.name in ("array", "map", "row"):
        return f"CAST({x} AS {target.duckdb})"
    raise QueryFailed(f"Cannot cast json to {target}.")


def _map(value: Typed, target: Type, session: Session) -> str:
    keys = cast(Typed("e.key", value.type.args[0]), target.args[0], session)
    values = cast(Typed("e.value", value.type.args[1]), target.args[1], session)
    pair = f"{{'key': {keys.text}, 'value': {values.text}}}"
    return f"map_from_entries(list_transform(map_entries({value.text}), lambda e: {pair}))"


def _row(value: Typed, target: Type, session: Session) -> str:
    fields = (
        f"{quote(new)} := {cast(Typed(f'{value.text}.{quote(old)}', kind), wanted, session).text}"
        for new, old, kind, wanted in zip(
            target.row_keys, value.type.row_keys, value.type.args, target.args, strict=True
        )
    )
    built = f"struct_pack({', '.join(fields)})"
    return f"CASE WHEN {value.text} IS NOT NULL THEN {built} END"
