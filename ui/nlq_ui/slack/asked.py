"""A question as it came from Slack, and what is said where it failed."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from nlq.errors import Cancelled, NlqError
from nlq.types import Answer

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came. ``key`` names what came, the same when Slack sends it again.

    ``thread`` is the message that the thread begins with, empty where there is none yet. ``said``:
    the question stands there as a message of its own. ``addressed``: the bot was meant for sure.
    """

    key: str
    user: str
    channel: str
    text: str
    thread: str = ""
    said: bool = True
    addressed: bool = True
    confirmed: bool = False

    @property
    def direct(self) -> bool:
        """Whether only the asker and the bot are there."""
        return self.channel.startswith("D")


def failure(text: str, error: Exception) -> Answer:
    """What a person is told of an error."""
    if isinstance(error, Cancelled):
        return Answer("", text, "cancelled", error.message)
    if not isinstance(error, NlqError):
        _LOG.exception("a question failed in a way that nobody foresaw", exc_info=error)
    message, hint = told(error)
    return Answer("", text, "error", message, hint=hint)


def told(error: Exception) -> tuple[str, str]:
    """A sentence and a hint for a person."""
    if isinstance(error, NlqError):
        return error.message, error.hint
    return (
        "Something inside nlq went wrong, so there is no answer to this question.",
        "Try again, or tell the data platform team.",
    )
