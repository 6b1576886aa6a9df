"""The recorder: nothing is asked twice, whatever a reply depends on is told apart."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from nlq_evals.assistant import Calls, Counted
from nlq_evals.replies import RecordedChat, Replies
from nlq_evals.suite import SuiteError

from nlq.cancel import CancelToken
from nlq.drafting.drafter import PROMPTS, Drafter
from nlq.errors import Cancelled, ModelUnavailable
from nlq.llm.complete import complete
from nlq.llm.prompts import load_prompt
from nlq.llm.scripted import Reply, ScriptedChat

MESSAGES = [SystemMessage("You write SQL."), HumanMessage("How many?")]


class EmbeddedScript(ScriptedChat):
    """Plays a script, and is asked as the embedded model is."""

    @property
    def _llm_type(self) -> str:
        return "nlq-embedded"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "replies"


def recorded(folder, replies, kind=ScriptedChat, **settings) -> tuple[RecordedChat, ScriptedChat]:
    inner = kind(replies, **settings)
    return RecordedChat(inner=inner, replies=Replies(folder)), inner


def ask(model, messages=MESSAGES, **options):
    return complete(model, messages, **{"max_tokens": 50, "cancel": CancelToken(), **options})


def test_the_very_same_is_asked_once_also_by_a_later_run(folder):
    model, inner = recorded(folder, [Reply("SELECT 1 AS x", delay_s=0.01)])
    first = ask(model)
    again = ask(model)
    later, unasked = recorded(folder, [])
    third = ask(later)
    assert len(inner.calls) == 1
    assert unasked.calls == ()
    assert {done.text for done in (first, again, third)} == {"SELECT 1 AS x"}
    assert first.tokens == again.tokens == third.tokens
    assert first.tokens.written == 4
    assert third.finish_reason == "stop"


def test_calls_are_counted_and_their_first_seconds_kept(folder):
    model, _ = recorded(folder, [Reply("SELECT 1", delay_s=0.02)])
    ask(model)
    first = model.calls
    ask(model)
    assert isinstance(model, Counted)
    assert (first.count, first.replayed) == (1, 0)
    assert first.seconds >= 0.04
    assert (model.calls - first).replayed == 1
    assert (model.calls - first).seconds == pytest.approx(first.seconds)


@pytest.mark.parametrize(
    "options",
    [
        {"max_tokens": 60},
        {"temperature": 0.6},
        {"stop": [";"]},
        {"grammar": 'root ::= "1"'},
        {"json_schema": {"type": "object"}},
        {"messages": [*MESSAGES, HumanMessage("And now?")]},
    ],
)
def test_what_a_reply_depends_on_is_asked_anew(folder, options):
    model, inner = recorded(folder, ["one", "two"])
    assert ask(model).text == "one"
    assert ask(model, **options).text == "two"
    assert ask(model, **options).text == "two"
    assert len(inner.calls) == 2


def test_a_seed_and_another_model_are_asked_anew(folder):
    class Named(ScriptedChat):
        model_name: str
        temperature: float = 0.0

    model, _ = recorded(folder, ["one", "two"], Named, model_name="a")
    assert [model.invoke(MESSAGES, seed=seed).text for seed in (1, 2, 1)] == ["one", "two", "one"]
    other, _ = recorded(folder, ["other"], Named, model_name="b")
    assert other.invoke(MESSAGES, seed=1).text == "other"
    warmer, _ = recorded(folder, ["warmer"], Named, model_name="a", temperature=0.5)
    assert warmer.invoke(MESSAGES, seed=1).text == "warmer"


def test_text_streams_through_the_first_time(folder):
    model, _ = recorded(folder, ["SELECT 1"])
    heard: list[str] = []
    ask(model, on_token=heard.append)
    ask(model, on_token=heard.append)
    assert heard == ["SELECT ", "1", "SELECT 1"]


def test_a_cancelled_or_broken_reply_is_not_kept(folder):
    model, inner = recorded(
        folder,
        [Reply("SELECT 1 2 3", delay_s=0.05), Reply("SELECT", error=ConnectionError("gone")), "ok"],
    )
    cancel = CancelToken()
    threading.Timer(0.07, cancel.cancel).start()
    with pytest.raises(Cancelled):
        ask(model, cancel=cancel)
    with pytest.raises(ModelUnavailable):
        ask(model)
    assert ask(model).text == "ok"
    assert len(inner.calls) == 3


def test_the_embedded_model_is_told_when_to_stop_and_knows_its_replies_again(folder):
    model, inner = recorded(folder, ["SELECT 1"], EmbeddedScript)
    ask(model)
    ask(model)
    assert len(inner.calls) == 1
    assert isinstance(inner.calls[0].options["cancel"], CancelToken)


def test_the_models_time_limit_is_the_recorders(folder):
    model, _ = recorded(folder, ["x"], request_timeout=3.0)
    assert model.request_timeout == 3.0


def test_warming_up_asks_nothing_and_loads_nothing(folder):
    class Loading(ScriptedChat):
        def warm_up(self, prefixes: object) -> None:
            raise AssertionError("loaded")

    model, _ = recorded(folder, [], Loading)
    Drafter(model, {name: load_prompt(name, None) for name in PROMPTS}).warm_up()


def test_a_folder_that_cannot_be_is_said_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SuiteError, match="cannot keep replies"):
        Replies(tmp_path / "file")


def test_calls_subtract_and_add():
    assert Calls(2, 1, 3.0) - Calls(1, 1, 1.0) == Calls(1, 0, 2.0)
    assert replace(Calls(), count=1) + Calls(1, 1, 0.5) == Calls(2, 1, 0.5)
