"""Opens the assistant beside the page: it takes a while, and the page must be there at once.

A function that opens an assistant goes in; whoever asks sees how far it is, and gets the assistant
or the error. A failed opening is tried anew when the next question comes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, Protocol

from nlq.cancel import CancelToken
from nlq.types import Answer, Context, Event, Principal, QueryResult, Turn

if TYPE_CHECKING:
    from nlq.catalog.catalog import Catalog
    from nlq.sql.guarded import GuardedQuery
    from nlq.sql.policy import Policy

Rating = Literal["up", "down"]

OnProgress = Callable[[str, float | None], None]
"""Called with plain words and a share from 0 to 1 (None: unknown)."""


class Assistant(Protocol):
    """What the page, the API and Slack need of ``nlq.pipeline.Assistant``."""

    catalog: Catalog
    policy: Policy

    def stream(
        self,
        text: str,
        *,
        principal: Principal,
        conversation: tuple[Turn, ...] = (),
        conversation_id: str = "",
        cancel: CancelToken | None = None,
        run: bool = True,
        interface: str = "api",
        confirmed: bool = False,
        notes: str = "",
    ) -> Iterator[Event]:
        """Answer a question, event by event."""

    def check(self, sql: str, principal: Principal) -> GuardedQuery:
        """Run the guard alone; raises ``GuardRefused``."""

    def search(self, text: str, principal: Principal) -> Context:
        """What is found for a text, among what the principal may see."""

    def full_result(
        self,
        answer: Answer,
        principal: Principal,
        *,
        cancel: CancelToken | None = None,
        interface: str = "api",
        confirmed: bool = True,
    ) -> QueryResult:
        """All rows of an answer, within the principal's limits; see ``confirmed`` there."""

    def ping(self) -> str:
        """The engine's name and version; raises ``EngineUnavailable``."""

    def feedback(self, answer_id: str, rating: Rating, note: str, principal: Principal) -> None:
        """Keep what a person thought of an answer."""

    def close(self) -> None:
        """Free what it holds."""


class Opening:
    """One assistant, opened in a thread and shared by everyone who asks."""

    def __init__(self, open_assistant: Callable[[OnProgress], Assistant]) -> None:
        self._open = open_assistant
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._assistant: Assistant | None = None
        self._error: Exception | None = None
        self.progress: tuple[str, float | None] = ("Getting ready", None)

    def start(self) -> None:
        """Begin to open, unless that is under way or done; returns at once."""
        with self._lock:
            if self._assistant or (self._thread and self._thread.is_alive()):
                return
            self._error = None
            self._thread = threading.Thread(target=self._work, name="nlq-open", daemon=True)
            self._thread.start()

    def ready(self, timeout_s: float) -> Assistant | None:
        """The assistant, waiting up to ``timeout_s`` seconds; raises what its opening raised."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        if self._error is not None:
            raise self._error
        return self._assistant

    def close(self) -> None:
        """Close the assistant, if it was opened."""
        assistant, self._assistant = self._assistant, None
        if assistant is not None:
            assistant.close()

    def _work(self) -> None:
        try:
            self._assistant = self._open(self._note)
        except Exception as error:  # raised where it is asked for, in ``ready``
            self._error = error

    def _note(self, text: str, share: float | None) -> None:
        self.progress = (text, share)
