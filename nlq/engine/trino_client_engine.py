"""PrestoDB and Trino as engines: a ``GuardedQuery`` enters, a ``QueryResult`` leaves.

Queries run as their principal, with nlq as their source. The engines' own caps look about once a
second and let short queries pass, so rows, bytes and seconds are counted here too; theirs are set
as a second line, for when this program dies.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from trino.auth import Authentication

from nlq.cancel import CancelToken
from nlq.engine.base import OnProgress
from nlq.engine.partitions_read import PartitionCounts
from nlq.engine.snapshot_versions import SnapshotVersions
from nlq.engine.trino_client import Client, Cluster, Kind
from nlq.engine.trino_client_estimate import Estimator
from nlq.engine.trino_client_values import Row
from nlq.engine.waiting import until_taken
from nlq.errors import EngineUnavailable
from nlq.sql.guarded import GuardedQuery
from nlq.types import Estimate, QueryResult, RunLimits

_EXPLAIN_SECONDS: Final = 30.0
_GRACE_SECONDS: Final = 5  # the server's limit comes after ours, so that ours tells the person
_SCAN_CAP: Final[Mapping[Kind, str]] = {
    "presto": "query_max_scan_raw_input_bytes",
    "trino": "query_max_scan_physical_bytes",
}


class ServerEngine:
    """What both engines share. ``name`` is what answers and logs call it.

    ``queue_wait_s`` is how long a query is tried again while the server takes none, None for as
    long as the query's own time allows; 0 is for a router, which can ask another server.
    ``table_bytes`` tells the whole size of a table, for estimates where the server has none.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        name: str,
        queue_wait_s: float | None = None,
        table_bytes: Callable[[str], int | None] = lambda _: None,
    ) -> None:
        self._client = Client(cluster)
        self._versions = SnapshotVersions(self._client)
        self._estimator = Estimator(self._explain, PartitionCounts(self._client), table_bytes)
        self._name = name
        self._queue_wait_s = math.inf if queue_wait_s is None else queue_wait_s
        self._closed = False

    @property
    def name(self) -> str:
        """What to call it in answers and logs."""
        return self._name

    def ping(self) -> str:
        """The server's name and version; raises ``EngineUnavailable`` with what to do."""
        self._check_open()
        return self._client.version()

    def estimate(self, query: GuardedQuery) -> Estimate:
        """What the query would read, as far as the server can tell; None is unknown.

        Raises ``QueryFailed`` where the server turns the query down.
        """
        self._check(query)
        return self._estimator.estimate(query)

    def run(
        self,
        query: GuardedQuery,
        limits: RunLimits,
        cancel: CancelToken,
        on_progress: OnProgress | None = None,
    ) -> QueryResult:
        """Run it; see ``nlq.engine.base.Engine``, and ``TooCostly`` past ``limits.read_bytes``.

        It is started once, whatever happens: only what was turned away unstarted is sent again.
        """
        self._check(query)
        started = time.perf_counter()

        def send(left: float) -> QueryResult:
            return self._run(query, replace(limits, seconds=left), cancel, on_progress)

        result = until_taken(
            send,
            seconds=limits.seconds,
            wait_s=self._queue_wait_s,
            cancel=cancel,
            on_progress=on_progress,
        )
        return replace(result, seconds=time.perf_counter() - started)

    def _run(
        self,
        query: GuardedQuery,
        limits: RunLimits,
        cancel: CancelToken,
        on_progress: OnProgress | None,
    ) -> QueryResult:
        session = {"query_max_run_time": f"{math.ceil(limits.seconds) + _GRACE_SECONDS}s"}
        if limits.read_bytes is not None:
            session[_SCAN_CAP[self._client.cluster.kind]] = f"{limits.read_bytes}B"
        rows: list[Row] = []
        size_bytes, truncated = 0, False
        with self._client.start(
            query.sql,
            user=query.principal.name,
            seconds=limits.seconds,
            cancel=cancel,
            on_progress=on_progress,
            session=session,
            most_read=limits.read_bytes,
        ) as statement:
            for page in statement.pages():
                kept, size, truncated = statement.values.taken(
                    page, limits.rows - len(rows), limits.size_bytes - size_bytes
                )
                rows += kept
                size_bytes += size
                if truncated:
                    break
            return QueryResult(
                columns=statement.columns,
                rows=tuple(rows),
                truncated=truncated,
                size_bytes=size_bytes,
                engine=self.name,
                query_id=statement.id,
                read_bytes=statement.read_bytes,
            )

    def data_version(self, query: GuardedQuery) -> str | None:
        """That of its tables, where the server can tell; see ``nlq.engine.base.Engine``."""
        return self._versions.version(query.tables, query.principal.name)

    def close(self) -> None:
        """Free what it holds; safe to call twice."""
        self._closed = True
        self._client.close()

    def _explain(self, options: str, query: GuardedQuery) -> str:
        rows = until_taken(
            lambda left: self._client.rows(
                f"EXPLAIN ({options}) {query.sql}", user=query.principal.name, seconds=left
            ),
            seconds=_EXPLAIN_SECONDS,
            wait_s=self._queue_wait_s,
            cancel=CancelToken(),
        )
        return str(rows[0][0]) if rows else ""

    def _check(self, query: GuardedQuery) -> None:
        if not isinstance(query, GuardedQuery):
            raise TypeError(f"The engine runs a GuardedQuery, not {type(query).__name__}.")
        self._check_open()

    def _check_open(self) -> None:
        if self._closed:
            raise EngineUnavailable(f"The engine {self.name} is closed.")


class TrinoEngine(ServerEngine):
    """Runs guarded queries on the Trino server at ``url``.

    For the arguments see ``ServerEngine`` and ``nlq.engine.trino_client.Cluster``.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str = "trino",
        client_tags: tuple[str, ...] = (),
        session: Mapping[str, str] | None = None,
        timezone: str = "UTC",
        queue_wait_s: float | None = None,
        auth: Authentication | None = None,
        verify: bool | str = True,
    ) -> None:
        cluster = Cluster(
            "trino", url, client_tags=client_tags, session=session or {}, timezone=timezone,
            auth=auth, verify=verify,
        )  # fmt: skip
        super().__init__(cluster, name=name, queue_wait_s=queue_wait_s)


class PrestoEngine(ServerEngine):
    """Runs guarded queries on the PrestoDB server at ``url``; arguments as ``TrinoEngine``'s."""

    def __init__(
        self,
        url: str,
        *,
        name: str = "presto",
        client_tags: tuple[str, ...] = (),
        session: Mapping[str, str] | None = None,
        timezone: str = "UTC",
        queue_wait_s: float | None = None,
        auth: Authentication | None = None,
        verify: bool | str = True,
    ) -> None:
        cluster = Cluster(
            "presto", url, client_tags=client_tags, session=session or {}, timezone=timezone,
            auth=auth, verify=verify,
        )  # fmt: skip
        super().__init__(cluster, name=name, queue_wait_s=queue_wait_s)
