"""An engine's plan as JSON text enters, an ``Estimate`` of what it reads leaves.

Formats change between versions: what is not understood is unknown (None), never zero. "NaN" is how
the engines write unknown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from nlq.types import Estimate

_WIDTHS: Final = {
    "boolean": 1, "tinyint": 1, "smallint": 2, "integer": 4, "bigint": 8, "real": 4, "double": 8,
    "decimal": 16, "date": 4, "time": 8, "timestamp": 8, "timestamp with time zone": 8,
}  # fmt: skip


def from_io_plan(text: str) -> Estimate:
    """Of Trino's EXPLAIN (TYPE IO, FORMAT JSON): the sum over the tables that it reads."""
    plan = _parsed(text)
    tables = plan.get("inputTableColumnInfos") if isinstance(plan, dict) else None
    if not isinstance(tables, list):
        return Estimate()
    if not tables:
        return Estimate(rows=0, size_bytes=0)
    found = [_inner(table, "estimate") for table in tables]
    return Estimate(
        rows=_total([_number(estimate, "outputRowCount") for estimate in found]),
        size_bytes=_total([_number(estimate, "outputSizeInBytes") for estimate in found]),
    )


def from_distributed_plan(text: str) -> Estimate:
    """Of EXPLAIN (TYPE DISTRIBUTED, FORMAT JSON), either engine's: the sum over the scans.

    A scan that also filters is taken before its filter. Where the plan has no total size, it is the
    rows times the average sizes of their columns.
    """
    plan = _parsed(text)
    nodes = list(_nodes(plan))
    scans = [_scan_estimate(node) for node in nodes if "Scan" in str(node["name"])]
    if nodes and not scans:
        return Estimate(rows=0, size_bytes=0)  # it reads no table
    return Estimate(
        rows=_total([_number(scan, "outputRowCount") for scan in scans]),
        size_bytes=_total([_size(scan) for scan in scans]),
    )


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


def _scan_estimate(node: dict[str, Any]) -> Any:
    estimates = node.get("estimates")
    return estimates[0] if isinstance(estimates, list) and estimates else None


def _size(estimate: Any) -> int | None:
    """Bytes of a scan."""
    for key in ("totalSize", "outputSizeInBytes"):
        if (size := _number(estimate, key)) is not None:
            return size
    rows, columns = _number(estimate, "outputRowCount"), _inner(estimate, "variableStatistics")
    if rows is None or not isinstance(columns, dict) or not columns:
        return None
    widths = [_width(name, column) for name, column in columns.items()]
    return None if None in widths else round(rows * sum(w for w in widths if w is not None))


def _width(name: str, column: Any) -> float | None:
    """Average bytes of a column, which is called like ``total<bigint>``."""
    told = _inner(column, "averageRowSize")
    if isinstance(told, int | float) and math.isfinite(told):
        return float(told)
    kind = name.partition("<")[2].removesuffix(">").partition("(")[0]
    return float(_WIDTHS[kind]) if kind in _WIDTHS else None


def _inner(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _number(value: Any, key: str) -> int | None:
    """A number above zero. A table without statistics may be told to have 0 rows, in confidence."""
    number = _inner(value, key)
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return round(number) if math.isfinite(number) and number > 0 else None


def _total(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if numbers and len(known) == len(numbers) else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
