"""Conversations: answered turns go in, the earlier turns of a conversation come out.

They are kept in memory, for each principal (name and roles) apart, at most so many and for so long
after the last turn. One that is gone begins anew, which ``earlier_turns`` of an answer tells.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from nlq.types import Principal, Turn

MOST: Final = 100
"""Conversations of one principal."""

MOST_TURNS: Final = 20
"""Turns of one conversation; the oldest ones go first."""

_Kept = OrderedDict[str, tuple[float, tuple[Turn, ...]]]


class Conversations:
    """The turns of every conversation; safe to use from several threads at once."""

    def __init__(self, keep_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._keep_s = keep_s
        self._clock = clock
        self._lock = threading.Lock()
        self._of: dict[Principal, _Kept] = {}

    def turns(self, principal: Principal, id: str) -> tuple[Turn, ...]:
        """The earlier turns, oldest first; none where there is no such conversation of theirs."""
        with self._lock:
            _, turns = self._live(principal).get(id, (0.0, ()))
            return turns

    def add(self, principal: Principal, id: str, turn: Turn) -> None:
        """Keep one more turn."""
        with self._lock:
            self._forget_the_gone()
            kept = self._live(principal)
            _, turns = kept.pop(id, (0.0, ()))
            kept[id] = (self._clock() + self._keep_s, (*turns, turn)[-MOST_TURNS:])
            if len(kept) > MOST:
                kept.popitem(last=False)

    def _forget_the_gone(self) -> None:
        """Let go of what is too old, also of people who do not come any more."""
        for other in list(self._of):
            if not self._live(other):
                del self._of[other]

    def _live(self, principal: Principal) -> _Kept:
        """Those of a principal, without the ones whose time is over (the oldest come first)."""
        kept = self._of.setdefault(principal, OrderedDict())
        now = self._clock()
        while kept and next(iter(kept.values()))[0] <= now:
            kept.popitem(last=False)
        return kept
