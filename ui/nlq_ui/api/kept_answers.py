"""Answers that were given: their results go in, and come out for the person who asked.

Kept in memory, for each principal apart, within a room of bytes and for a time. That an answer was
given is remembered longer than its rows, so that what is gone is told apart from what never was.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nlq.types import Answer, Principal, QueryResult
from nlq_ui.api.problems import Problem

REMEMBERED: Final = 10_000
"""Answers of one principal that are remembered."""

_AGAIN = "Ask the question again."


@dataclass(frozen=True, slots=True)
class _Given:
    has_result: bool
    until: float


class _Shelf:
    """What was given to one principal, oldest first."""

    def __init__(self) -> None:
        self.given: OrderedDict[str, _Given] = OrderedDict()
        self.answers: OrderedDict[str, tuple[Answer, QueryResult]] = OrderedDict()
        self.size_bytes = 0

    def put(self, answer: Answer, result: QueryResult) -> None:
        self.answers[answer.id] = answer, result
        self.size_bytes += result.size_bytes

    def drop_oldest(self) -> None:
        _, (_, result) = self.answers.popitem(last=False)
        self.size_bytes -= result.size_bytes

    def is_late(self, now: float) -> bool:
        """Whether the time of the oldest result is over."""
        return bool(self.answers) and self.given[next(iter(self.answers))].until <= now


class KeptAnswers:
    """The results of the last answers; safe to use from several threads at once.

    ``room_bytes`` is for the results of one principal, ``keep_s`` how long one is kept, seconds.
    """

    def __init__(
        self, keep_s: float, room_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._keep_s = keep_s
        self._room = room_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._shelves: dict[Principal, _Shelf] = {}

    def add(self, principal: Principal, answer: Answer) -> None:
        """Remember an answer, and keep its result where there is room."""
        result = answer.result
        with self._lock:
            for other in list(self._shelves):
                self._shelf(other)  # people who do not come any more keep no results here
            shelf = self._shelf(principal)
            shelf.given[answer.id] = _Given(result is not None, self._clock() + self._keep_s)
            if result is not None and result.size_bytes <= self._room:
                shelf.put(answer, result)
            while shelf.size_bytes > self._room:
                shelf.drop_oldest()
            if len(shelf.given) > REMEMBERED:
                if next(iter(shelf.answers), "") == next(iter(shelf.given)):
                    shelf.drop_oldest()
                shelf.given.popitem(last=False)

    def result(self, principal: Principal, id: str) -> QueryResult:
        """The result of an answer to ``principal``; raises ``Problem`` 404 or 410."""
        return self._found(principal, id)[1]

    def answer(self, principal: Principal, id: str) -> Answer:
        """An answer to ``principal`` that has a result; raises ``Problem`` 404 or 410."""
        return self._found(principal, id)[0]

    def _found(self, principal: Principal, id: str) -> tuple[Answer, QueryResult]:
        with self._lock:
            shelf = self._shelf(principal)
            if id in shelf.answers:
                return shelf.answers[id]
            given = _given(shelf, id)
        if not given.has_result:
            raise Problem(404, f"The answer {id} has no result.", "Its kind says what it is.")
        raise Problem(410, f"The result of the answer {id} is no longer kept.", _AGAIN)

    def check_given(self, principal: Principal, id: str) -> None:
        """Raise ``Problem`` 404 unless ``principal`` was given this answer."""
        with self._lock:
            _given(self._shelf(principal), id)

    def _shelf(self, principal: Principal) -> _Shelf:
        """That of a principal, without the results whose time is over."""
        shelf = self._shelves.setdefault(principal, _Shelf())
        now = self._clock()
        while shelf.is_late(now):
            shelf.drop_oldest()
        return shelf


def _given(shelf: _Shelf, id: str) -> _Given:
    if id not in shelf.given:
        raise Problem(404, f"You were given no answer {id} here.", _AGAIN)
    return shelf.given[id]
