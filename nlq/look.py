"""A look at the lake's own values: questions about columns enter, guarded queries answer them."""

from __future__ import annotations

from nlq.cancel import CancelToken
from nlq.catalog.keys import Counts
from nlq.engine.base import Engine
from nlq.errors import GuardRefused, QueryFailed, QueryTimeout
from nlq.sql.guard import Guard
from nlq.types import Principal, QueryResult, RunLimits


class Look:
    """Asks the engine as ``principal``; what they may not see, or not without a filter, is unknown.

    ``seconds`` is the longest run of one query; what takes longer is unknown too. Raises
    ``EngineError`` for a dead engine.
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

    def counts(self, table: str, columns: tuple[str, ...]) -> Counts | None:
        """How many rows there are, and how many different values of these columns together."""
        quoted = [f'"{column}"' for column in columns]
        filled = " AND ".join(f"{column} IS NOT NULL" for column in quoted)
        found = self._ask(
            f"SELECT (SELECT count(*) FROM {table}) AS n, count(*) AS distinct_n, "
            f"coalesce(sum(t.n), 0) AS filled FROM (SELECT count(*) AS n FROM {table} "
            f"WHERE {filled} GROUP BY {', '.join(quoted)}) AS t",
            1,
        )
        if found is None:
            return None
        rows, distinct, filled_rows = (int(str(number)) for number in found.rows[0])
        return Counts(rows, filled_rows, distinct)

    def met(self, table: str, column: str, key_table: str, key: str) -> tuple[int, int] | None:
        """How many different values the column has, and how many of them the key has too."""
        found = self._ask(
            f'SELECT count(*) AS n, count(k.v) AS met FROM (SELECT DISTINCT "{column}" AS v '
            f'FROM {table} WHERE "{column}" IS NOT NULL) AS t LEFT JOIN (SELECT DISTINCT '
            f'"{key}" AS v FROM {key_table} WHERE "{key}" IS NOT NULL) AS k ON t.v = k.v',
            1,
        )
        return (int(str(found.rows[0][0])), int(str(found.rows[0][1]))) if found else None

    def _ask(self, sql: str, rows: int) -> QueryResult | None:
        try:
            query = self._guard.check(sql, self._principal)
            return self._engine.run(query, RunLimits(self._seconds, rows), CancelToken())
        except (GuardRefused, QueryFailed, QueryTimeout):
            return None
