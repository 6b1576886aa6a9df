"""Questions take turns at what keeps the processor busy, so that the first are done early.

Fifty at once would each get a fiftieth of it: all of them would wait until the last is done with
its context, and only then ask their models. One after another, the first models write meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from nlq.cancel import CancelToken

AT_ONCE: Final = 4
"""More than one, since some of it waits: for an embedding server, or for the disk."""

_LOOK_S: Final = 1.0


class Turns:
    """At most ``at_once`` of them at a time; safe to use from several threads."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._free = threading.BoundedSemaphore(at_once)

    @contextmanager
    def take(self, cancel: CancelToken) -> Iterator[None]:
        """Wait for a turn; raises ``Cancelled`` where the person cancels meanwhile."""
        while not self._free.acquire(timeout=_LOOK_S):
            cancel.check()
        try:
            cancel.check()
            yield
        finally:
            self._free.release()
