"""The chat model that plays a script."""

from __future__ import annotations

import pytest
from langchain_core.messages import HumanMessage

from nlq.llm.scripted import Reply, ScriptedChat


def test_replies_come_in_order_and_then_end():
    model = ScriptedChat(["one", Reply("two words")])
    assert model.invoke("a").text == "one"
    assert [chunk.text for chunk in model.stream("b") if chunk.text] == ["two ", "words"]
    with pytest.raises(AssertionError, match="2 replies"):
        model.invoke("c")
    assert [call.messages[0].text for call in model.calls] == ["a", "b", "c"]


def test_a_function_answers_from_the_messages():
    model = ScriptedChat(lambda messages: messages[-1].text.upper())
    assert model.invoke([HumanMessage("x"), HumanMessage("loud")]).text == "LOUD"


def test_spaces_and_lines_are_kept():
    text = "SELECT 1\n  FROM t \n"
    assert ScriptedChat([text]).invoke("x").text == text


def test_an_error_comes_after_the_text():
    stream = ScriptedChat([Reply("half", error=ConnectionError("gone"))]).stream("x")
    assert next(stream).text == "half"
    with pytest.raises(ConnectionError):
        next(stream)
