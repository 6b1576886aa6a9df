"""One call to a chat model: over a scripted model, and over a real client and a scripted server."""

from __future__ import annotations

import json
import math
import threading
import time
import traceback

import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from telling_chat import TellingChat, yes_or_no

from nlq.cancel import CancelToken
from nlq.errors import Cancelled, ModelError, ModelNonsense, ModelTimeout, ModelUnavailable
from nlq.llm.complete import Completion, complete
from nlq.llm.models import chat_model
from nlq.llm.scripted import Reply, ScriptedChat
from nlq.settings import LlmSettings
from nlq.types import TokenUse

KEY = "sk-very-secret-1234567890"
ASKED = (SystemMessage("Answer."), HumanMessage("How many?"))


def model_at(url, tmp_path, **settings):
    return chat_model(
        LlmSettings(provider="openai", base_url=url, api_key=KEY, model="m", **settings), tmp_path
    )


def ask(model, **options) -> Completion:
    options = {"max_tokens": 9, "cancel": CancelToken()} | options
    return complete(model, ASKED, **options)


# --- any model


def test_text_counts_and_reason_come_back():
    done = ask(ScriptedChat([Reply("SELECT 1 x", finish_reason="length")]))
    assert done.text == "SELECT 1 x"
    assert done.tokens == TokenUse(read=3, written=3, calls=1)
    assert done.finish_reason == "length"


def test_tokens_are_heard_in_the_callers_thread():
    heard = []
    ask(
        ScriptedChat(["a b c"]),
        on_token=lambda text: heard.append((text, threading.current_thread())),
    )
    assert heard == [(text, threading.main_thread()) for text in ("a ", "b ", "c")]


def test_a_scripted_model_is_given_every_option():
    model = ScriptedChat(["x"])
    ask(model, json_schema={"type": "object"}, stop=(";",), temperature=0.5)
    assert model.calls[0].options == {
        "max_tokens": 9,
        "temperature": 0.5,
        "json_schema": {"type": "object"},
        "stop": [";"],
    }


def test_a_scripted_model_is_asked_for_another_sample_and_for_its_doubt():
    model = ScriptedChat(["a", "b"])
    assert ask(model, seed=3, with_doubt=True).doubt is None, "a script is never in doubt"
    assert model.calls[0].options["seed"] == 3
    assert model.calls[0].options["logprobs"] == 1
    ask(model)
    assert "logprobs" not in model.calls[1].options


def test_doubt_adds_up_the_least_likely_tokens():
    likely = (-0.1, -2.0, -0.5, -0.2, -0.1, -0.3, -0.0)
    model = TellingChat(["SELECT 1"], told=[{"token": "x", "logprob": each} for each in likely])
    assert ask(model, with_doubt=True).doubt == pytest.approx(3.1)


def test_first_tokens_are_told_where_they_are_asked_for():
    model = TellingChat(["Yes"], told=yes_or_no(0.8))
    first = ask(model, alternatives=20).first
    assert first == {"Yes": pytest.approx(math.log(0.8)), "No": pytest.approx(math.log(0.2))}
    assert model.calls[0].options["logprobs"] == 20
    assert ask(ScriptedChat(["Yes"]), alternatives=20).first == {}


def test_cancel_takes_effect_while_the_model_is_silent():
    cancel = CancelToken()
    threading.Timer(0.1, cancel.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        ask(ScriptedChat([Reply("late", delay_s=5)]), cancel=cancel)
    assert time.monotonic() - began < 1


def test_a_cancelled_token_asks_nothing():
    cancel = CancelToken()
    cancel.cancel()
    model = ScriptedChat(["x"])
    with pytest.raises(Cancelled):
        ask(model, cancel=cancel)
    assert model.calls == ()


def test_the_time_limit_covers_the_whole_call():
    slow = ScriptedChat([Reply("a b c d e f", delay_s=0.2)], request_timeout=0.5)
    with pytest.raises(ModelTimeout, match=r"0\.5 s"):
        ask(slow)


def test_an_error_after_some_text_is_an_error():
    with pytest.raises(ModelUnavailable):
        ask(ScriptedChat([Reply("SELECT", error=RuntimeError("boom"))]))


def test_an_nlq_error_is_left_as_it_is():
    with pytest.raises(ModelNonsense, match="as it was"):
        ask(ScriptedChat([Reply(error=ModelNonsense("as it was"))]))


# --- OpenAI's client


def test_a_server_streams_its_answer(fake, answer, tmp_path):
    fake.answers = [answer(words=("SELECT", " 1"))]
    heard = []
    done = ask(model_at(fake.url, tmp_path), on_token=heard.append, stop=(";",))
    assert (done.text, heard) == ("SELECT 1", ["SELECT", " 1"])
    assert done.tokens == TokenUse(read=7, written=2, calls=1)
    assert done.cached == 5
    assert done.finish_reason == "stop"
    sent = fake.requests[0]
    assert (sent["model"], sent["max_tokens"], sent["stop"]) == ("m", 9, [";"])
    assert sent["temperature"] == 0.0
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert fake.keys == [f"Bearer {KEY}"]


def test_a_schema_goes_as_a_response_format_and_a_grammar_is_left_out(fake, answer, tmp_path):
    fake.answers = [answer(words=("{}",))]
    schema = {"title": "plan", "type": "object"}
    ask(model_at(fake.url, tmp_path), json_schema=schema, grammar='root ::= "x"')
    sent = fake.requests[0]
    assert sent["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "plan", "schema": schema, "strict": True},
    }
    assert "grammar" not in sent


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_passing_failure_is_tried_again(status, fake, answer, tmp_path):
    soon = {"retry-after-ms": "10"}
    fake.answers = [answer(status=status, headers=soon), answer(words=("ok",))]
    assert ask(model_at(fake.url, tmp_path)).text == "ok"
    assert len(fake.requests) == 2


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (400, ModelUnavailable, "turned the request down"),
        (401, ModelUnavailable, "refused the key"),
        (403, ModelUnavailable, "refused the key"),
        (404, ModelUnavailable, "does not know"),
        (422, ModelUnavailable, "turned the request down"),
        (429, ModelUnavailable, "too many requests"),
        (500, ModelUnavailable, "failed"),
    ],
)
def test_a_status_is_said_in_words_without_the_key(status, error, says, fake, answer, tmp_path):
    repeated = {"error": {"message": f"the key {KEY} is bad"}}
    fake.answers = [answer(status=status, body=json.dumps(repeated))]
    with pytest.raises(error, match=says) as caught:
        ask(model_at(fake.url, tmp_path, retries=0))
    assert KEY not in f"{caught.value} {caught.value.hint} {caught.value!r}"
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_retries_end(fake, answer, tmp_path):
    fake.answers = [answer(status=500, headers={"retry-after-ms": "1"})]
    with pytest.raises(ModelUnavailable):
        ask(model_at(fake.url, tmp_path, retries=2))
    assert len(fake.requests) == 3


@pytest.mark.parametrize("where", ["stall", "stall_amid"])
def test_a_stall_is_a_timeout(where, fake, answer, tmp_path):
    fake.answers = [answer(words=("a", "b"), **{where: 30})]
    began = time.monotonic()
    with pytest.raises(ModelTimeout):
        ask(model_at(fake.url, tmp_path, timeout_s=0.5))
    assert time.monotonic() - began < 2


def test_a_stalled_server_is_cancelled_at_once(fake, answer, tmp_path):
    fake.answers = [answer(words=("a",), stall=30)]
    cancel = CancelToken()
    threading.Timer(0.2, cancel.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        ask(model_at(fake.url, tmp_path), cancel=cancel)
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "", '{"choices": 3}', "data: {oops\n\n"])
def test_garbage_is_nonsense(body, fake, answer, tmp_path):
    fake.answers = [answer(body=body or " ")]
    with pytest.raises(ModelNonsense):
        ask(model_at(fake.url, tmp_path, retries=0))


def test_a_connection_that_breaks_off_is_not_taken_for_an_answer(fake, answer, tmp_path):
    fake.answers = [answer(words=("SELECT", " 1"), break_off=True)]
    with pytest.raises(ModelError):
        ask(model_at(fake.url, tmp_path, retries=0))


def test_a_refused_connection_says_what_to_check(fake, tmp_path):
    fake.close()
    model = model_at(fake.url, tmp_path, retries=0)
    with pytest.raises(ModelUnavailable, match="cannot be reached") as caught:
        ask(model)
    assert "llm.base_url" in caught.value.hint
