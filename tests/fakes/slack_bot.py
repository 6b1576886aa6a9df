"""The bot over a fake Slack, started from a thread, and what people do to it there."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nlq_ui.opening import Assistant, Opening
from nlq_ui.slack.start import serve
from nlq_ui.slack.web import Stop
from slack_server import APP_TOKEN, BOT_TOKEN, TEAM, Message, SlackServer, wait_for

from nlq.settings import Settings
from nlq.slack_settings import SlackSettings

PEOPLE: dict[str, dict[str, Any]] = {
    "UANN": {"name": "ann", "roles": ("analyst",)},
    "UBEN": {"name": "ben", "roles": ("analyst",)},
    "UHAL": {"name": "hal", "roles": ("analyst", "hr")},
    "eve@example.com": {"name": "eve", "roles": ("analyst",)},
}


class Bot:
    """A running bot; ``ended`` is set once it has stopped, ``error`` is what it ended with."""

    def __init__(self, slack: SlackServer, home: Path) -> None:
        self.slack = slack
        self.home = home
        self.said: list[str] = []
        self.ended = threading.Event()
        self.error: Exception | None = None

    def mention(self, user: str, channel: str, text: str, *, ts: str = "", **more: Any) -> str:
        """``@nlq text`` in a channel; returns the message's timestamp."""
        ts = ts or new_ts()
        self.slack.event(message(user, channel, f"<@UBOT> {text}", ts, "app_mention") | more)
        return ts

    def say(self, user: str, channel: str, text: str, *, thread: str = "", ts: str = "") -> str:
        """A message without a mention, in a channel or in direct messages."""
        ts = ts or new_ts()
        event = message(user, channel, text, ts)
        if thread:
            event["thread_ts"] = thread
        self.slack.channels.setdefault(channel, [user, "UBOT"])
        self.slack.event(event)
        return ts

    def ask(self, user: str, channel: str, text: str, *, trigger: str = "") -> None:
        """``/ask text``."""
        self.slack.send("slash_commands", command(user, channel, text, trigger))

    def press(self, user: str, on: Message, label: str, *, trigger: str = "") -> None:
        """Press a button of a message."""
        self.slack.send("interactive", press(user, on, on.buttons()[label], trigger))

    def submit(self, user: str, view: dict[str, Any], note: str) -> None:
        """Send a form in."""
        self.slack.send("interactive", submission(user, view, note))

    def told(self, text: str) -> Message:
        """What somebody was told alone, once it has ``text``."""
        return wait_for(
            lambda: next((m for m in list(self.slack.whispers) if text in m.words), None)
        )

    def answered(self, channel: str, count: int = 1) -> Message:
        """The last of ``count`` messages in a channel, once none of them is at work any more."""

        def done() -> Message | None:
            found = self.slack.posted(channel)
            idle = all("Cancel" not in m.buttons() for m in found)
            return found[-1] if len(found) >= count and idle else None

        return wait_for(done)


@contextmanager
def running(
    slack: SlackServer, assistant: Assistant | Opening, home: Path, **settings: Any
) -> Iterator[Bot]:
    """A bot over ``assistant``, connected to ``slack``."""
    bot, stop = Bot(slack, home), Stop()
    opening = assistant if isinstance(assistant, Opening) else Opening(lambda _: assistant)
    chosen = Settings(
        home=home,
        slack=SlackSettings.model_validate(
            {
                "bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "base_url": slack.base_url,
                "people": PEOPLE, "contact": "Ask data-access@example.com.", "port": 0,
                **settings,
            }
        ),
    )  # fmt: skip

    def work() -> None:
        try:
            serve(chosen, opening, bot.said.append, stop)
        except Exception as exc:
            bot.error = exc
        finally:
            bot.ended.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    wait_for(lambda: bot.said or bot.ended.is_set())
    try:
        yield bot
    finally:
        stop.because("")
        thread.join(20)
        assert not thread.is_alive()


_numbers = iter(range(1, 1_000_000))


def new_ts() -> str:
    return f"1699999999.{next(_numbers):06d}"


def message(user: str, channel: str, text: str, ts: str, kind: str = "message") -> dict[str, Any]:
    place = "im" if channel.startswith("D") else "channel"
    return {
        "type": kind, "user": user, "text": text, "ts": ts, "event_ts": ts, "channel": channel,
        "channel_type": place, "team": TEAM,
    }  # fmt: skip


def command(user: str, channel: str, text: str, trigger: str = "") -> dict[str, Any]:
    return {
        "command": "/ask", "text": text, "user_id": user, "user_name": user.lower(),
        "channel_id": channel, "team_id": TEAM, "trigger_id": trigger or uuid.uuid4().hex,
        "response_url": "http://127.0.0.1:9/none", "api_app_id": "A1",
    }  # fmt: skip


def press(user: str, on: Message, button: dict[str, Any], trigger: str = "") -> dict[str, Any]:
    container = {"type": "message", "message_ts": on.ts, "channel_id": on.channel}
    if on.thread_ts:
        container["thread_ts"] = on.thread_ts
    action = {key: button[key] for key in ("action_id", "value", "type")}
    return {
        "type": "block_actions", "user": {"id": user, "team_id": TEAM}, "team": {"id": TEAM},
        "api_app_id": "A1", "trigger_id": trigger or uuid.uuid4().hex, "container": container,
        "channel": {"id": on.channel}, "actions": [{**action, "action_ts": new_ts()}],
    }  # fmt: skip


def submission(user: str, view: dict[str, Any], note: str) -> dict[str, Any]:
    return {
        "type": "view_submission", "user": {"id": user, "team_id": TEAM}, "team": {"id": TEAM},
        "api_app_id": "A1", "trigger_id": uuid.uuid4().hex,
        "view": {**view, "id": "V1", "state": {"values": {"reason": {"note": {"value": note}}}}},
    }  # fmt: skip
