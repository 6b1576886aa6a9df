"""One line of progress for a long step: words and a share go in, a moving line comes out.

Where nobody watches (a pipe, a build log) a line is written at every tenth of the way.
"""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class ProgressLine:
    """Shows progress while it is entered; says nothing where ``quiet``."""

    def __init__(self, console: Console, title: str, *, quiet: bool = False) -> None:
        self._console = console
        self._title = title
        self._quiet = quiet
        self._told = -1
        self._words = ""
        self._bar: Progress | None = None
        self._task = TaskID(0)
        if console.is_terminal and not quiet:
            self._bar = Progress(
                TextColumn("{task.fields[title]}"),
                BarColumn(bar_width=30),
                TextColumn("{task.percentage:>3.0f}%"),
                TimeElapsedColumn(),
                TextColumn("[dim]{task.description}"),
                console=console,
                transient=True,
            )

    def __enter__(self) -> ProgressLine:
        if self._bar:
            self._bar.start()
            self._task = self._bar.add_task("", total=None, title=self._title)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, text: str, share: float | None) -> None:
        """Show how far it is: plain words, and a share from 0 to 1 (None: unknown)."""
        if self._bar:
            self._bar.update(
                self._task,
                description=text,
                total=None if share is None else 1.0,
                completed=share or 0.0,
            )
        elif not self._quiet:
            tenth = -1 if share is None else int(share * 10)
            if text.split()[:1] != self._words.split()[:1] or tenth != self._told:
                percent = "" if share is None else f" {share:4.0%}"
                self._console.print(f"{self._title}:{percent} {text}", markup=False)
            self._told, self._words = tenth, text
