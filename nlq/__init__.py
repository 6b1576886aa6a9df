"""nlq: plain questions into safe Presto SQL, and answers that can be trusted.

``nlq.ask("What was revenue last quarter?")`` answers over the lake that the settings name,
``nlq.draft`` stops before the query is run, ``nlq.stream`` gives the events on the way. For more
than one lake, or other parts, ``nlq.assemble.open_assistant`` makes an ``Assistant``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlq.pipeline import Assistant
    from nlq.types import Answer, Event, Principal, Turn

_assistant: Assistant | None = None


def _default() -> tuple[Assistant, Principal]:
    from nlq.assemble import open_assistant
    from nlq.settings import load_settings

    global _assistant
    settings = load_settings()
    if _assistant is None:
        _assistant = open_assistant(settings)
    return _assistant, settings.asking


def ask(
    text: str, *, principal: Principal | None = None, conversation: tuple[Turn, ...] = ()
) -> Answer:
    """Answer a question; the answer's ``turn`` continues a conversation.

    Raises ``NlqError`` where the assistant cannot be opened; what happens to the question itself is
    always an ``Answer``.
    """
    assistant, asking = _default()
    return assistant.ask(text, principal=principal or asking, conversation=conversation)


def draft(
    text: str, *, principal: Principal | None = None, conversation: tuple[Turn, ...] = ()
) -> Answer:
    """Draft and guard SQL for a question without running it; raises as ``ask`` does."""
    assistant, asking = _default()
    return assistant.draft(text, principal=principal or asking, conversation=conversation)


def stream(
    text: str, *, principal: Principal | None = None, conversation: tuple[Turn, ...] = ()
) -> Iterator[Event]:
    """The events of answering a question, the last one ``Finished``; raises as ``ask`` does."""
    assistant, asking = _default()
    return assistant.stream(text, principal=principal or asking, conversation=conversation)
