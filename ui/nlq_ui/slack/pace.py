"""How often progress may be shown: within what Slack allows, with room left for what matters."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

CHANNEL_S: Final = 1.1
"""Seconds between two edits in one channel."""

A_MINUTE: Final = 40
"""Edits a minute in the whole workspace; Slack allows 50 and more."""


class Pace:
    """Says whether one more edit may be made now; one that may not is left out, never queued."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}
        self._made: deque[float] = deque()
        self._paused_until = 0.0

    def may(self, channel: str) -> bool:
        """Whether an edit may be made in ``channel``; counts it if so."""
        now = self._clock()
        with self._lock:
            while self._made and now - self._made[0] >= 60:
                self._made.popleft()
            late = now - self._last.get(channel, float("-inf")) >= CHANNEL_S
            if now < self._paused_until or len(self._made) >= A_MINUTE or not late:
                return False
            self._last = {c: at for c, at in self._last.items() if now - at < CHANNEL_S}
            self._last[channel] = now
            self._made.append(now)
            return True

    def pause(self, seconds: float) -> None:
        """Make no edit for so long: Slack asked for it."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)
