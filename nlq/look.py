"""A look at the lake's own values: questions about columns enter, guarded queries answer them."""

from __future__ import annotations

from nlq.cancel import CancelToken
from nlq.engine.base import Engine
from nlq.errors import GuardRefused, QueryFailed
from nlq.sql.guard import Guard
from nlq.types import Principal, QueryResult, RunLimits


class Look:
    """Asks the engine as ``principal``; what they may not see, or not without a filter, is unknown.

    ``seconds`` is the longest run of one query. Raises ``EngineError`` for a dead engine.
    """

    def __init__(self, guard: Guard, engine: Engine, principal: Principal, seconds: float) -> None:
        self._guard = guard
        self._engine = engine
        self._principal = principal
        self._seconds = seconds

    def values(self, table: str, column: str, limit: int) -> list[str]:
        """Up to ``limit`` different values that are not null, sorted."""
        found = self._ask(
            f'SELECT DISTINCT "{column}" FROM {table} WHERE "{column}" IS NOT NULL LIMIT {limit}',
            limit,
        )
        return sorted(str(value) for (value,) in found.rows) if found else []

    def is_key(self, table: str, column: str) -> bool:
        """Whether no two rows have the same value, and none is null."""
        found = self._ask(
            f'SELECT count(*) AS n, count(DISTINCT "{column}") AS distinct_n FROM {table}', 1
        )
        return found is not None and found.rows[0][0] == found.rows[0][1] != 0

    def within(self, table: str, column: str, key_table: str, key: str) -> bool:
        """Whether every value that is not null is also one of ``key``'s, and there are some."""
        found = self._ask(
            f'SELECT count(*) AS n, count(k."{key}") AS met FROM {table} AS t '
            f'LEFT JOIN {key_table} AS k ON t."{column}" = k."{key}" '
            f'WHERE t."{column}" IS NOT NULL',
            1,
        )
        return found is not None and found.rows[0][0] == found.rows[0][1] != 0

    def _ask(self, sql: str, rows: int) -> QueryResult | None:
        try:
            query = self._guard.check(sql, self._principal)
            return self._engine.run(query, RunLimits(self._seconds, rows), CancelToken())
        except (GuardRefused, QueryFailed):
            return None
