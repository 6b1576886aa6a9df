"""Threads as conversations: what was asked in a thread goes in, what a person may go on from out.

A turn is open to whoever took it. To others it is only where its answer was shown to all, and their
own rights let its query pass: a prompt must hold nothing that the one who asks may not see.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from nlq.types import Principal, Turn
from nlq_ui.opening import Assistant
from nlq_ui.slack.kept import Kept, KeptTurn
from nlq_ui.slack.rights import may_see

_LOCKS: Final = 2000


def thread_id(channel: str, ts: str) -> str:
    """The name of the thread that begins with the message ``ts``."""
    return f"{channel}:{ts}"


class Talks:
    """The conversations, and one place in each: its questions are answered one after another."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._places: OrderedDict[str, threading.Lock] = OrderedDict()

    def turns(self, assistant: Assistant, thread: str, principal: Principal) -> tuple[Turn, ...]:
        """The earlier turns of a thread that ``principal`` may go on from, oldest first."""
        return tuple(
            kept.turn
            for kept in self._kept.turns(thread)
            if kept.principal == principal
            or (kept.public and may_see(assistant, kept.turn.sql, kept.principal, principal))
        )

    def add(self, thread: str, principal: Principal, turn: Turn, *, public: bool) -> None:
        """Keep one more turn."""
        self._kept.add_turn(thread, KeptTurn(principal, turn, public))

    def place(self, thread: str) -> threading.Lock:
        """What a question holds while it is answered."""
        with self._lock:
            place = self._places.pop(thread, None) or threading.Lock()
            self._places[thread] = place
            while len(self._places) > _LOCKS:
                self._places.popitem(last=False)
            return place
