"""Who is present: a channel goes in, the principals of everyone in it come out, if all are known.

Fails closed: where one member is unknown, or the list cannot be had, nobody is known.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from nlq.types import Principal
from nlq_ui.slack.errors import SlackFailed
from nlq_ui.slack.people import People
from nlq_ui.slack.web import Slack

_LOG = logging.getLogger(__name__)

MOST: Final = 500
"""Members of a channel that are looked at; a larger one counts as not known."""

_KEEP_S: Final = 30.0


class Audience:
    """Who is in which channel, kept for half a minute; safe to use from several threads."""

    def __init__(
        self, slack: Slack, people: People, bot: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._slack = slack
        self._people = people
        self._bot = bot
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, frozenset[Principal] | None]] = {}

    def present(self, channel: str) -> frozenset[Principal] | None:
        """Everyone in the channel; None where one of them is not known."""
        with self._lock:
            until, found = self._seen.get(channel, (0.0, None))
        if until > self._clock():
            return found
        found = self._look(channel)
        with self._lock:
            self._seen[channel] = (self._clock() + _KEEP_S, found)
        return found

    def _look(self, channel: str) -> frozenset[Principal] | None:
        present: set[Principal] = set()
        try:
            for count, user in enumerate(self._slack.members(channel)):
                if user == self._bot:
                    continue
                principal = self._people.who(user) if count < MOST else None
                if principal is None:
                    return None
                present.add(principal)
        except SlackFailed as exc:
            _LOG.warning("who is in the channel %s is not known: %s", channel, exc)
            return None
        return frozenset(present)
