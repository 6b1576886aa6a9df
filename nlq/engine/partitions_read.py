"""How many partitions a scan reads: a plan's scan enters, a number leaves, or None for unknown.

A plan lists a few partitions one by one; of many it tells the first and the last, and what lies
between is counted in the table's own list of partitions, ``"t$partitions"``, as the principal.
Answers are kept for a short while, as one conversation asks about the same tables.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from nlq.engine.trino_client import Client
from nlq.engine.trino_client_plans import Key, Scan, Span
from nlq.errors import EngineUnavailable, QueryFailed, QueryTimeout

_SECONDS: Final = 5.0  # a list that takes longer is not worth the wait: unknown
_KEPT: Final = 2_000  # answers
_TEXT_KINDS: Final = ("string", "varchar", "char")
_CAST_KINDS: Final = {
    "date": "date", "int": "integer", "integer": "integer", "bigint": "bigint",
    "smallint": "smallint", "tinyint": "tinyint", "boolean": "boolean",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Counted:
    """``number`` is None where it could not be told; a table without a list is read as one."""

    number: int | None
    is_listed: bool = True


class PartitionCounts:
    """Counts partitions on one cluster; safe to use from several threads at once."""

    def __init__(
        self,
        client: Client,
        *,
        keep_s: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._keep_s = keep_s
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[float, _Counted]] = {}
        self._lock = threading.Lock()

    def read_by(self, scan: Scan, user: str) -> int | None:
        """Partitions that ``scan`` reads; 1 of a table without partitions."""
        if scan.keys is None:
            return None
        if not scan.keys:
            # A plan may also leave them out, where there are too many.
            whole = self._counted(scan.table, "", user)
            return None if whole.is_listed else 1
        only = scan.keys[0]
        if len(scan.keys) == 1 and all(span.is_one_value for span in only.spans):
            return len(only.spans) + only.with_null
        conditions = [_condition(key) for key in scan.keys]
        if "" in conditions:
            return None
        return self._counted(scan.table, f" WHERE {' AND '.join(conditions)}", user).number

    def of(self, table: str, user: str) -> int | None:
        """All partitions of a table; 1 of one without."""
        return self._counted(table, "", user).number

    def _counted(self, table: str, where: str, user: str) -> _Counted:
        if table.count(".") != 2:
            return _Counted(None)
        catalog, schema, name = (part.replace('"', '""') for part in table.split("."))
        sql = f'SELECT count(*) FROM "{catalog}"."{schema}"."{name}$partitions"{where}'
        now = self._clock()
        with self._lock:
            kept = self._kept.get((user, sql))
        if kept is not None and kept[0] > now:
            return kept[1]
        try:
            counted = _Counted(int(self._client.rows(sql, user=user, seconds=_SECONDS)[0][0]))
        except QueryFailed as exc:
            # The server has no such list: "does not exist". Otherwise it failed, or denies it.
            counted = _Counted(1, is_listed=False) if exc.repairable else _Counted(None)
        except QueryTimeout:
            counted = _Counted(None)  # nor is it worth the wait again soon
        except EngineUnavailable:
            return _Counted(None)
        with self._lock:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[user, sql] = now + self._keep_s, counted
        return counted


def _condition(key: Key) -> str:
    """What the key's spans say, in SQL; empty where the values cannot be written."""
    column = '"' + key.column.replace('"', '""') + '"'
    values = [_literal(s.low, key.kind) for s in key.spans if s.is_one_value and s.low is not None]
    parts = [f"{column} IN ({', '.join(values)})"] if values else []
    parts += [
        " AND ".join(_bounds(column, span, key.kind)) for span in key.spans if not span.is_one_value
    ]
    if key.with_null:
        parts.append(f"{column} IS NULL")
    known = key.kind.partition("(")[0] in (*_TEXT_KINDS, *_CAST_KINDS)
    return f"({' OR '.join(parts) or 'false'})" if known else ""


def _bounds(column: str, span: Span, kind: str) -> Iterator[str]:
    if span.low is None and span.high is None:
        yield f"{column} IS NOT NULL"
    if span.low is not None:
        yield f"{column} {'>=' if span.with_low else '>'} {_literal(span.low, kind)}"
    if span.high is not None:
        yield f"{column} {'<=' if span.with_high else '<'} {_literal(span.high, kind)}"


def _literal(value: str, kind: str) -> str:
    quoted = "'" + value.replace("'", "''") + "'"
    return f"CAST({quoted} AS {_CAST_KINDS[kind]})" if kind in _CAST_KINDS else quoted
