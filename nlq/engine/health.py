"""Whether an engine is worth asking: pings and the fates of its queries enter, advice leaves.

Nothing runs in the background. A ping is sent when somebody wants to know and the last sign of life
is too old; it has a thread of its own, so that whoever waits is free within their time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Final

from nlq.cancel import CancelToken
from nlq.engine.base import Engine
from nlq.errors import EngineUnavailable

FRESH_SECONDS: Final = 10.0
"""How long a sign of life is believed without a new ping."""

PING_SECONDS: Final = 3.0
"""Longest wait for one ping."""

_FIRST_REST: Final = 1.0
_LONGEST_REST: Final = 60.0
_LOOK_EVERY: Final = 0.05  # seconds between looks at the cancel token
_LAST_PING: Final = 10.0  # seconds that closing waits for a ping; the engines' own end earlier


class Health:
    """The health of one engine; safe to use from several threads at once.

    After a failure the engine rests: a second, then twice as long each time, up to a minute, until
    a query works there again. Pings that fail while it rests do not lengthen the rest.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: float | None = None
        self._failures = 0
        self._rest_until: float | None = None
        self._pinging: tuple[threading.Thread, Future[str]] | None = None

    @property
    def resting(self) -> bool:
        """Whether others should be asked first."""
        with self._lock:
            return self._rests()

    def worked(self) -> None:
        """A query went well there."""
        with self._lock:
            self._seen, self._rest_until, self._failures = self._clock(), None, 0

    def failed(self, error: EngineUnavailable) -> None:
        """It did not take or finish a query, or did not answer a ping."""
        with self._lock:
            self._seen = None
            if self._rests():
                return
            # A full queue is no fault that grows, and may be that of one group of people.
            if error.cause != "busy":
                self._failures += 1
            rest = _FIRST_REST * 2.0 ** max(0, self._failures - 1)
            self._rest_until = self._clock() + min(rest, _LONGEST_REST)

    def check(self, within: float = PING_SECONDS, cancel: CancelToken | None = None) -> None:
        """Return if there was a sign of life lately, or there is one within so many seconds.

        Raises ``EngineUnavailable``, "down" or "busy", where there is none, and ``Cancelled``.
        """
        with self._lock:
            fresh = self._seen is not None and self._clock() - self._seen < FRESH_SECONDS
        if fresh:
            return
        try:
            self.ping(within, cancel)
        except EngineUnavailable as error:
            if error.cause != "lost":
                raise
            # A lost ping is no lost query: none was sent.
            raise EngineUnavailable(error.message, hint=error.hint) from error

    def ping(self, within: float = PING_SECONDS, cancel: CancelToken | None = None) -> str:
        """The engine's name and version, asked for now.

        Raises ``EngineUnavailable`` and ``Cancelled``.
        """
        try:
            return self._answer(within, cancel)
        except TimeoutError as exc:
            silent = EngineUnavailable(
                f"{self._engine.name} did not answer within {within:.1f} s.",
                hint="Check that server; it may be overloaded.",
            )
            self.failed(silent)
            raise silent from exc

    def is_gone(self, within: float = PING_SECONDS, cancel: CancelToken | None = None) -> bool:
        """Whether it is known for sure that nothing runs at its address; silence is no proof."""
        try:
            self._answer(within, cancel)
        except EngineUnavailable as error:
            return error.cause == "down"
        except TimeoutError:
            return False
        return False

    def close(self) -> None:
        """Wait for a ping that is under way."""
        with self._lock:
            pinging = self._pinging
        if pinging is not None:
            pinging[0].join(_LAST_PING)

    def _rests(self) -> bool:
        return self._rest_until is not None and self._clock() < self._rest_until

    def _answer(self, within: float, cancel: CancelToken | None) -> str:
        """What a ping answers; all who ask at the same time share one."""
        with self._lock:
            if self._pinging is None:
                future: Future[str] = Future()
                thread = threading.Thread(
                    target=self._send, args=(future,), name="nlq-ping", daemon=True
                )
                self._pinging = thread, future
                thread.start()
            _, future = self._pinging
        until = time.monotonic() + within
        while (left := until - time.monotonic()) > 0:
            if cancel is not None:
                cancel.check()
            with suppress(TimeoutError):
                return future.result(min(left, _LOOK_EVERY))
        raise TimeoutError

    def _send(self, future: Future[str]) -> None:
        """Ping, in the ping's thread."""
        try:
            told = self._engine.ping()
        except EngineUnavailable as error:
            self.failed(error)
            self._ended()
            future.set_exception(error)
        except Exception as error:
            self._ended()
            future.set_exception(error)
        else:
            with self._lock:
                self._seen, self._rest_until = self._clock(), None
            self._ended()
            future.set_result(told)

    def _ended(self) -> None:
        with self._lock:
            self._pinging = None
