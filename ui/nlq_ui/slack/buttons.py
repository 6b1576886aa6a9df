"""What a press of a button does, under the rights of whoever presses it, not of the asker."""

from __future__ import annotations

import logging
import tempfile
import threading
from dataclasses import dataclass
from typing import Any, Final

from nlq.errors import NlqError, TooCostly
from nlq.types import Answer, Principal, QueryResult
from nlq_ui.api.problems import Problem
from nlq_ui.opening import Assistant
from nlq_ui.slack.asked import Asked
from nlq_ui.slack.blocks import clip, escaped
from nlq_ui.slack.errors import SlackFailed
from nlq_ui.slack.kept import Given
from nlq_ui.slack.message import (
    ASK,
    CANCEL,
    CONFIRM,
    DOWN,
    FULL,
    FULL_CONFIRMED,
    HOW,
    LEAVE,
    SQL,
    UP,
    Message,
    cost_message,
    how_message,
    plain_message,
    sql_message,
)
from nlq_ui.slack.parts import Parts
from nlq_ui.slack.questions import Questions
from nlq_ui.slack.rights import may_see
from nlq_ui.whole import whole_result, write_whole

_LOG = logging.getLogger(__name__)

REASON: Final = "nlq_reason"
"""The form that asks why an answer was not right."""

_NOTE: Final = 2000


class Told(Exception):
    """Something to tell whoever pressed the button, instead of what they wanted."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.message = plain_message(text, hint)


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a button. ``trigger`` names it, and lets a form be opened for three seconds."""

    action: str
    value: str
    user: str
    channel: str
    message: str
    thread: str
    trigger: str


class Buttons:
    """All the buttons under answers."""

    def __init__(self, parts: Parts, questions: Questions) -> None:
        self._parts = parts
        self._questions = questions

    def press(self, press: Press) -> None:
        """Do what a button is for, on a thread of its own; returns at once."""
        threading.Thread(target=self._pressed, args=(press,), daemon=True).start()

    def reason(self, answer_id: str, channel: str, thread: str, user: str, note: str) -> None:
        """Keep why an answer was not right, on a thread of its own; returns at once."""
        press = Press(REASON, answer_id, user, channel, thread, thread, f"{answer_id}:{user}")
        threading.Thread(target=self._reasoned, args=(press, note), daemon=True).start()

    def _pressed(self, press: Press) -> None:
        try:
            self._do(press)
        except Exception as exc:
            self._tell_failure(press, exc)

    def _reasoned(self, press: Press, note: str) -> None:
        try:
            given, person = self._seen(press)
            self._assistant().feedback(given.id, "down", note[:_NOTE], person)
            self._tell(press, plain_message("Thank you, the note is kept."))
        except Exception as exc:
            self._tell_failure(press, exc)

    def _do(self, press: Press) -> None:
        if press.action.startswith(ASK):
            self._questions.put(_asked(press, press.value))
        elif not self._parts.kept.take(f"press:{press.trigger}"):
            return
        elif press.action == CANCEL:
            if told := self._questions.cancel(press.value, press.user):
                raise Told(told)
        elif press.action == LEAVE:
            raise Told("Nothing was run.")
        else:
            given, person = self._seen(press)
            self._about(press, given, person)

    def _about(self, press: Press, given: Given, person: Principal) -> None:
        """What a button about an answer does, once it is certain that the person may see that."""
        if press.action == CONFIRM:
            if given.user != press.user:
                raise Told("Only who asked a question may agree to what it costs.")
            self._questions.put(_asked(press, given.question, confirmed=True))
        elif press.action == HOW:
            self._tell(press, how_message(given.sections, given.dated))
        elif press.action == SQL:
            self._tell(press, sql_message(given.sql))
        elif press.action in (FULL, FULL_CONFIRMED):
            self._send_result(press, given, person)
        elif press.action == UP:
            self._assistant().feedback(given.id, "up", "", person)
            self._tell(press, plain_message("Thank you."))
        elif press.action == DOWN:
            self._parts.slack.open_form(press.trigger, reason_form(given.id, press))
            self._assistant().feedback(given.id, "down", "", person)

    def _seen(self, press: Press) -> tuple[Given, Principal]:
        """The answer that a button is about, and as whom it was pressed; raises ``Told``."""
        person = self._parts.people.who(press.user)
        if person is None:
            raise Told("You have no access to the company's data here.", self._parts.contact)
        given = self._parts.kept.given(press.value)
        if given is None:
            raise Told("This answer is no longer kept.", "Ask the question again.")
        mine = given.user == press.user and given.principal == person
        if not mine and not may_see(self._assistant(), given.sql, given.principal, person):
            raise Told("Your own rights do not cover this answer.", self._parts.contact)
        return given, person

    def _send_result(self, press: Press, given: Given, person: Principal) -> None:
        """Send every row to whoever pressed the button, and to nobody else.

        Where the policy asks before a query of that cost, so does this.
        """
        answer = self._answer_of(given)
        confirmed = press.action == FULL_CONFIRMED
        try:
            result = whole_result(answer, 0, self._assistant(), person, confirmed=confirmed)
        except TooCostly as exc:
            if not exc.may_confirm:
                raise
            self._tell(press, cost_message(exc.message, given.id))
            return
        dates = given.dated[0]
        if result is not answer.result:
            dates = f"Run again on {self._parts.now():%Y-%m-%d %H:%M %Z}."
        comment = escaped(f"All rows of: {clip(given.question, 500)}\n{dates}{_cut(result)}")
        channel = self._parts.slack.direct(press.user)
        with tempfile.TemporaryDirectory(prefix="nlq-") as folder:
            path = write_whole(result, folder, given.id, "csv")
            self._parts.slack.upload(channel, path.read_bytes(), path.name, path.name, comment)
        if press.channel != channel:
            self._tell(press, plain_message("The full result is in your direct messages with me."))

    def _answer_of(self, given: Given) -> Answer:
        """The answer with its rows; without, where it is forgotten or of an earlier process."""
        try:
            return self._parts.results.answer(given.principal, given.id)
        except Problem:
            none = QueryResult((), (), truncated=True)
            return Answer(
                given.id, given.question, "answer", "", sql=given.sql, result=none,
                limited=given.limited,
            )  # fmt: skip

    def _assistant(self) -> Assistant:
        self._parts.opening.start()
        assistant = self._parts.opening.ready(0)
        if assistant is None:
            raise Told("I am still starting.", "Try again in a moment.")
        return assistant

    def _tell(self, press: Press, message: Message) -> None:
        self._parts.slack.whisper(
            press.channel, press.user, message.text, message.blocks, press.thread
        )

    def _tell_failure(self, press: Press, error: Exception) -> None:
        if isinstance(error, Told):
            message = error.message
        elif isinstance(error, NlqError):
            message = plain_message(error.message, error.hint)
        else:
            message = plain_message("Something inside nlq went wrong.", "Try again.")
        if not isinstance(error, Told):
            _LOG.error("a button in %s failed", press.channel, exc_info=error)
        try:
            self._tell(press, message)
        except SlackFailed as exc:
            _LOG.warning("somebody in %s could not be told: %s", press.channel, exc)


def reason_form(answer_id: str, press: Press) -> dict[str, Any]:
    """The modal that asks for a reason."""
    return {
        "type": "modal",
        "callback_id": REASON,
        "private_metadata": f"{answer_id} {press.channel} {press.thread}",
        "title": {"type": "plain_text", "text": "Not right"},
        "submit": {"type": "plain_text", "text": "Send"},
        "close": {"type": "plain_text", "text": "No reason"},
        "blocks": [
            {
                "type": "input",
                "block_id": "reason",
                "label": {"type": "plain_text", "text": "What is wrong with the answer?"},
                "element": {
                    "type": "plain_text_input",
                    "action_id": "note",
                    "multiline": True,
                    "max_length": _NOTE,
                },
            }
        ],
    }


def _asked(press: Press, text: str, *, confirmed: bool = False) -> Asked:
    return Asked(
        key=f"press:{press.trigger}:{press.action}",
        user=press.user,
        channel=press.channel,
        text=text,
        thread=press.thread,
        said=False,
        confirmed=confirmed,
    )


def _cut(result: QueryResult) -> str:
    if not result.truncated:
        return ""
    return f"\nThe result was cut off at {len(result.rows):,} rows by a limit."
