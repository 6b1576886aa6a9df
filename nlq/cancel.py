"""A cancel token: one thread asks to stop, the working thread and its resources hear of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nlq.errors import Cancelled


class CancelToken:
    """Says whether a person cancelled, and calls what was registered the moment they do.

    >>> token = CancelToken()
    >>> with token.calling(lambda: None):
    ...     token.cancelled
    False
    >>> token.cancel()
    >>> token.cancelled
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether ``cancel`` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask to stop; safe from any thread, and more than once."""
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    def check(self) -> None:
        """Raise ``Cancelled`` if the person cancelled."""
        if self.cancelled:
            raise Cancelled

    @contextmanager
    def calling(self, callback: Callable[[], None]) -> Iterator[None]:
        """While inside, call ``callback`` on cancel (at once if it has happened already)."""
        with self._lock:
            already = self._event.is_set()
            self._callbacks.append(callback)
        if already:
            callback()
        try:
            yield
        finally:
            with self._lock:
                self._callbacks.remove(callback)
