"""PrestoDB and Trino as engines: a ``GuardedQuery`` enters, a ``QueryResult`` leaves.

Queries run as their principal, with nlq as their source. The engines' own caps look about once a
second and let short queries pass, so rows, bytes and seconds are counted here too; theirs are set
as a second line, for when this program dies.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from trino.auth import Authentication

from nlq.cancel import CancelToken
from nlq.engine.base import OnProgress
from nlq.engine.snapshot_versions import SnapshotVersions
from nlq.engine.trino_client import Client, Cluster, Kind
from nlq.engine.trino_client_plans import from_distributed_plan, from_io_plan
from nlq.engine.trino_client_values import Row
from nlq.errors import EngineUnavailable, QueryFailed
from nlq.sql.guarded import GuardedQuery
from nlq.types import Estimate, QueryResult, RunLimits

_EXPLAIN_SECONDS: Final = 30.0
_GRACE_SECONDS: Final = 5  # the server's limit comes after ours, so that ours tells the person
_SCAN_CAP: Final[Mapping[Kind, str]] = {
    "presto": "query_max_scan_raw_input_bytes",
    "trino": "query_max_scan_physical_bytes",
}


class ServerEngine:
    """What both engines share. ``name`` is what answers and logs call it."""

    def __init__(self, cluster: Cluster, *, name: str, scan_bytes: int | None = None) -> None:
        if scan_bytes is not None:
            cap = {_SCAN_CAP[cluster.kind]: f"{scan_bytes}B"}
            cluster = replace(cluster, session={**cap, **cluster.session})
        self._client = Client(cluster)
        self._versions = SnapshotVersions(self._client)
        self._name = name
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
        """Rows and bytes that the query would read, as far as statistics tell; None is unknown.

        Raises ``QueryFailed`` where the server turns the query down.
        """
        self._check(query)
        self._explain("TYPE VALIDATE", query)
        return self._planned(query)

    def run(
        self,
        query: GuardedQuery,
        limits: RunLimits,
        cancel: CancelToken,
        on_progress: OnProgress | None = None,
    ) -> QueryResult:
        """Run it; see ``nlq.engine.base.Engine``. It is sent once, whatever happens."""
        self._check(query)
        started = time.perf_counter()
        rows: list[Row] = []
        size_bytes, truncated = 0, False
        with self._client.start(
            query.sql,
            user=query.principal.name,
            seconds=limits.seconds,
            cancel=cancel,
            on_progress=on_progress,
            session={"query_max_run_time": f"{math.ceil(limits.seconds) + _GRACE_SECONDS}s"},
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
                seconds=time.perf_counter() - started,
                engine=self.name,
                query_id=statement.id,
            )

    def data_version(self, query: GuardedQuery) -> str | None:
        """That of its tables, where the server can tell; see ``nlq.engine.base.Engine``."""
        return self._versions.version(query.tables, query.principal.name)

    def close(self) -> None:
        """Free what it holds; safe to call twice."""
        self._closed = True
        self._client.close()

    def _planned(self, query: GuardedQuery) -> Estimate:
        raise NotImplementedError

    def _explain(self, options: str, query: GuardedQuery) -> str:
        rows = self._client.rows(
            f"EXPLAIN ({options}) {query.sql}",
            user=query.principal.name,
            seconds=_EXPLAIN_SECONDS,
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

    ``scan_bytes`` is the most that one query may read there. For the other arguments see
    ``nlq.engine.trino_client.Cluster``.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str = "trino",
        client_tags: tuple[str, ...] = (),
        session: Mapping[str, str] | None = None,
        timezone: str = "UTC",
        scan_bytes: int | None = None,
        auth: Authentication | None = None,
        verify: bool | str = True,
    ) -> None:
        cluster = Cluster(
            "trino", url, client_tags=client_tags, session=session or {}, timezone=timezone,
            auth=auth, verify=verify,
        )  # fmt: skip
        super().__init__(cluster, name=name, scan_bytes=scan_bytes)

    def _planned(self, query: GuardedQuery) -> Estimate:
        try:
            return from_io_plan(self._explain("TYPE IO, FORMAT JSON", query))
        except QueryFailed:  # some shapes have no IO form
            return from_distributed_plan(self._explain("TYPE DISTRIBUTED, FORMAT JSON", query))


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
        scan_bytes: int | None = None,
        auth: Authentication | None = None,
        verify: bool | str = True,
    ) -> None:
        cluster = Cluster(
            "presto", url, client_tags=client_tags, session=session or {}, timezone=timezone,
            auth=auth, verify=verify,
        )  # fmt: skip
        super().__init__(cluster, name=name, scan_bytes=scan_bytes)

    def _planned(self, query: GuardedQuery) -> Estimate:
        # PrestoDB's IO form tells no sizes, and fails on tables partitioned by a date.
        return from_distributed_plan(self._explain("TYPE DISTRIBUTED, FORMAT JSON", query))
