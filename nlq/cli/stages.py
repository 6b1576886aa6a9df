"""The live lines of a question on its way: events go in, a person's terminal shows them.

They are written to standard error and vanish when the answer is there, so that a pipe gets the
answer alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from nlq.types import Event, Finished, Progress, StageFinished, StageStarted


@dataclass(frozen=True, slots=True)
class Opening:
    """The assistant is being opened: plain words and a share from 0 to 1 (None: unknown)."""

    text: str
    share: float | None = None


class StageDisplay:
    """Shows stages while it is entered; shows nothing where ``quiet`` or not on a terminal."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._done: list[RenderableType] = []
        self._spinner: Spinner | None = None
        shown = console.is_terminal and not quiet
        self._live = Live(console=console, refresh_per_second=10, transient=True) if shown else None

    def __enter__(self) -> StageDisplay:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, event: Event | Opening) -> None:
        """Show one more event."""
        if isinstance(event, Finished):
            return
        if isinstance(event, StageFinished):
            line = Text.assemble(("✓ ", "green"), event.text, (f"  {event.seconds:.1f} s", "dim"))
            self._done.append(line)
            self._spinner = None
        else:
            self._spinner = Spinner("dots", Text(_words(event)), style="cyan")
        if self._live:
            lines = [*self._done, *([self._spinner] if self._spinner else [])]
            self._live.update(Group(*lines))


def _words(event: StageStarted | Progress | Opening) -> str:
    share = None if isinstance(event, StageStarted) else event.share
    return event.text if share is None else f"{event.text} {share:.0%}"
