"""What may go wrong between here and Slack."""

from __future__ import annotations

from nlq.errors import NlqError

DEAD_TOKENS = frozenset(
    {
        "account_inactive", "invalid_auth", "not_allowed_token_type", "not_authed",
        "token_expired", "token_revoked",
    }
)  # fmt: skip
"""Slack's errors that no retry mends: the token has to be replaced."""


class SlackFailed(NlqError):
    """Slack turned a call down or could not be reached; ``error`` is its word for why."""

    def __init__(self, method: str, error: str, *, retry_s: float = 0.0) -> None:
        super().__init__(
            f"Slack did not do {method}: {error}.",
            hint="docs/slack.md lists the rights that the app needs.",
        )
        self.error = error
        self.retry_s = retry_s


def dead_token_hint(error: str) -> str:
    """What to do about one of ``DEAD_TOKENS``."""
    return (
        f"Slack says {error}. Reinstall the app to the workspace (or make a new app-level token), "
        "set slack.bot_token and slack.app_token to the new ones, and start nlq slack again."
    )
