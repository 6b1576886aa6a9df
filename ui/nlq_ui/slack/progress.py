"""Shows how far a question is: words come as they will, edits are made as often as they may be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from nlq_ui.slack.errors import SlackFailed
from nlq_ui.slack.pace import Pace

_LOOK_S: Final = 0.1


class Progress:
    """The latest words, shown from a thread of its own while the block runs, never after it.

    ``edit`` puts words in the message's place; what Slack refuses is left out.
    """

    def __init__(self, edit: Callable[[str], None], pace: Pace, channel: str) -> None:
        self._edit = edit
        self._pace = pace
        self._channel = channel
        self._words = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="slack-progress", daemon=True)

    def say(self, words: str) -> None:
        """Have ``words`` shown as soon as may be."""
        self._words = words

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        shown = ""
        while not self._over.wait(_LOOK_S):
            words = self._words
            if words == shown or not self._pace.may(self._channel):
                continue
            try:
                self._edit(words)
            except SlackFailed as exc:
                self._pace.pause(exc.retry_s)
            shown = words
