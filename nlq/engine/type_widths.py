"""How many bytes a value of a Presto type takes in memory, where all values take the same."""

from __future__ import annotations

from typing import Final

_WIDTHS: Final = {
    "boolean": 1, "tinyint": 1, "smallint": 2, "integer": 4, "bigint": 8, "real": 4, "double": 8,
    "decimal": 16, "date": 4, "time": 8, "timestamp": 8, "timestamp with time zone": 8,
}  # fmt: skip


def fixed_width(kind: str) -> int | None:
    """Bytes of a value of the type ``kind``; None where values differ or the type is not known.

    >>> fixed_width("timestamp(3) with time zone"), fixed_width("varchar(2)")
    (8, None)
    """
    head, bracket, tail = kind.partition("(")
    return _WIDTHS.get(head + tail.partition(")")[2] if bracket else kind)
