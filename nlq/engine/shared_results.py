"""An engine around another one: equal questions by the same rights share results and runs.

A ``GuardedQuery`` enters, a ``QueryResult`` leaves: a kept one where the data has not changed
since, that of a run already on its way, or that of a new run. Errors are never kept, and neither
is what would come out differently when run again (``nlq.sql.repeatable``). Uber's Preon reuses
results by the fingerprint of the canonical tree; here the rendered tree itself, which is what is
sent, is the key, so that two queries are never taken for one.

A kept result rests on the rights that the caller tells and, where the engine has rights of its own,
on the pipeline's order: ``estimate`` always asks the engine, which turns down whoever lost them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from nlq.cancel import CancelToken
from nlq.engine.base import Engine, OnProgress
from nlq.engine.kept_results import Asked, KeptResults
from nlq.engine.shared_runs import SharedRun
from nlq.errors import EngineUnavailable
from nlq.sql.guarded import GuardedQuery
from nlq.sql.repeatable import is_repeatable
from nlq.types import Estimate, Principal, QueryResult, RunLimits


class SharedResults:
    """Runs what ``engine`` would run, as seldom as it can. Safe for several threads at once.

    ``rights`` gives a text that is the same only for principals with the same rights. A result is
    kept while ``engine.data_version`` stays the same, or for ``keep_s`` seconds where that is None;
    ``room_bytes`` is the memory for kept results, 0 for none. ``now`` is the time in UTC.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        rights: Callable[[Principal], str],
        keep_s: float,
        room_bytes: int,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._rights = rights
        self._now = now
        self._lock = threading.Lock()
        self._kept = KeptResults(keep_s=keep_s, room_bytes=room_bytes)
        self._runs: dict[tuple[Asked, RunLimits], SharedRun] = {}
        self._closed = False

    @property
    def name(self) -> str:
        """What to call the engine in answers and logs."""
        return self._engine.name

    def ping(self) -> str:
        """The engine's name and version; raises ``EngineUnavailable`` with what to do."""
        return self._engine.ping()

    def estimate(self, query: GuardedQuery) -> Estimate:
        """What the engine says that the query would read; raises ``QueryFailed``."""
        return self._engine.estimate(query)

    def data_version(self, query: GuardedQuery) -> str | None:
        """See ``nlq.engine.base.Engine``."""
        return self._engine.data_version(query)

    def run(
        self,
        query: GuardedQuery,
        limits: RunLimits,
        cancel: CancelToken,
        on_progress: OnProgress | None = None,
    ) -> QueryResult:
        """Run it, or get the result otherwise; see ``nlq.engine.base.Engine``.

        ``computed_at`` of a kept result is when its run began; it read no bytes this time.
        """
        if not is_repeatable(query):
            return self._engine.run(query, limits, cancel, on_progress)
        cancel.check()
        started = time.perf_counter()
        # Before the run, so that a change while it runs makes the result that of an old version.
        version = self._engine.data_version(query)
        asked = Asked(self._rights(query.principal), query.sql, version)
        with self._lock:
            if self._closed:
                raise EngineUnavailable(f"The engine {self.name} is closed.")
            kept = self._kept.find(asked, limits, self._now())
            if kept is not None:
                seconds = time.perf_counter() - started
                return replace(kept, seconds=seconds, read_bytes=0, unchanged=version is not None)
            run = self._join(query, asked, limits)
        try:
            return run.wait(limits.seconds, cancel, on_progress)
        finally:
            self._leave(run, asked, limits)

    def close(self) -> None:
        """End what runs, drop what is kept and close the engine; safe to call twice."""
        with self._lock:
            self._closed = True
            runs = list(self._runs.values())
            self._kept.clear()
        for run in runs:
            run.end()
        self._engine.close()

    def _join(self, query: GuardedQuery, asked: Asked, limits: RunLimits) -> SharedRun:
        """The run that is on its way, with one more who waits, or a new one."""
        key = (asked, limits)
        if key in self._runs:
            self._runs[key].waiting += 1
            return self._runs[key]

        def work(cancel: CancelToken, on_progress: OnProgress) -> QueryResult:
            began, result = self._now(), None
            try:
                result = self._engine.run(query, limits, cancel, on_progress)
                return result
            finally:
                with self._lock:
                    self._forget(run, key)
                    if result is not None and not self._closed:
                        self._kept.keep(asked, limits, replace(result, computed_at=began))

        run = self._runs[key] = SharedRun(work)
        return run

    def _leave(self, run: SharedRun, asked: Asked, limits: RunLimits) -> None:
        with self._lock:
            run.waiting -= 1
            last = run.waiting == 0
            if last:
                self._forget(run, (asked, limits))
        if last:
            run.end()

    def _forget(self, run: SharedRun, key: tuple[Asked, RunLimits]) -> None:
        """Let nobody join a run any more; a newer one under the same key stays."""
        if self._runs.get(key) is run:
            del self._runs[key]
