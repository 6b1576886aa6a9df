"""What Slack sends: events, commands, presses and forms come in, each is acknowledged at once.

Work is handed on to threads, so that Slack always hears within its three seconds.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from slack_bolt import Ack, App
from slack_sdk import WebClient

from nlq_ui.slack.asked import Asked
from nlq_ui.slack.buttons import REASON, Buttons, Press
from nlq_ui.slack.kept import Kept
from nlq_ui.slack.questions import Questions
from nlq_ui.slack.talks import thread_id
from nlq_ui.slack.words import plain_words, speaks_to_another

_SPOKEN: Final = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of messages that a person wrote just now: no edits, no deletions, no bots'."""

_STRAY_S: Final = 30.0
_STRAYS: Final = 200

Event = Mapping[str, Any]


class Ears:
    """Decides which messages are questions, and hands them on."""

    def __init__(
        self,
        questions: Questions,
        kept: Kept,
        bot: str,
        *,
        follow_threads: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._questions = questions
        self._kept = kept
        self._bot = bot
        self._follow = follow_threads
        self._clock = clock
        self._lock = threading.Lock()
        self._strays: deque[tuple[float, str, Asked]] = deque(maxlen=_STRAYS)
        self._begun: deque[str] = deque(maxlen=_STRAYS)

    def mention(self, event: Event) -> None:
        """Somebody named the bot in a channel."""
        if self._is_spoken(event):
            self._ask(event)

    def message(self, event: Event) -> None:
        """A message where the bot is: a question if it is to the bot alone or in its thread."""
        text = str(event.get("text") or "")
        if not self._is_spoken(event):
            return
        if event.get("channel_type") == "im":
            self._ask(event)
        elif self._follow and event.get("thread_ts") and not self._is_elsewhere(text):
            self._follow_up(event)

    def _is_elsewhere(self, text: str) -> bool:
        """Whether a reply comes as a mention too, or is meant for somebody else."""
        return f"<@{self._bot}" in text or speaks_to_another(text, self._bot)

    def command(self, body: Event) -> None:
        """``/ask``, anywhere."""
        self._questions.put(
            Asked(
                key=f"command:{body['trigger_id']}",
                user=body["user_id"],
                channel=body["channel_id"],
                text=plain_words(str(body.get("text") or "")),
                said=False,
            )
        )

    def _is_spoken(self, event: Event) -> bool:
        by_a_person = event.get("user") and not event.get("bot_id") and not event.get("edited")
        mine = event.get("user") == self._bot
        return bool(by_a_person and not mine and event.get("subtype") in _SPOKEN)

    def _ask(self, event: Event) -> None:
        asked = _asked(event)
        self._questions.put(asked)
        thread = thread_id(asked.channel, asked.thread)
        for early in self._early(thread):
            self._questions.put(early)

    def _follow_up(self, event: Event) -> None:
        """A reply: a question where the thread is the bot's, or becomes so (order may be mixed)."""
        asked = _asked(event, addressed=False)
        thread = thread_id(asked.channel, asked.thread)
        if not self._kept.has_thread(thread):
            with self._lock:
                if thread not in self._begun:
                    self._strays.append((self._clock() + _STRAY_S, thread, asked))
                    return
        self._questions.put(asked)

    def _early(self, thread: str) -> list[Asked]:
        """Replies in ``thread`` that came before what they reply to; later ones need not wait."""
        with self._lock:
            self._begun.append(thread)
            now = self._clock()
            live = [stray for stray in self._strays if stray[0] > now]
            self._strays = deque((s for s in live if s[1] != thread), maxlen=_STRAYS)
        return [asked for _, of, asked in live if of == thread]


def make_app(client: WebClient, signing_secret: str, ears: Ears, buttons: Buttons) -> App:
    """The Bolt app; requests over HTTP must bear Slack's signature. ``client`` has the token."""
    app = App(client=client, signing_secret=signing_secret, name="nlq")

    @app.event("app_mention")
    def mention(event: dict[str, Any]) -> None:
        ears.mention(event)

    @app.event("message")
    def message(event: dict[str, Any]) -> None:
        ears.message(event)

    @app.event(re.compile(".*"))
    def other() -> None:
        """Acknowledged, and of no meaning here."""

    @app.command("/ask")
    def ask(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        ears.command(body)

    @app.action(re.compile("^nlq_"))
    def press(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        buttons.press(_press(body))

    @app.view(REASON)
    def reason(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        answer_id, channel, thread = body["view"]["private_metadata"].split(" ", 2)
        note = body["view"]["state"]["values"]["reason"]["note"]["value"] or ""
        buttons.reason(answer_id, channel, thread, body["user"]["id"], note)

    return app


def _asked(event: Event, *, addressed: bool = True) -> Asked:
    # The same message may come as a mention and as a message; it is one question.
    channel, ts = str(event["channel"]), str(event["ts"])
    return Asked(
        key=f"message:{channel}:{ts}",
        user=str(event["user"]),
        channel=channel,
        text=plain_words(str(event.get("text") or "")),
        thread=str(event.get("thread_ts") or ts),
        addressed=addressed,
    )


def _press(body: Event) -> Press:
    action, container = body["actions"][0], body["container"]
    message = str(container["message_ts"])
    return Press(
        action=str(action["action_id"]),
        value=str(action.get("value") or ""),
        user=str(body["user"]["id"]),
        channel=str(container["channel_id"]),
        message=message,
        thread=str(container.get("thread_ts") or message),
        trigger=str(body.get("trigger_id") or action.get("action_ts") or ""),
    )
