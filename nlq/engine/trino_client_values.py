"""Pages of the `trino` client's values enter; those of ``QueryResult``, and their bytes, leave.

``interval year to month`` is text as the engines write it (``"1-2"``), ``uuid`` is text, and a row
is a dict where all of its fields have names of their own, else a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from dateutil.relativedelta import relativedelta
from trino.types import NamedRowTuple

Row = tuple[object, ...]

_FIXED: Final = {
    "boolean": 1, "tinyint": 8, "smallint": 8, "integer": 8, "bigint": 8, "real": 8, "double": 8,
    "decimal": 16, "date": 8, "time": 8, "timestamp": 8, "interval": 8, "uuid": 36, "unknown": 1,
}  # fmt: skip
_CHANGED: Final = frozenset({"uuid", "interval year to month"})


def plain(value: Any) -> object:
    """The value as ``QueryResult`` has it."""
    match value:
        case UUID():
            return str(value)
        case relativedelta():
            months = value.years * 12 + value.months
            return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"
        case NamedRowTuple():
            names = value.__annotations__["names"]
            items = [plain(item) for item in value]
            named = all(names) and len(set(names)) == len(names)
            return dict(zip(names, items, strict=True)) if named else items
        case list():
            return [plain(item) for item in value]
        case dict():
            return {_key(key): plain(item) for key, item in value.items()}
    return value


def _key(key: Any) -> object:
    return tuple(plain(item) for item in key) if isinstance(key, tuple) else plain(key)


def size_of(value: object) -> int:
    """About how many bytes a value takes as data."""
    match value:
        case str() | bytes():
            return len(value)
        case list() | tuple():
            return sum(map(size_of, value))
        case dict():
            return sum(size_of(k) + size_of(v) for k, v in value.items())
        case None:
            return 1
    return 8


class PageReader:
    """Turns pages of rows of these column types into plain rows, and weighs them.

    Whole columns are weighed at once where their type allows, which keeps a page of scalars cheap.
    """

    def __init__(self, types: Sequence[str]) -> None:
        heads = [re.split(r"[( ]", kind, maxsplit=1)[0] for kind in types]
        self._width = sum(_FIXED.get(head, 0) for head in heads)
        self._varying = [i for i, head in enumerate(heads) if head not in _FIXED]
        self._changed = [
            i
            for i, (kind, head) in enumerate(zip(types, heads, strict=True))
            if kind in _CHANGED or head in ("array", "map", "row")
        ]

    def rows(self, page: list[list[Any]]) -> list[Row]:
        """The page's rows as plain values."""
        for index in self._changed:
            for row in page:
                row[index] = plain(row[index])
        return [tuple(row) for row in page]

    def size_bytes(self, rows: Sequence[Row]) -> int:
        """Bytes of these rows."""
        size = self._width * len(rows)
        for index in self._varying:
            size += sum(map(size_of, [row[index] for row in rows]))
        return size


def taken(
    rows: list[Row], weigh: Callable[[Sequence[Row]], int], room_rows: int, room_bytes: int
) -> tuple[list[Row], int, bool]:
    """As many first rows as there is room for, their bytes, and whether any were left out."""
    kept = rows[:room_rows]
    size = weigh(kept)
    if size > room_bytes:
        size, count = 0, 0
        for row in kept:
            more = weigh((row,))
            if size + more > room_bytes:
                break
            size, count = size + more, count + 1
        kept = kept[:count]
    return kept, size, len(kept) < len(rows)
