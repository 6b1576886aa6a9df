"""What questions and buttons share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nlq_ui.api.kept_answers import KeptAnswers
from nlq_ui.opening import Opening
from nlq_ui.slack.kept import Kept
from nlq_ui.slack.people import People
from nlq_ui.slack.web import Slack


@dataclass(frozen=True, slots=True)
class Parts:
    """``contact`` is told to whoever has no access; ``now`` is real time."""

    slack: Slack
    opening: Opening
    people: People
    kept: Kept
    results: KeptAnswers
    contact: str
    now: Callable[[], datetime]
