"""Serves the chat page over an assistant from settings, which is opened once the page is up."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from nlq.settings import Settings
from nlq.types import Principal
from nlq_ui.address import address_of, listen
from nlq_ui.opening import Assistant, OnProgress, Opening

EXAMPLES = 4
"""Questions to start with on an empty page."""

_SHORT = 70


def serve_page(
    settings: Settings, principal: Principal, host: str, port: int, say: Callable[[str], None]
) -> None:
    """Serve until Ctrl-C. ``say`` hears the address once the page can be opened.

    Raises ``SettingsError`` where that address cannot be had.
    """
    listening = listen(host, port)  # before the slow imports, so that a taken port is told at once
    from nlq_ui.app import Page
    from nlq_ui.server import PageServer

    def open_assistant(on_progress: OnProgress) -> Assistant:
        from nlq.assemble import open_assistant

        assistant = open_assistant(settings, on_progress)
        on_progress("Loading the model", None)
        assistant.warm_up(settings.asking)
        return assistant

    opening = Opening(open_assistant)

    @cache
    def examples() -> tuple[str, ...]:
        from nlq.assemble import load_catalog, load_policy

        visible = load_policy(settings).grants(principal).visible(load_catalog(settings))
        return _spread([query.question for query in visible.verified])

    def ready() -> None:
        say(f"The chat page is at {address_of(listening)} (Ctrl-C stops it).")
        opening.start()

    try:
        PageServer(Page(opening, principal, examples), listening, ready).serve_until_stopped()
    finally:
        opening.close()


def _spread(questions: list[str]) -> tuple[str, ...]:
    """A few short ones, from all over the list, which goes from subject to subject."""
    short = [question for question in questions if len(question) <= _SHORT]
    step = max(1, len(short) // EXAMPLES)
    return tuple(short[::step][:EXAMPLES])
