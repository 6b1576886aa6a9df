"""Pages as Trino's protocol has them in JSON enter; rows of ``QueryResult``'s values leave.

The client could convert the values itself, one at a time. Here each column has a converter made
once for its type, most types need none, and that takes half of the client's time.

``interval year to month`` is text as the engines write it (``"1-2"``), ``uuid`` is text, a row is a
dict where all of its fields have names of their own, else a list, and a map whose keys are arrays,
maps or rows, which no dict can have, is a list of ``[key, value]``.
"""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import cache
from itertools import accumulate
from typing import Any, Final
from zoneinfo import ZoneInfo

from nlq.engine.trino_client_keys import STRUCTURED, key_opener

Row = tuple[object, ...]
Signature = Mapping[str, Any]
Convert = Callable[[Any], object]

_WIDTH: Final = {
    "boolean": 1, "tinyint": 8, "smallint": 8, "integer": 8, "bigint": 8, "real": 8, "double": 8,
    "decimal": 16, "date": 8, "time": 8, "time with time zone": 8, "timestamp": 8,
    "timestamp with time zone": 8, "interval day to second": 8, "uuid": 36, "unknown": 1,
}  # fmt: skip
_FLOAT_OR_NULL: Final = frozenset({float, type(None)})


class PageReader:
    """Turns pages of rows of these columns (the client's) into plain rows, and weighs them."""

    def __init__(self, columns: Sequence[Mapping[str, Any]]) -> None:
        signatures = [column["typeSignature"] for column in columns]
        self._changes = [
            (index, change)
            for index, signature in enumerate(signatures)
            if (change := _column_converter(signature)) is not None
        ]
        kinds = [signature["rawType"] for signature in signatures]
        self._width = sum(_WIDTH.get(kind, 0) for kind in kinds)
        self._texts = [i for i, kind in enumerate(kinds) if kind not in {*_WIDTH, *STRUCTURED}]
        self._nested = [i for i, kind in enumerate(kinds) if kind in STRUCTURED]

    def rows(self, page: Sequence[Sequence[Any]]) -> list[Row]:
        """The page's rows as plain values.

        Raises ``ValueError`` or ``OverflowError`` for what Python's types cannot hold, and
        ``QueryFailed`` for a map's key that the server wrote ambiguously.
        """
        if not self._changes:
            return list(map(tuple, page))
        columns: list[Sequence[object]] = list(zip(*page, strict=True))
        if not columns:
            return []
        for index, change in self._changes:
            columns[index] = change(columns[index])
        return list(zip(*columns, strict=True))

    def size_bytes(self, rows: Sequence[Row]) -> int:
        """About how many bytes these rows take as data."""
        return self._width * len(rows) + sum(
            sum(self._column_sizes(index, rows)) for index in (*self._texts, *self._nested)
        )

    def taken(
        self, rows: list[Row], room_rows: int, room_bytes: int
    ) -> tuple[list[Row], int, bool]:
        """As many first rows as there is room for, their bytes, and whether any were left out."""
        kept = rows[:room_rows]
        size = self.size_bytes(kept)
        if size > room_bytes:
            varying = [self._column_sizes(index, kept) for index in (*self._texts, *self._nested)]
            each = [self._width + sum(sizes) for sizes in zip(*varying, strict=True)]
            sums = list(accumulate(each or [self._width] * len(kept)))
            count = sum(total <= room_bytes for total in sums)
            kept, size = kept[:count], sums[count - 1] if count else 0
        return kept, size, len(kept) < len(rows)

    def _column_sizes(self, index: int, rows: Sequence[Row]) -> Iterable[int]:
        values: list[Any] = [row[index] for row in rows]
        return map(size_of if index in self._nested or None in values else len, values)


def size_of(value: object) -> int:
    """About how many bytes a value takes as data."""
    match value:
        case str() | bytes():
            return len(value)
        case list() | tuple():
            return sum(map(size_of, value))
        case dict():
            return sum(size_of(k) + size_of(v) for k, v in value.items())
        case None | bool():
            return 1
        case Decimal():
            return 16
    return 8


def converter(signature: Signature, *, texts: bool = False) -> Convert | None:
    """What turns a value of that type, not null, into a plain one; None where it is plain.

    ``texts`` says that it is, or lies in, a map's key, where each scalar is text.
    """
    kind = signature["rawType"]
    arguments = signature["arguments"]
    if kind == "array":
        element = converter(arguments[0]["value"], texts=texts)
        return element and (lambda value: _each(element, value))
    if kind == "map":
        return _map(arguments[0]["value"], arguments[1]["value"], texts=texts)
    if kind == "row":
        return _row([argument["value"] for argument in arguments], texts=texts)
    return (_OF_TEXT.get(kind) if texts else None) or _OF_JSON.get(kind)


def _column_converter(signature: Signature) -> Callable[[Sequence[Any]], Sequence[object]] | None:
    change = converter(signature)
    if change is None:
        return None
    return _floats if change is float else lambda values: _each(change, values)


def _floats(values: Sequence[Any]) -> Sequence[object]:
    # Only NaN and the infinities are text.
    return values if _FLOAT_OR_NULL.issuperset(map(type, values)) else _each(float, values)


def _each(change: Convert, values: Sequence[Any]) -> list[object]:
    if None in values:
        return [None if value is None else change(value) for value in values]
    return list(map(change, values))


def _row(fields: Sequence[Mapping[str, Any]], *, texts: bool) -> Convert:
    names = [(field.get("fieldName") or {}).get("name") for field in fields]
    changes = [converter(field["typeSignature"], texts=texts) or _same for field in fields]
    named = all(names) and len(set(names)) == len(names)

    def change(value: Sequence[Any]) -> object:
        items = [
            None if item is None else change(item)
            for change, item in zip(changes, value, strict=True)
        ]
        return dict(zip(names, items, strict=True)) if named else items

    return change


def _map(key: Signature, value: Signature, *, texts: bool) -> Convert:
    """Of a map that arrived as an object, or as pairs where its keys are structured."""
    of_text = converter(key, texts=True) or _same
    of_value = converter(value, texts=texts) or _same

    def entry(item: Any) -> object:
        return None if item is None else of_value(item)

    if key["rawType"] not in STRUCTURED:
        return lambda items: {of_text(k): entry(v) for k, v in items.items()}
    opened, of_pair = key_opener(key), converter(key, texts=texts) or _same
    return lambda items: (
        [[of_text(opened(k)), entry(v)] for k, v in items.items()]
        if isinstance(items, dict)
        else [[of_pair(k), entry(v)] for k, v in items]
    )


def _same(value: Any) -> object:
    return value


def _timestamp_with_zone(text: str) -> datetime:
    moment, _, zone = text.rpartition(" ")
    return datetime.fromisoformat(moment).replace(tzinfo=_zone(zone))


@cache
def _zone(name: str) -> tzinfo:
    if name[0] in "+-":
        away = timedelta(hours=int(name[1:3]), minutes=int(name[4:6]))
        return timezone(-away if name[0] == "-" else away)
    return ZoneInfo(name)


def _day_to_second(text: str) -> timedelta:
    days, _, clock = text.lstrip("-").partition(" ")
    hours, minutes, seconds = clock.split(":")
    whole, _, thousandths = seconds.partition(".")
    length = timedelta(
        days=int(days), hours=int(hours), minutes=int(minutes), seconds=int(whole),
        milliseconds=int(thousandths or 0),
    )  # fmt: skip
    return -length if text[0] == "-" else length


_OF_JSON: Final[Mapping[str, Convert]] = {
    "real": float,
    "double": float,
    "decimal": Decimal,
    "number": Decimal,
    "varbinary": a2b_base64,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "time with time zone": time.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "timestamp with time zone": _timestamp_with_zone,
    "interval day to second": _day_to_second,
}
_OF_TEXT: Final[Mapping[str, Convert]] = {
    "boolean": lambda text: text == "true",
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "bigint": int,
}
"""What a map's keys need first, since a key in JSON is text."""
