"""Time words: a question and the clock go in, dates leave."""

from __future__ import annotations

from nlq.types import Clock, TimeReading


def read_time(text: str, clock: Clock) -> TimeReading:
    """What the text says about time."""
    return TimeReading()
