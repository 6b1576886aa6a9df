"""A review queue over a lake, and where it writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nlq.kept.reviews import Reviews
from nlq.log import AuditLog
from nlq.pipeline import Assistant
from nlq.sample.facts import SAMPLE_NOW
from nlq.settings import ReviewSettings, Settings
from nlq.types import Clock

NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)


def clock() -> Clock:
    return Settings().clock_at(SAMPLE_NOW)


@dataclass
class Room:
    """A queue, what is behind it, and where it writes."""

    assistant: Assistant
    audit: AuditLog
    folder: Path
    docs: Path
    suite: Path

    def reviews(self, docs: Path | None = None, **settings: object) -> Reviews:
        wanted = ReviewSettings.model_validate({"suite": self.suite, **settings})
        return Reviews(
            self.assistant, self.audit, self.folder / "kept.sqlite", wanted,
            docs or self.docs, now=lambda: NOW,
        )  # fmt: skip
