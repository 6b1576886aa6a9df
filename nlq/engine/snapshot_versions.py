"""Whether a query's tables on a server have changed: table names enter, a version leaves.

An Iceberg table's history grows with every change of its data, a rollback included: its length and
last entry are the version. A generated table (tpch, tpcds) never changes. For all others, Hive
tables above all, there is no sign that is both sure and cheap: partitions say nothing of files that
were replaced, and the files' own times take seconds to list. What a table is, is remembered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import Final

from nlq.engine.trino_client import Client
from nlq.errors import EngineError, QueryFailed

_SECONDS: Final = 2.0  # the most that a person waits for a version
_REMEMBERED_SECONDS: Final = 600.0  # a Hive table may become an Iceberg table
_BACK_OFF_SECONDS: Final = 30.0  # not every question is to wait for a server that is slow now
_GENERATED: Final = ("tpch", "tpcds")


class _Sign(Enum):
    """What tells that a table has changed."""

    HISTORY = "its history"
    UNCHANGING = "it never does"
    NONE = "nothing"


class SnapshotVersions:
    """Versions of the tables of one server; safe to use from several threads at once.

    ``clock`` gives seconds that only grow.
    """

    def __init__(self, client: Client, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._looking_up = threading.Lock()
        self._signs: dict[str, tuple[_Sign, float]] = {}

    def version(self, tables: tuple[str, ...], user: str) -> str | None:
        """The version of these tables, asked for as ``user``; None where it cannot be told."""
        deadline = self._clock() + _SECONDS
        told: list[str] = []
        try:
            for table in sorted(tables):
                sign = self._sign(table, user, deadline)
                if sign is _Sign.NONE:
                    return None
                if sign is _Sign.HISTORY:
                    told.append(table)
            return "; ".join([*sorted(tables), *self._states(told, user, deadline)])
        except EngineError:  # the run that follows meets it too, and tells the person
            return None

    def _sign(self, table: str, user: str, deadline: float) -> _Sign:
        if (known := self._known(table)) is not None:
            return known
        # One at a time, so that many who ask at once do not all look the same table up.
        if not self._looking_up.acquire(timeout=max(0.0, deadline - self._clock())):
            return _Sign.NONE
        try:
            if (known := self._known(table)) is not None:
                return known
            try:
                sign, seconds = self._looked_up(table, user, deadline), _REMEMBERED_SECONDS
            except QueryFailed:  # this person may not see it, or something broke
                raise
            except EngineError:
                sign, seconds = _Sign.NONE, _BACK_OFF_SECONDS
            self._signs[table] = (sign, self._clock() + seconds)
            return sign
        finally:
            self._looking_up.release()

    def _known(self, table: str) -> _Sign | None:
        sign, until = self._signs.get(table, (_Sign.NONE, 0.0))
        return sign if until > self._clock() else None

    def _looked_up(self, table: str, user: str, deadline: float) -> _Sign:
        """Raises ``EngineError`` where it is not known now: nothing is to be remembered then."""
        try:
            self._states([table], user, deadline)
        except QueryFailed as exc:
            if not exc.repairable:
                raise
        else:
            return _Sign.HISTORY
        catalog = table.split(".", 1)[0].replace("'", "''")
        try:
            found = self._rows(
                "SELECT connector_name FROM system.metadata.catalogs "
                f"WHERE catalog_name = '{catalog}'",
                user,
                deadline,
            )
        except QueryFailed as exc:  # PrestoDB does not tell a catalog's connector
            if not exc.repairable:
                raise
            return _Sign.NONE
        return _Sign.UNCHANGING if found and found[0][0] in _GENERATED else _Sign.NONE

    def _states(self, tables: list[str], user: str, deadline: float) -> list[str]:
        """The length and the last entry of each table's history."""
        if not tables:
            return []
        states = " UNION ALL ".join(
            f"SELECT {number} AS number, count(*) AS length, max(made_current_at) AS last_at, "
            f"max_by(snapshot_id, made_current_at) AS last_id FROM {_history(table)}"
            for number, table in enumerate(tables)
        )
        return [str(row) for row in sorted(self._rows(states, user, deadline))]

    def _rows(self, sql: str, user: str, deadline: float) -> list[list[object]]:
        seconds = max(0.1, deadline - self._clock())
        return self._client.rows(sql, user=user, seconds=seconds)


def _history(table: str) -> str:
    catalog, schema, name = (part.replace('"', '""') for part in table.split(".", 2))
    return f'"{catalog}"."{schema}"."{name}$history"'
