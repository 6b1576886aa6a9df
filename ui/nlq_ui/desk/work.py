"""One browser tab's work at the desk: its versions of the query, and what is on its way."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from nlq.cancel import CancelToken
from nlq.desk.types import Suggestion
from nlq.errors import Cancelled, NlqError
from nlq_ui.who import NotSignedIn

T = TypeVar("T")

MOST_VERSIONS = 50
_TICK_S = 0.4


@dataclass(frozen=True, slots=True)
class Version:
    """The query at one moment, and where it came from."""

    number: int
    what: str
    sql: str

    @property
    def label(self) -> str:
        """What the choice of versions shows."""
        return f"{self.number}: {self.what}"


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What a piece of work gave."""

    value: T


class Work:
    """The state of one tab; nobody's rights are kept in it."""

    def __init__(self) -> None:
        self.versions: list[Version] = []
        self.suggestions: tuple[Suggestion, ...] = ()
        self.error = ""
        self.agreed = ""
        self._token: CancelToken | None = None

    @property
    def busy(self) -> bool:
        """Whether something is on its way."""
        return self._token is not None

    def cancel(self) -> None:
        """Stop what is on its way, if anything is."""
        if self._token is not None:
            self._token.cancel()

    def keep(self, sql: str, what: str) -> None:
        """Remember the query as it is now, unless the last version is the same text."""
        if not sql.strip() or (self.versions and self.versions[-1].sql == sql):
            return
        number = self.versions[-1].number + 1 if self.versions else 1
        self.versions = [*self.versions, Version(number, what, sql)][-MOST_VERSIONS:]

    def version(self, label: str) -> Version | None:
        """The version that the choice names."""
        return next((v for v in self.versions if v.label == label), None)

    def begin(self) -> CancelToken:
        """A token for new work."""
        self._token = CancelToken()
        return self._token

    def end(self, token: CancelToken) -> None:
        """The work is done, or whoever waited for it has left."""
        token.cancel()
        if self._token is token:
            self._token = None

    def watched(self, job: Callable[[CancelToken], T]) -> Iterator[float | Done[T]]:
        """Do ``job`` on a thread; yields the seconds so far, and last what it gave.

        Raises what the job raises; a cancelled one that does not let go at once is left behind.
        """
        token = self.begin()
        results: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue()

        def work() -> None:
            try:
                results.put((job(token), None))
            except BaseException as error:  # raised where it is waited for
                results.put((None, error))

        started = time.monotonic()
        threading.Thread(target=work, name="desk-work", daemon=True).start()
        try:
            while True:
                try:
                    value, error = results.get(timeout=_TICK_S)
                except queue.Empty:
                    if token.cancelled:
                        raise Cancelled from None
                    yield time.monotonic() - started
                    continue
                if error is not None:
                    raise error
                yield Done(value)  # type: ignore[arg-type]
                return
        finally:
            self.end(token)


def told(error: Exception) -> tuple[str, str]:
    """What a person is told of an error: a sentence and what to do."""
    if isinstance(error, NlqError):
        return error.message, error.hint
    if isinstance(error, NotSignedIn):
        return str(error), ""
    return "Something inside nlq went wrong.", "Try again; if it stays so, tell whoever runs it."
