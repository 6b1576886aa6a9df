"""What PrestoDB and Trino say about one table: statements leave, rows of their answers enter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import isfinite
from typing import Any, Final

from nlq.engine.type_widths import fixed_width

Rows = Sequence[Sequence[Any]]

_QUOTED_OR_COMMENT: Final = re.compile(
    r"""(?P<head>\n\)\s*COMMENT\s+)|'(?P<text>(?:[^']|'')*)'|"(?:[^"]|"")*\""""
)
_DAY: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")


def schemas_sql(catalog: str) -> str:
    """The schemas of a catalog."""
    return (
        f"SELECT schema_name FROM {name(catalog)}.information_schema.schemata "
        "WHERE schema_name <> 'information_schema' ORDER BY 1"
    )


def columns_sql(catalog: str, schema: str) -> str:
    """Table, column, type, comment and role of every column of a schema."""
    return (
        "SELECT table_name, column_name, data_type, comment, extra_info "
        f"FROM {name(catalog)}.information_schema.columns "
        f"WHERE table_schema = {text(schema)} ORDER BY table_name, ordinal_position"
    )


def comments_sql(catalog: str, schema: str) -> str:
    """Table and comment of every table of a schema; Trino alone has this."""
    return (
        "SELECT table_name, comment FROM system.metadata.table_comments "
        f"WHERE catalog_name = {text(catalog)} AND schema_name = {text(schema)}"
    )


def partitions_sql(table: str, columns: Sequence[str]) -> str:
    """How many partitions a table has, and the greatest value of each partition column."""
    greatest = "".join(f", max({name(column)})" for column in columns)
    return f"SELECT count(*){greatest} FROM {whole_name(table, '$partitions')}"


def whole_name(table: str, suffix: str = "") -> str:
    """``catalog.schema.table`` for a statement.

    >>> whole_name("lake.events.calls", "$partitions")
    '"lake"."events"."calls$partitions"'
    """
    *above, last = table.split(".", 2)
    return ".".join(name(part) for part in (*above, last + suffix))


def name(part: str) -> str:
    """An identifier for a statement."""
    return '"' + part.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text literal for a statement."""
    return "'" + value.replace("'", "''") + "'"


def table_comment(created: str) -> str:
    """The table's comment in the answer to SHOW CREATE TABLE; empty where it has none.

    >>> table_comment("CREATE TABLE a.b.c (\\n   x bigint COMMENT 'no'\\n)\\nCOMMENT 'It''s it'\\n")
    "It's it"
    """
    follows = False
    for found in _QUOTED_OR_COMMENT.finditer(created):
        if follows:
            return (found["text"] or "").replace("''", "'")
        follows = found["head"] is not None
    return ""


def sizes(stats: Rows, types: Mapping[str, str], *, trust_zero: bool) -> tuple[int | None, ...]:
    """Rows, and bytes in memory, in the answer to SHOW STATS; each None where it is unknown.

    ``trust_zero`` is whether a table of zero rows is empty: PrestoDB says so of every table that
    was never analysed.
    """
    total = next((row for row in stats if row[0] is None), None)
    rows = _number(total[4]) if total else None
    if rows is None or (rows == 0 and not trust_zero):
        return None, None
    told = {row[0]: row for row in stats if row[0] is not None}
    widths = [_column_bytes(told.get(column), kind, rows) for column, kind in types.items()]
    known = [width for width in widths if width is not None]
    return round(rows), round(sum(known)) if len(known) == len(widths) else None


def last_whole_day(greatest: Sequence[Any], today: date) -> date | None:
    """The latest day among partition values, but at most the day before ``today``.

    The first column that holds days counts: dates, ``2026-05-01`` or ``20260501``.
    """
    for value in greatest:
        if found := _DAY.fullmatch(str(value)):
            try:
                day = date(*map(int, found.groups()))
            except ValueError:
                continue
            return min(day, today - timedelta(days=1))
    return None


def _column_bytes(row: Sequence[Any] | None, kind: str, rows: float) -> float | None:
    if (width := fixed_width(kind)) is not None:
        return width * rows
    return _number(row[1]) if row else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if isfinite(value) else None
