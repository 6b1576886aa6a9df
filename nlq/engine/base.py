"""The engine seam: what every query engine does for the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from nlq.cancel import CancelToken
from nlq.sql.guarded import GuardedQuery
from nlq.types import Estimate, QueryResult, RunLimits

OnProgress = Callable[[str, float | None], None]
"""Called with plain words and a share from 0 to 1 (None: unknown) while a query runs."""


class Engine(Protocol):
    """Runs guarded queries as their principal. Safe to use from several threads at once."""

    @property
    def name(self) -> str:
        """What to call it in answers and logs (``"duckdb"``, ``"presto:executive"``)."""

    def ping(self) -> str:
        """The engine's name and version; raises ``EngineUnavailable`` with what to do."""

    def estimate(self, query: GuardedQuery) -> Estimate:
        """What the query would read; also lets the engine check it (raises ``QueryFailed``)."""

    def run(
        self,
        query: GuardedQuery,
        limits: RunLimits,
        cancel: CancelToken,
        on_progress: OnProgress | None = None,
    ) -> QueryResult:
        """Run it. Raises ``QueryFailed``, ``QueryTimeout``, ``EngineUnavailable``, ``Cancelled``.

        Rows past ``limits.rows`` or bytes past ``limits.size_bytes`` are cut off and the result
        says ``truncated``.
        """

    def data_version(self, query: GuardedQuery) -> str | None:
        """A text that is another one once the data of any table of the query has changed.

        None where that cannot be told (or not cheaply); never raises for an engine that is down.
        """

    def close(self) -> None:
        """Free what it holds; safe to call twice."""
