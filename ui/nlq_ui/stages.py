"""The stages of a question as lines to show: events go in, the lines so far come out."""

from __future__ import annotations

from dataclasses import dataclass

from nlq.types import Event, Finished, StageFinished, StageStarted


@dataclass(frozen=True, slots=True)
class StageLine:
    """One line: ``seconds`` once it is done, ``share`` (0 to 1) where progress is known."""

    text: str
    seconds: float | None = None
    share: float | None = None


def after(lines: tuple[StageLine, ...], event: Event) -> tuple[StageLine, ...]:
    """The lines once ``event`` has happened."""
    done = tuple(line for line in lines if line.seconds is not None)
    if isinstance(event, Finished):
        return done
    if isinstance(event, StageFinished):
        return (*done, StageLine(event.text, event.seconds))
    share = None if isinstance(event, StageStarted) else event.share
    return (*done, StageLine(event.text, None, share))
