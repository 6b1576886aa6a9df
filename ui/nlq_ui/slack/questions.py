"""Questions from Slack, each on a thread of its own: taken once, shown while they work, answered.

The message that shows progress ends as the answer. In a channel it names nothing of the lake until
it is certain that everyone present may see the answer; else that goes to the asker alone.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from contextlib import suppress

from nlq import types
from nlq.cancel import CancelToken
from nlq.errors import NlqError
from nlq.types import Answer, Finished, Principal, StageStarted
from nlq_ui.api.in_flight import InFlight
from nlq_ui.api.problems import Problem
from nlq_ui.opening import Assistant
from nlq_ui.slack.asked import Asked, failure, told
from nlq_ui.slack.delivery import Delivery, Place
from nlq_ui.slack.errors import SlackFailed
from nlq_ui.slack.history import History
from nlq_ui.slack.kept import Running
from nlq_ui.slack.message import asked_head, given_of, plain_message, progress_message
from nlq_ui.slack.pace import Pace
from nlq_ui.slack.parts import Parts
from nlq_ui.slack.progress import Progress
from nlq_ui.slack.talks import Talks, thread_id

_LOG = logging.getLogger(__name__)

_LOOK_S = 0.25
_END_S = 5.0
_NOT_THERE = frozenset({"channel_not_found", "not_in_channel", "is_archived", "restricted_action"})
"""The bot may not write in that channel."""


class Questions:
    """All questions on their way."""

    def __init__(self, parts: Parts, delivery: Delivery, history: History, *, most: int) -> None:
        self._parts = parts
        self._delivery = delivery
        self._history = history
        self._in_flight = InFlight(most)
        self._talks = Talks(parts.kept)
        self._pace = Pace()
        self._lock = threading.Lock()
        self._running: dict[str, tuple[str, CancelToken]] = {}
        self._threads: set[threading.Thread] = set()

    def put(self, asked: Asked) -> None:
        """Take a question; returns at once."""
        thread = threading.Thread(
            target=self._work, args=(asked,), name=f"slack-{asked.key}", daemon=True
        )
        with self._lock:
            self._threads = {t for t in self._threads if t.is_alive()} | {thread}
            thread.start()

    def cancel(self, id: str, user: str) -> str:
        """Stop a question of ``user``; returns what to tell whoever pressed the button."""
        with self._lock:
            asker, token = self._running.get(id, ("", None))
        if token is None:
            return "This question is no longer on its way."
        if asker != user:
            return "Only who asked a question may cancel it."
        token.cancel()
        return ""

    def tell_lost(self) -> None:
        """Say of the questions that an earlier process left unanswered that they are."""
        lost = plain_message(
            "I was stopped before this question was answered.", "Please ask it again."
        )
        for running in self._parts.kept.take_lost():
            try:
                self._parts.slack.edit(running.channel, running.message, lost.text, lost.blocks)
            except SlackFailed as exc:
                _LOG.warning("a lost question could not be told: %s", exc)

    def close(self) -> None:
        """Cancel everything, and give it a moment to say so."""
        with self._lock:
            tokens = [token for _, token in self._running.values()]
            threads = list(self._threads)
        for token in tokens:
            token.cancel()
        for thread in threads:
            thread.join(_END_S)

    def _work(self, asked: Asked) -> None:
        try:
            if self._parts.kept.take(asked.key):
                self._take(asked)
        except Exception as exc:
            _LOG.exception("a question in %s failed", asked.channel)
            self._whisper(asked, *told(exc))

    def _take(self, asked: Asked) -> None:
        principal = self._parts.people.who(asked.user)
        if not asked.addressed and not self._is_ours(asked):
            return
        if principal is None:
            if asked.addressed:
                self._whisper(
                    asked, "You have no access to the company's data here.", self._parts.contact
                )
            return
        if not asked.text:
            self._whisper(asked, "Ask me a question about the company's data, in plain words.")
            return
        id = uuid.uuid4().hex
        try:
            token = self._in_flight.begin(principal, id)
        except Problem as problem:
            self._whisper(asked, problem.detail, "Wait for one of them, or cancel it.")
            return
        with self._lock:
            self._running[id] = (asked.user, token)
        try:
            self._show(asked, principal, id, token)
        finally:
            with self._lock:
                del self._running[id]
            self._in_flight.end(principal, id, token)
            self._parts.kept.end(id)

    def _is_ours(self, asked: Asked) -> bool:
        """Whether a question was asked in that thread, or one that just came is taken."""
        thread, give_up = thread_id(asked.channel, asked.thread), time.monotonic() + _END_S
        while not self._parts.kept.has_thread(thread):
            if time.monotonic() > give_up:
                return False
            time.sleep(_LOOK_S)
        return True

    def _show(self, asked: Asked, principal: Principal, id: str, token: CancelToken) -> None:
        place = self._begin(asked, id)
        self._parts.kept.begin(Running(id, place.channel, place.message))
        thread = thread_id(place.channel, place.thread)
        self._parts.kept.open_thread(thread)
        lane = self._talks.place(thread)
        assistant: Assistant | None = None
        held = False
        try:
            with self._progress(place, id) as progress:
                while not (held := lane.acquire(timeout=_LOOK_S)):
                    token.check()
                    progress.say("Waiting for the question before it")
                assistant = self._opened(progress, token)
                answer = self._answer(assistant, asked, principal, thread, progress, token)
        except Exception as exc:
            answer = failure(asked.text, exc)
        try:
            self._deliver(assistant, asked, principal, place, answer)
        except Exception as exc:
            _LOG.exception("an answer in %s could not be shown", place.channel)
            with suppress(SlackFailed):
                self._delivery.say(place, plain_message(*told(exc)))
        finally:
            if held:
                lane.release()

    def _begin(self, asked: Asked, id: str) -> Place:
        """Post the message that shows progress, where the bot may write."""
        head = [] if asked.said else asked_head(asked.user, asked.text)
        first = progress_message("Reading the question", id, head)
        channel, thread = asked.channel, asked.thread
        try:
            message = self._parts.slack.post(channel, first.text, first.blocks, thread)
        except SlackFailed as exc:
            if exc.error not in _NOT_THERE:
                raise
            channel, thread = self._parts.slack.direct(asked.user), ""
            head = asked_head(asked.user, asked.text)
            first = progress_message("Reading the question", id, head)
            message = self._parts.slack.post(channel, first.text, first.blocks)
        return Place(channel, message, thread or message, tuple(head))

    def _opened(self, progress: Progress, token: CancelToken) -> Assistant:
        self._parts.opening.start()
        while True:
            token.check()
            assistant = self._parts.opening.ready(_LOOK_S)
            if assistant is not None:
                return assistant
            progress.say(self._parts.opening.progress[0])

    def _answer(
        self,
        assistant: Assistant,
        asked: Asked,
        principal: Principal,
        thread: str,
        progress: Progress,
        token: CancelToken,
    ) -> Answer:
        for event in assistant.stream(
            asked.text,
            principal=principal,
            conversation=self._talks.turns(assistant, thread, principal),
            conversation_id=f"slack-{thread}",
            cancel=token,
            interface="slack",
            confirmed=asked.confirmed,
        ):
            if isinstance(event, Finished):
                return event.answer
            # What a stage found is left out: it names tables that others here may not know of.
            if isinstance(event, StageStarted | types.Progress):
                progress.say(event.text)
        raise NlqError("The question ended without an answer.", hint="Ask it again.")

    def _progress(self, place: Place, id: str) -> Progress:
        def edit(words: str) -> None:
            shown = progress_message(words, id, list(place.head))
            self._parts.slack.edit_quickly(place.channel, place.message, shown.text, shown.blocks)

        return Progress(edit, self._pace, place.channel)

    def _deliver(
        self,
        assistant: Assistant | None,
        asked: Asked,
        principal: Principal,
        place: Place,
        answer: Answer,
    ) -> None:
        public = self._delivery.public(assistant, answer, principal, place)
        shown = public or answer
        given = given_of(shown, principal, asked.user, asked.text, self._parts.now())
        # Before the answer is seen: a reply to it must find what it goes on from.
        self._keep_turn(place, principal, answer, public=public is not None)
        self._history.add(thread_id(place.channel, place.thread), answer, principal)
        if public is None:
            apart = self._delivery.put_apart(given, answer, place)
            self._parts.kept.open_thread(thread_id(apart.channel, apart.thread))
            self._keep_turn(apart, principal, answer, public=False)
        else:
            self._delivery.put(given, shown, place)

    def _keep_turn(
        self, place: Place, principal: Principal, answer: Answer, *, public: bool
    ) -> None:
        if answer.turn is not None:
            thread = thread_id(place.channel, place.thread)
            self._talks.add(thread, principal, answer.turn, public=public)

    def _whisper(self, asked: Asked, text: str, hint: str = "") -> None:
        """Tell the asker alone, as far as that goes."""
        words = plain_message(text, hint)
        try:
            if asked.direct:
                self._parts.slack.post(asked.channel, words.text, words.blocks, asked.thread)
            else:
                self._parts.slack.whisper(
                    asked.channel, asked.user, words.text, words.blocks, asked.thread
                )
        except SlackFailed as exc:
            _LOG.warning("somebody in %s could not be told: %s", asked.channel, exc)
