"""Results kept from earlier runs, the least recently used dropped first where room runs out.

A key and a ``QueryResult`` enter; the result leaves again as long as it may stand for a new run.
Not safe for several threads at once: ``SharedResults`` holds the lock.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nlq.types import QueryResult, RunLimits

_SHARE: Final = 0.25  # of the room that one result may take
_ROW_BYTES: Final = 56  # of a tuple, without what it holds
_VALUE_BYTES: Final = 40  # of a value's object and the pointer to it, beside its data


@dataclass(frozen=True, slots=True)
class Asked:
    """What two questions must have alike to get the same result.

    ``version`` is the engine's ``data_version``: None where it cannot tell about changes.
    """

    rights: str
    sql: str
    version: str | None


@dataclass(frozen=True, slots=True)
class _Kept:
    version: str | None
    result: QueryResult
    limits: RunLimits
    size_bytes: int


class KeptResults:
    """Keeps up to ``room_bytes`` of results (approximate bytes of memory).

    A result whose data has a version is good for as long as the version is the same; another one
    for ``keep_s`` seconds from when its run began.
    """

    def __init__(self, *, keep_s: float, room_bytes: int) -> None:
        self._keep_s = keep_s
        self._room = room_bytes
        self._taken = 0
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    @property
    def size_bytes(self) -> int:
        """About how many bytes of memory the kept results take."""
        return self._taken

    def find(self, asked: Asked, limits: RunLimits, now: datetime) -> QueryResult | None:
        """The kept result, saying when it was computed, or None where a run is needed."""
        key = (asked.rights, asked.sql)
        kept = self._kept.get(key)
        if kept is None:
            return None
        if not self._is_good(kept, asked.version, now):
            self._drop(key)
            return None
        if not _fits(kept, limits):
            return None
        self._kept.move_to_end(key)
        return kept.result

    def keep(self, asked: Asked, limits: RunLimits, result: QueryResult) -> None:
        """Keep a result, unless it is too large; ``computed_at`` is when its run began."""
        size_bytes = _memory(asked.sql, result)
        if size_bytes > self._room * _SHARE or (asked.version is None and self._keep_s == 0):
            return
        key = (asked.rights, asked.sql)
        self._drop(key)
        self._kept[key] = _Kept(asked.version, result, limits, size_bytes)
        self._taken += size_bytes
        while self._taken > self._room:
            self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        """Drop everything."""
        self._kept.clear()
        self._taken = 0

    def _is_good(self, kept: _Kept, version: str | None, now: datetime) -> bool:
        if version is None or kept.version is None:
            began = kept.result.computed_at
            age = (now - began).total_seconds() if began else self._keep_s
            return version == kept.version and 0 <= age < self._keep_s
        return version == kept.version

    def _drop(self, key: tuple[str, str]) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._taken -= kept.size_bytes


def _fits(kept: _Kept, limits: RunLimits) -> bool:
    """Whether a run under these limits would have been cut off at the same place, or nowhere."""
    if kept.result.truncated:
        return (kept.limits.rows, kept.limits.size_bytes) == (limits.rows, limits.size_bytes)
    return len(kept.result.rows) <= limits.rows and kept.result.size_bytes <= limits.size_bytes


def _memory(sql: str, result: QueryResult) -> int:
    row = _ROW_BYTES + _VALUE_BYTES * len(result.columns)
    return 1_000 + len(sql) + result.size_bytes + row * len(result.rows)
