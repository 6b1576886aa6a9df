"""Presto's types: how they are spelled, combined and coerced, and how DuckDB stores them.

Nothing enters but type names and ``sqlglot`` data types; ``Type`` leaves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Type:
    """A Presto type. ``args`` are element types, ``sizes`` a decimal's precision and scale.

    ``zone`` is the time zone in which a ``timestamp with time zone`` is shown; DuckDB stores the
    instant alone, so the zone must be known while compiling. Empty: it is not known.
    """

    name: str
    args: tuple[Type, ...] = ()
    names: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    zone: str = field(default="", compare=False)

    def __str__(self) -> str:
        if self.name == "row":
            fields = zip(self.names, self.args, strict=True)
            return f"row({','.join(f'{name} {kind}'.strip() for name, kind in fields)})"
        inner = [*map(str, self.args), *map(str, self.sizes)]
        return f"{self.name}({','.join(inner)})" if inner else self.name

    @property
    def duckdb(self) -> str:
        """The DuckDB type that holds it."""
        if self.name == "decimal":
            return f"DECIMAL({self.sizes[0]},{self.sizes[1]})"
        if self.name == "array":
            return f"{self.args[0].duckdb}[]"
        if self.name == "map":
            return f"MAP({self.args[0].duckdb}, {self.args[1].duckdb})"
        if self.name == "row":
            fields = (f'"{n}" {t.duckdb}' for n, t in zip(self.row_keys, self.args, strict=True))
            return f"STRUCT({', '.join(fields)})"
        return _DUCKDB[self.name]

    @property
    def row_keys(self) -> tuple[str, ...]:
        """Names of a row's fields in DuckDB, where every field needs one."""
        return tuple(name or f"field{i}" for i, name in enumerate(self.names))

    @property
    def is_integer(self) -> bool:
        """Whether it is one of the four whole-number types."""
        return self.name in _INTEGER_DIGITS

    @property
    def is_numeric(self) -> bool:
        """Whether arithmetic works on it."""
        return self.name in _NUMERIC_ORDER

    @property
    def as_decimal(self) -> Type:
        """The decimal type that holds every value of this whole-number or decimal type."""
        return self if self.name == "decimal" else decimal(_INTEGER_DIGITS[self.name], 0)


_INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_NUMERIC_ORDER = ("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double")
_DUCKDB = {
    "unknown": "INTEGER",
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "varbinary": "BLOB",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
    "json": "JSON",
    "uuid": "UUID",
}
_PRESTO = {duck: presto for presto, duck in _DUCKDB.items() if presto != "unknown"} | {
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
    "INTERVAL": "interval day to second",
}

UNKNOWN = Type("unknown")
BOOLEAN = Type("boolean")
INTEGER = Type("integer")
BIGINT = Type("bigint")
REAL = Type("real")
DOUBLE = Type("double")
VARCHAR = Type("varchar")
VARBINARY = Type("varbinary")
DATE = Type("date")
TIME = Type("time")
TIMESTAMP = Type("timestamp")
INTERVAL_DAY = Type("interval day to second")
INTERVAL_YEAR = Type("interval year to month")
JSON = Type("json")


def decimal(precision: int, scale: int) -> Type:
    """A decimal type; precision is capped at Presto's 38 digits."""
    return Type("decimal", sizes=(min(38, precision), scale))


def array(element: Type) -> Type:
    """An array of ``element``."""
    return Type("array", (element,))


def map_of(key: Type, value: Type) -> Type:
    """A map from ``key`` to ``value``."""
    return Type("map", (key, value))


def row(fields: tuple[Type, ...], names: tuple[str, ...] = ()) -> Type:
    """A row; nameless fields have the empty name."""
    return Type("row", fields, names or ("",) * len(fields))


def zoned(zone: str) -> Type:
    """A timestamp with time zone, shown in ``zone``."""
    return Type("timestamp with time zone", zone=zone)


_MORE_THAN_DATE = ("date", "timestamp", "timestamp with time zone")


def coerces(source: Type, target: Type) -> bool:
    """Whether Presto turns ``source`` into ``target`` by itself."""
    if source in (target, UNKNOWN):
        return True
    if source.is_numeric and target.is_numeric:
        if target.name == "decimal":
            if source.name not in (*_INTEGER_DIGITS, "decimal"):
                return False
            held, room = source.as_decimal.sizes, target.sizes
            return held[1] <= room[1] and held[0] - held[1] <= room[0] - room[1]
        return _NUMERIC_ORDER.index(source.name) <= _NUMERIC_ORDER.index(target.name)
    if source.name in _MORE_THAN_DATE and target.name in _MORE_THAN_DATE:
        return _MORE_THAN_DATE.index(source.name) <= _MORE_THAN_DATE.index(target.name)
    if source.name == target.name and source.args and len(source.args) == len(target.args):
        return all(coerces(s, t) for s, t in zip(source.args, target.args, strict=True))
    return False


def common(left: Type, right: Type) -> Type | None:
    """The type that both coerce to, or None."""
    if left.name == right.name == "timestamp with time zone":
        return zoned(left.zone if left.zone == right.zone else "")
    if {left.name, right.name} <= {"decimal", *_INTEGER_DIGITS} and "decimal" in (
        left.name,
        right.name,
    ):
        (p1, s1), (p2, s2) = left.as_decimal.sizes, right.as_decimal.sizes
        scale = max(s1, s2)
        return decimal(max(p1 - s1, p2 - s2) + scale, scale)
    if coerces(left, right):
        return right
    if coerces(right, left):
        return left
    if left.name == right.name and left.args and len(left.args) == len(right.args):
        inner = [common(a, b) for a, b in zip(left.args, right.args, strict=True)]
        found = tuple(t for t in inner if t is not None)
        if len(found) == len(inner):
            names = left.names if left.names == right.names else ("",) * len(left.names)
            return Type(left.name, found, names)
    return None


def common_of(types: tuple[Type, ...]) -> Type | None:
    """The type that all coerce to, or None."""
    joint: Type | None = types[0] if types else UNKNOWN
    for kind in types[1:]:
        joint = joint and common(joint, kind)
    return joint


_SQLGLOT = {
    exp.DType.BOOLEAN: "boolean",
    exp.DType.TINYINT: "tinyint",
    exp.DType.SMALLINT: "smallint",
    exp.DType.INT: "integer",
    exp.DType.BIGINT: "bigint",
    exp.DType.FLOAT: "real",
    exp.DType.DOUBLE: "double",
    exp.DType.VARCHAR: "varchar",
    exp.DType.TEXT: "varchar",
    exp.DType.VARBINARY: "varbinary",
    exp.DType.DATE: "date",
    exp.DType.TIME: "time",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPTZ: "timestamp with time zone",
    exp.DType.JSON: "json",
    exp.DType.UUID: "uuid",
}


def from_sqlglot(kind: exp.DataType) -> Type | None:
    """The type that a parsed type name means, or None where it is not known here."""
    name = kind.this
    if name == exp.DType.DECIMAL:
        sizes = [int(p.this.this) for p in kind.expressions] or [38]
        return decimal(sizes[0], sizes[1] if len(sizes) > 1 else 0)
    if name == exp.DType.ARRAY and kind.expressions:
        element = from_sqlglot(kind.expressions[0])
        return element and array(element)
    if name == exp.DType.MAP and len(kind.expressions) == 2:
        key, value = map(from_sqlglot, kind.expressions)
        return map_of(key, value) if key and value else None
    if name == exp.DType.STRUCT:
        kinds, names = [], []
        for part in kind.expressions:
            named = isinstance(part, exp.ColumnDef)
            inner = from_sqlglot(part.kind if named else part)
            if inner is None:
                return None
            kinds.append(inner)
            names.append(part.name.lower() if named else "")
        return row(tuple(kinds), tuple(names))
    return Type(_SQLGLOT[name]) if name in _SQLGLOT else None


def from_duckdb(name: str, zone: str) -> Type | None:
    """The Presto type of a DuckDB column, or None where Presto has no such type.

    >>> str(from_duckdb('STRUCT(a BIGINT, b DECIMAL(10,2)[])', 'UTC'))
    'row(a bigint,b array(decimal(10,2)))'
    """
    if name.endswith("[]"):
        element = from_duckdb(name[:-2], zone)
        return element and array(element)
    if sized := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", name):
        return decimal(int(sized[1]), int(sized[2]))
    if nested := re.fullmatch(r"(MAP|STRUCT)\((.*)\)", name):
        parts = _split(nested[2])
        if nested[1] == "MAP":
            inner = [from_duckdb(part, zone) for part in parts]
            names: list[str] = []
        else:
            pairs = [re.fullmatch(r'("(?:[^"]|"")*"|\S+) (.*)', part) for part in parts]
            inner = [from_duckdb(pair[2], zone) if pair else None for pair in pairs]
            names = [pair[1].strip('"').lower() for pair in pairs if pair]
        found = tuple(t for t in inner if t is not None)
        if len(found) < len(inner):
            return None
        return row(found, tuple(names)) if names else map_of(found[0], found[1])
    presto = _PRESTO.get(name)
    if presto == "timestamp with time zone":
        return zoned(zone)
    return Type(presto) if presto else None


def _split(text: str) -> list[str]:
    parts, depth, quoted = [""], 0, False
    for char in text:
        quoted ^= char == '"'
        depth += 0 if quoted else (char == "(") - (char == ")")
        if char == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]
