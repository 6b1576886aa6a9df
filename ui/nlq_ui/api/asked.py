"""One question on its way: a thread walks the library's stream, the server's loop gets its events.

What an answer leaves behind (its turn, its result, the free place) is kept before the answer is
told, so that whoever hears of it can go on from there at once.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Final

from nlq.errors import KeptError, NlqError
from nlq.types import Answer, Event, Finished, Principal
from nlq_ui.api.parts import Parts
from nlq_ui.api.problems import Problem, problem_of
from nlq_ui.api.requests import AskRequest, DraftRequest
from nlq_ui.opening import Assistant

TOGETHER_S: Final = 0.1
"""For how long an event may wait for others; the answer waits for nothing."""

NOT_ASKED: Final = "It was not asked to be kept."


def begin(
    parts: Parts, principal: Principal, request: DraftRequest, *, interface: str = "api"
) -> Asked:
    """Begin to answer; called in the server's loop. The audit log is told the ``interface``.

    Raises ``Problem`` 409 (the id is in use), 429 (too many of theirs) or 503 (not ready).
    """
    assistant = parts.assistant()
    question = Asked(parts, principal, request, interface)
    threading.Thread(
        target=question.walk, args=(assistant,), name=f"api-{question.id}", daemon=True
    ).start()
    return question


class Asked:
    """A question that was taken, and its events."""

    def __init__(
        self, parts: Parts, principal: Principal, request: DraftRequest, interface: str
    ) -> None:
        self.id = request.question_id or uuid.uuid4().hex
        self.conversation_id = request.conversation_id or uuid.uuid4().hex
        self._parts = parts
        self._principal = principal
        self._request = request
        self._interface = interface
        self._turns = parts.conversations.turns(principal, self.conversation_id)
        self._keeps = request.keep
        self.not_kept = NOT_ASKED
        self._loop = asyncio.get_running_loop()
        self._events: list[Event | Exception] = []
        self._lock = threading.Lock()
        self._news, self._over = asyncio.Event(), asyncio.Event()
        self._token = parts.in_flight.begin(principal, self.id)

    @property
    def earlier_turns(self) -> int:
        """How many turns of the conversation it goes on from."""
        return len(self._turns)

    async def events(self, wait_s: float) -> AsyncGenerator[Event | None]:
        """The events as they happen, the last one ``Finished``; None after ``wait_s`` without.

        Leaving the iteration early cancels the question. Raises what the library raised.
        """
        async with aclosing(self.batches(wait_s)) as batches:
            async for batch in batches:
                for event in batch or (None,):
                    yield event

    async def batches(self, wait_s: float) -> AsyncGenerator[tuple[Event, ...]]:
        """The same, with those together that come within ``TOGETHER_S``; after the first of all.

        What is sent together costs as much as one: a question that many ask at once has a dozen.
        """
        pause = 0.0
        try:
            while True:
                try:
                    await asyncio.wait_for(self._news.wait(), wait_s)
                except TimeoutError:
                    yield ()
                    continue
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), pause)
                pause = TOGETHER_S
                self._news.clear()
                with self._lock:
                    told, self._events = self._events, []
                batch = tuple(event for event in told if not isinstance(event, Exception))
                if batch:
                    yield batch
                for event in told:
                    if isinstance(event, Exception):
                        raise event
                    if isinstance(event, Finished):
                        return
        finally:
            self._token.cancel()

    def walk(self, assistant: Assistant) -> None:
        """Walk the library's stream to its end; blocks."""
        request = self._request
        try:
            self._take_up_what_is_kept()
            for event in assistant.stream(
                request.question,
                principal=self._principal,
                conversation=self._turns,
                conversation_id=self.conversation_id,
                cancel=self._token,
                run=isinstance(request, AskRequest),
                interface=self._interface,
                confirmed=isinstance(request, AskRequest) and request.confirmed,
                notes=request.notes,
            ):
                if isinstance(event, Finished):
                    self._keep(event.answer)
                self._tell(event)
        except Exception as error:  # raised again where the events are awaited
            self._leave()
            self._tell(error)

    def _take_up_what_is_kept(self) -> None:
        """Go on from the conversation where it is one that lasts."""
        lasting = self._parts.lasting
        if lasting is None or self._request.conversation_id is None:
            return
        with suppress(KeptError):  # told when the answer is to be kept
            kept = lasting.get(self.conversation_id, self._principal)
            if kept is not None:
                self._turns, self._keeps = kept.turns, True

    def _keep_for_good(self, answer: Answer) -> None:
        if not self._keeps:
            return
        try:
            self._parts.past().add(self.conversation_id, answer, self._principal)
            self.not_kept = ""
        except (NlqError, Problem) as error:
            problem = problem_of(error)
            self.not_kept = f"{problem.detail} {problem.hint}".strip()

    def _keep(self, answer: Answer) -> None:
        self._keep_for_good(answer)
        self._parts.kept.add(self._principal, answer)
        if answer.turn is not None:
            self._parts.conversations.add(self._principal, self.conversation_id, answer.turn)
        self._leave()

    def _leave(self) -> None:
        self._parts.in_flight.end(self._principal, self.id, self._token)

    def _tell(self, event: Event | Exception) -> None:
        with self._lock:
            is_first = not self._events
            self._events.append(event)
        with suppress(RuntimeError):  # the loop has ended, and nobody listens
            if isinstance(event, Finished | Exception):
                self._loop.call_soon_threadsafe(self._over.set)
            if is_first:  # else the loop has still to fetch the one before
                self._loop.call_soon_threadsafe(self._news.set)
