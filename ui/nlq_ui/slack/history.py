"""A person's questions in Slack among their conversations: they find them again on the page."""

from __future__ import annotations

import logging
from pathlib import Path

from nlq.errors import NlqError
from nlq.kept.conversations import Conversations
from nlq.kept.file import open_kept
from nlq.kept.rights import Rights
from nlq.types import Answer, Principal
from nlq_ui.opening import Opening

_LOG = logging.getLogger(__name__)


class History:
    """The conversations that are kept in the file at ``path``, for ``keep_days`` (0: for good)."""

    def __init__(self, path: Path, opening: Opening, keep_days: int = 0) -> None:
        self._opening = opening
        self._file = open_kept(path)
        self._kept = Conversations(self._file, self._rights, keep_days=keep_days)

    def add(self, thread: str, answer: Answer, principal: Principal) -> None:
        """Keep an answer in the person's conversation of that thread; what fails is logged."""
        if answer.turn is None:
            return
        try:
            self._kept.add(f"slack-{thread}-{principal.name}", answer, principal)
        except NlqError as exc:
            _LOG.error("a conversation was not kept: %s", exc)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rights(self) -> Rights:
        assistant = self._opening.ready(0)
        if assistant is None:
            raise NlqError("The assistant is not open.")
        return Rights(assistant.catalog, assistant.policy)
