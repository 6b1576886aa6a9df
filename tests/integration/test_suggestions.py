"""What an answer suggests to ask next really runs, over the sample lake, by rules alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nlq.assemble import open_assistant
from nlq.llm.scripted import ScriptedChat
from nlq.pipeline import Assistant
from nlq.settings import Settings
from nlq.types import Principal

EVE = Principal("eve", ("executive",))


@pytest.fixture(scope="module")
def assistant(settings: Settings) -> Iterator[Assistant]:
    """One whose model knows nothing: whatever needs it fails."""
    assistant = open_assistant(settings, model=ScriptedChat(lambda _messages: "I do not know."))
    yield assistant
    assistant.close()


@pytest.mark.parametrize(
    "question",
    [
        "What was our revenue last quarter?",
        "Revenue by region last year",
        "Revenue by quarter last year",
        "How many messages were sent last month?",
        "Churn rate last quarter",
        "New customers by month last year",
    ],
)
def test_every_suggestion_is_answered(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, principal=EVE)
    assert answer.kind == "answer", answer.headline
    assert answer.turn is not None
    for suggestion in answer.suggestions:
        told = assistant.ask(suggestion, principal=EVE, conversation=(answer.turn,))
        assert (suggestion, told.kind, told.headline) == (suggestion, "answer", told.headline)
        assert told.result is not None
        assert told.result.rows, suggestion
        assert told.sql != answer.sql, suggestion
