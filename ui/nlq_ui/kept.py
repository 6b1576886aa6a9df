"""What the page keeps for people, and by whose rights it is shown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from nlq.kept.conversations import Conversations
from nlq.kept.file import open_kept
from nlq.kept.pins import Pins
from nlq.kept.rights import Rights
from nlq.settings import Settings


@dataclass(frozen=True, slots=True)
class Kept:
    """Conversations and pins of everyone."""

    conversations: Conversations
    pins: Pins


class RightsOfNow:
    """The rights by which kept things are shown: the assistant's own, once it is open.

    Until then ``load`` gives them; it raises what reading the catalog or the policy raises.
    """

    def __init__(self, load: Callable[[], Rights]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._rights: Rights | None = None

    def use(self, rights: Rights) -> None:
        """Take these from now on."""
        with self._lock:
            self._rights = rights

    def __call__(self) -> Rights:
        """The rights."""
        with self._lock:
            if self._rights is None:
                self._rights = self._load()
            return self._rights


def load_rights(settings: Settings) -> Rights:
    """The rights that the settings' policy grants over their catalog."""
    from nlq.assemble import load_catalog, load_policy

    return Rights(load_catalog(settings), load_policy(settings))


def open_for(settings: Settings, rights: Callable[[], Rights]) -> Kept:
    """What is kept in the file that the settings name."""
    file = open_kept(settings.kept_path)
    conversations = Conversations(file, rights, keep_days=settings.kept_days)
    return Kept(conversations, Pins(file, rights))
