"""One run of a query that several people wait for, each free to leave.

A function that runs the query enters; its result or error leaves, to everyone who still waits. The
run has a thread and a cancel token of its own, so that it belongs to nobody: a person who cancels
or runs out of time only leaves, and the last one to leave ends it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from nlq.cancel import CancelToken
from nlq.engine.base import OnProgress
from nlq.errors import Cancelled, EngineUnavailable, QueryTimeout
from nlq.types import QueryResult

Work = Callable[[CancelToken, OnProgress], QueryResult]

_GRACE_SECONDS: Final = 1.0  # the engine's own time-out comes first: it knows more
_END_WITHIN: Final = 2.0  # seconds for the engine to hear that nobody waits any more


class SharedRun:
    """A run from its start to its end. ``waiting`` is how many people are to be told of it.

    Whoever makes it counts as the first of them; a further one calls ``join``. Both that and
    ``left`` are called under the lock of whoever hands runs out, so that nobody joins a run that
    was given up.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._cancel = CancelToken()
        self._news = threading.Condition()
        self._progress: tuple[int, str, float | None] = (0, "", None)
        self._result: QueryResult | None = None
        self._error: BaseException | None = None
        self._over = threading.Event()
        self.waiting = 1
        threading.Thread(target=self._run, name="nlq-run", daemon=True).start()

    def wait(
        self, seconds: float, cancel: CancelToken, on_progress: OnProgress | None
    ) -> QueryResult:
        """The result, for one who waits at most ``seconds``.

        Raises ``Cancelled`` when this one's own token is cancelled, ``QueryTimeout`` when their
        own seconds are over, and whatever error the run ended with. ``on_progress`` is called in
        the thread that waits; of several messages at once it hears the last.
        """
        deadline = time.monotonic() + seconds + _GRACE_SECONDS
        heard = 0
        with cancel.calling(self._wake):
            while True:
                over, (count, text, share) = self._next(heard, cancel, deadline)
                cancel.check()
                if count != heard and on_progress is not None:
                    on_progress(text, share)
                heard = count
                if over:
                    return self._outcome()
                if time.monotonic() >= deadline:
                    raise QueryTimeout(
                        f"The query ran past its limit of {seconds:g} s.",
                        hint="Narrow it to fewer days, or raise engine.seconds.",
                    )

    def end(self) -> None:
        """End the run, and give the engine the time to hear of it."""
        self._cancel.cancel()
        self._over.wait(_END_WITHIN)

    def _next(
        self, heard: int, cancel: CancelToken, deadline: float
    ) -> tuple[bool, tuple[int, str, float | None]]:
        """Wait until there is news: whether the run is over, and its numbered latest message."""

        def is_news() -> bool:
            return self._over.is_set() or cancel.cancelled or self._progress[0] != heard

        with self._news:
            self._news.wait_for(is_news, max(0.0, deadline - time.monotonic()))
            return self._over.is_set(), self._progress

    def _outcome(self) -> QueryResult:
        if self._result is not None:
            return self._result
        assert self._error is not None  # a run that is over has one of the two
        if isinstance(self._error, Cancelled):  # nobody who waits here cancelled it
            raise EngineUnavailable(
                "The engine was closed while the query ran.", hint="Ask again."
            ) from self._error
        raise self._error

    def _run(self) -> None:
        try:
            self._result = self._work(self._cancel, self._say)
        except BaseException as exc:  # whatever it was, those who wait must hear of it
            self._error = exc
        self._over.set()
        self._wake()

    def _say(self, text: str, share: float | None) -> None:
        with self._news:
            self._progress = (self._progress[0] + 1, text, share)
            self._news.notify_all()

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()
