"""Slack's Web API: what the bot says and asks goes in; Slack's refusals come out as one error.

Calls that matter wait as long as Slack's ``Retry-After`` tells them to; those that only show
progress give up at once. A token that Slack takes no more stops the bot.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

from nlq_ui.slack.errors import DEAD_TOKENS, SlackFailed

_LOG = logging.getLogger(__name__)

_TIMEOUT_S: Final = 15
_TRIES: Final = 5
_PAGE: Final = 200

Blocks = list[dict[str, Any]]


class Stop:
    """Says that the bot cannot go on, and why; also asked to stop from outside."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.reason = ""

    def because(self, reason: str) -> None:
        """Stop for that reason, one of Slack's errors; the first one counts."""
        if not self._event.is_set():
            self.reason = reason
            self._event.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Whether the bot is to stop, waiting up to ``timeout_s`` seconds for it."""
        return self._event.wait(timeout_s)


def make_client(token: str, base_url: str, *, patient: bool) -> WebClient:
    """A client of the Web API; a patient one tries again when Slack is busy."""
    client = WebClient(token, base_url or WebClient.BASE_URL, timeout=_TIMEOUT_S)
    client.retry_handlers = [ConnectionErrorRetryHandler()]
    if patient:
        client.retry_handlers += [
            RateLimitErrorRetryHandler(max_retry_count=_TRIES),
            ServerErrorRetryHandler(max_retry_count=2),
        ]
    return client


class Slack:
    """The calls that the bot makes; every one raises ``SlackFailed``."""

    def __init__(self, token: str, base_url: str, stop: Stop) -> None:
        self.client = make_client(token, base_url, patient=True)
        self._quick = make_client(token, base_url, patient=False)
        self._stop = stop

    def whoami(self) -> dict[str, Any]:
        """``auth.test``: ``user_id`` of the bot, ``team_id``, ``enterprise_id``, ``team``."""
        return self._call("auth.test", self.client.auth_test)

    def post(self, channel: str, text: str, blocks: Blocks, thread: str = "") -> str:
        """Post a message; returns its timestamp, which is its name."""
        reply = self._call(
            "chat.postMessage", self.client.chat_postMessage, channel=channel, text=text,
            blocks=blocks, thread_ts=thread or None, unfurl_links=False, unfurl_media=False,
        )  # fmt: skip
        return str(reply["ts"])

    def edit(self, channel: str, message: str, text: str, blocks: Blocks) -> None:
        """Put something else in a message's place."""
        self._call(
            "chat.update", self.client.chat_update, channel=channel, ts=message, text=text,
            blocks=blocks,
        )  # fmt: skip

    def edit_quickly(self, channel: str, message: str, text: str, blocks: Blocks) -> None:
        """The same, without a second try."""
        self._call(
            "chat.update", self._quick.chat_update, channel=channel, ts=message, text=text,
            blocks=blocks,
        )  # fmt: skip

    def whisper(
        self, channel: str, user: str, text: str, blocks: Blocks | None = None, thread: str = ""
    ) -> None:
        """Say something in a channel that only ``user`` sees."""
        self._call(
            "chat.postEphemeral", self.client.chat_postEphemeral, channel=channel, user=user,
            text=text, blocks=blocks, thread_ts=thread or None,
        )  # fmt: skip

    def direct(self, user: str) -> str:
        """The channel of direct messages with ``user``."""
        reply = self._call("conversations.open", self.client.conversations_open, users=[user])
        return str(reply["channel"]["id"])

    def members(self, channel: str) -> Iterator[str]:
        """The users in a channel, page by page."""
        cursor = ""
        while True:
            reply = self._call(
                "conversations.members", self.client.conversations_members, channel=channel,
                limit=_PAGE, cursor=cursor or None,
            )  # fmt: skip
            yield from reply["members"]
            cursor = (reply.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def user(self, user: str) -> dict[str, Any]:
        """``users.info`` of a user."""
        found: dict[str, Any] = self._call("users.info", self.client.users_info, user=user)["user"]
        return found

    def upload(
        self, channel: str, content: bytes, name: str, title: str, comment: str = "",
        thread: str = "",
    ) -> None:  # fmt: skip
        """Upload a file and show it in a channel."""
        self._call(
            "files.upload", self.client.files_upload_v2, channel=channel, content=content,
            filename=name, title=title, alt_txt=title, initial_comment=comment or None,
            thread_ts=thread or None,
        )  # fmt: skip

    def open_form(self, trigger: str, view: dict[str, Any]) -> None:
        """Open a modal for whoever pressed a button."""
        self._call("views.open", self._quick.views_open, trigger_id=trigger, view=view)

    def _call(self, method: str, call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
        try:
            reply = call(**arguments)
        except SlackApiError as exc:
            raise self._failed(method, exc) from exc
        except (SlackClientError, URLError, OSError) as exc:
            raise SlackFailed(method, f"it could not be reached ({exc})") from exc
        data: dict[str, Any] = reply.data
        return data

    def _failed(self, method: str, exc: SlackApiError) -> SlackFailed:
        response = exc.response
        error = str(response.get("error") or response.status_code)
        if error in DEAD_TOKENS:
            self._stop.because(error)
        wait = response.headers.get("Retry-After") or response.headers.get("retry-after") or "0"
        retry_s = float(wait) if response.status_code == 429 else 0.0
        if error == "missing_scope":
            _LOG.error("Slack: %s needs the scope %s.", method, response.get("needed"))
        return SlackFailed(method, error, retry_s=retry_s)


def dead_token_of(exc: SlackApiError) -> str:
    """Slack's error where it means that a token is of no use any more, else nothing."""
    error = str(exc.response.get("error"))
    return error if error in DEAD_TOKENS else ""
