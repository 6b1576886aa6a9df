"""Who a Slack user is: a user id goes in, the principal that the settings name for them comes out.

An e-mail address counts only where Slack says that it is that of a person of this workspace:
anybody else could give an address of their choice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from nlq.slack_settings import SlackPersonSettings
from nlq.types import Principal
from nlq_ui.slack.errors import SlackFailed
from nlq_ui.slack.web import Slack

_KNOWN_S: Final = 3600.0
_UNKNOWN_S: Final = 120.0


class People:
    """The people that may ask; safe to use from several threads.

    ``home`` are the ids of the workspace and of its organisation.
    """

    def __init__(
        self,
        people: Mapping[str, SlackPersonSettings],
        slack: Slack,
        home: frozenset[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._people = people
        self._by_mail = any("@" in key for key in people)
        self._slack = slack
        self._home = home
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, Principal | None]] = {}

    def who(self, user: str) -> Principal | None:
        """As whom that user asks; None where they may not. Raises ``SlackFailed``."""
        if user in self._people:
            return _principal(self._people[user])
        if not self._by_mail or not user:
            return None
        with self._lock:
            until, found = self._seen.get(user, (0.0, None))
        if until > self._clock():
            return found
        found = self._by_address(self._look_up(user))
        until = self._clock() + (_KNOWN_S if found else _UNKNOWN_S)
        with self._lock:
            self._seen[user] = (until, found)
        return found

    def _look_up(self, user: str) -> Mapping[str, Any]:
        try:
            return self._slack.user(user)
        except SlackFailed as exc:
            if exc.error in ("user_not_found", "user_not_visible"):
                return {"is_stranger": True}
            raise

    def _by_address(self, user: Mapping[str, Any]) -> Principal | None:
        outside = user.get("deleted") or user.get("is_bot") or user.get("is_stranger")
        if outside or user.get("is_email_confirmed") is False or not self._is_of_home(user):
            return None
        address = str((user.get("profile") or {}).get("email") or "").lower()
        person = self._people.get(address) if "@" in address else None
        return _principal(person) if person else None

    def _is_of_home(self, user: Mapping[str, Any]) -> bool:
        organisation = (user.get("enterprise_user") or {}).get("enterprise_id")
        return bool(self._home.intersection({user.get("team_id"), organisation}))


def _principal(person: SlackPersonSettings) -> Principal:
    return Principal(person.name, person.roles)
