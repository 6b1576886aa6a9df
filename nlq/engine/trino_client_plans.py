"""A distributed plan as JSON text enters, what each of its scans reads leaves.

EXPLAIN (TYPE DISTRIBUTED, FORMAT JSON) is what both engines answer for every query: PrestoDB's IO
form fails on tables partitioned by a date, Trino's tells two like scans of a table as one. Formats
change between versions: what is not understood is unknown (None), never zero. "NaN" is how the
engines write unknown.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from nlq.engine.type_widths import fixed_width


@dataclass(frozen=True, slots=True)
class Span:
    """Values from ``low`` to ``high`` as the plan writes them; None is without end."""

    low: str | None
    high: str | None
    with_low: bool = True
    with_high: bool = True

    @property
    def is_one_value(self) -> bool:
        """Whether it holds a single value."""
        return self.low is not None and self.low == self.high


@dataclass(frozen=True, slots=True)
class Key:
    """What a scan reads of a partition column of the Hive type ``kind``.

    A few partitions are listed one by one; of many the plan tells the first and the last.
    """

    column: str
    kind: str
    spans: tuple[Span, ...]
    with_null: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """What one scan reads, before it filters; ``table`` is whole, empty where it is not told.

    ``size_bytes`` are those of its columns in memory. ``keys`` are the partition columns (none for
    a table without), None where they were not understood.
    """

    table: str = ""
    rows: int | None = None
    size_bytes: int | None = None
    keys: tuple[Key, ...] | None = ()


def scans_of(text: str) -> tuple[Scan, ...] | None:
    """The scans of a plan; None where the text is no plan."""
    nodes = list(_nodes(_parsed(text)))
    if not nodes:
        return None
    return tuple(_scan(node) for node in nodes if "Scan" in str(node["name"]))


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every plan node below ``value``: what has a name and children."""
    if isinstance(value, dict):
        if "name" in value and "children" in value:
            yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _scan(node: dict[str, Any]) -> Scan:
    estimates = node.get("estimates")
    first = estimates[0] if isinstance(estimates, list) and estimates else None
    return Scan(_table(node), _number(first, "outputRowCount"), _size(first), _keys(node))


_TRINO_TABLE: Final = re.compile(r"([^:\s]+):([^:\s]+):([^:\s]+)")
_PRESTO_TABLE: Final = re.compile(
    r"connectorId='([^']+)'.*?schemaName=([^,{}]+), tableName=([^,{}]+)[,}]"
)


def _table(node: dict[str, Any]) -> str:
    named = _TRINO_TABLE.match(str(_inner(node.get("descriptor"), "table")))
    named = named or _PRESTO_TABLE.search(str(node.get("identifier")))
    return ".".join(named.groups()) if named else ""


def _size(estimate: Any) -> int | None:
    """Bytes of a scan, of the columns that it passes on and of those that it filters by."""
    told = [
        size
        for key in ("totalSize", "outputSizeInBytes", "cpuCost")
        if (size := _number(estimate, key)) is not None
    ]
    if told:
        return max(told)
    rows, columns = _number(estimate, "outputRowCount"), _inner(estimate, "variableStatistics")
    if rows is None or not isinstance(columns, dict) or not columns:
        return None
    widths = [_width(name, column) for name, column in columns.items()]
    known = [width for width in widths if width is not None]
    return round(rows * sum(known)) if len(known) == len(widths) else None


def _width(name: str, column: Any) -> float | None:
    """Average bytes of a column, which is called like ``total<bigint>``."""
    told = _inner(column, "averageRowSize")
    if isinstance(told, int | float) and math.isfinite(told):
        return float(told)
    return fixed_width(name.partition("<")[2].removesuffix(">"))


_KEY: Final = re.compile(r"(?:\S+ := )?(\S+?):([^:]+):(?:-?\d+:)?PARTITION_KEY\b")
_VALUE: Final = r'(?:"([^"\\]*)"|([^\[\](),"]+))'
_SPAN: Final = re.compile(rf"([\[(]){_VALUE}(?:, {_VALUE})?([\])])")
_ENDLESS: Final = ("<min>", "<max>")


def _keys(node: dict[str, Any]) -> tuple[Key, ...] | None:
    """Of the lines that describe a scan's columns, each followed by one with its values."""
    details = node.get("details")
    lines = details.splitlines() if isinstance(details, str) else details
    if not isinstance(lines, list):
        return None
    keys = []
    for line, after in pairwise([*lines, ""]):
        if found := _KEY.match(str(line)):
            values = _values(str(after))
            if values is None:
                return None
            keys.append(Key(found[1], found[2], *values))
    return tuple(keys)


def _values(line: str) -> tuple[tuple[Span, ...], bool] | None:
    """Of ``:: [NULL, [a], [b, c)]`` the spans, and whether rows without a value count."""
    head, _, inside = line.strip().partition(" ")
    if head != "::" or not (inside.startswith("[") and inside.endswith("]")):
        return None
    inside = inside[1:-1]
    with_null = inside == "NULL" or inside.startswith("NULL, ")
    inside = inside.removeprefix("NULL").removeprefix(", ") if with_null else inside
    spans = []
    while inside:
        found = _SPAN.match(inside)
        if found is None:
            return None
        opening, *texts, closing = found.groups()
        low, high = texts[0] or texts[1], texts[2] or texts[3]
        is_single = texts[2] is None and texts[3] is None
        spans.append(
            Span(
                None if low in _ENDLESS else low or "",
                (low or "") if is_single else None if high in _ENDLESS else high or "",
                opening == "[",
                closing == "]",
            )
        )
        inside = inside[found.end() :]
        if inside and not inside.startswith(", "):
            return None
        inside = inside.removeprefix(", ")
    return tuple(spans), with_null


def _inner(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _number(value: Any, key: str) -> int | None:
    """A number above zero. A table without statistics may be told to have 0 rows, in confidence."""
    number = _inner(value, key)
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return round(number) if math.isfinite(number) and number > 0 else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
