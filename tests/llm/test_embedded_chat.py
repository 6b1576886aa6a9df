"""The real embedded model: what a call takes is honoured, and it stops when told to."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import uuid

import httpx2
import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from nlq.cancel import CancelToken
from nlq.errors import Cancelled, ModelError, ModelTimeout, ModelUnavailable
from nlq.llm.complete import complete

pytestmark = pytest.mark.model

ASKED = (
    SystemMessage("You write one Presto SQL query. Output only the query."),
    HumanMessage("Table t(a bigint, b varchar). Count the rows of t.\nSQL:"),
)
COUNT = (HumanMessage("Count from 1 to 900 in words."),)
LONG, ITS_START = (
    (HumanMessage("Repeat this list: " + ", ".join(f"item {n}" for n in range(most))),)
    for most in (250, 120)
)
"""Some 1,400 tokens, and the first 600 of them, which take less to read again."""


def ask(model, messages=ASKED, **options):
    options = {"max_tokens": 40, "cancel": CancelToken()} | options
    return complete(model, messages, **options)


def test_it_writes_sql_as_a_stream_with_counts(embedded):
    heard = []
    done = ask(embedded, on_token=heard.append)
    assert "count(" in done.text.lower()
    assert "".join(heard) == done.text
    assert len(heard) > 3
    assert done.finish_reason == "stop"
    assert done.tokens.read > 30
    assert done.tokens.written >= len(heard)


def test_it_answers_the_same_at_temperature_zero(embedded):
    assert ask(embedded).text == ask(embedded).text


def test_it_tells_its_doubt_and_samples_otherwise_where_it_is_in_doubt(embedded):
    told = ask(embedded, with_doubt=True).doubt
    assert told is not None
    assert told >= 0
    story = (HumanMessage("Invent a name for a ship, five words."),)
    warm = {ask(embedded, story, temperature=1.5, seed=seed).text for seed in (1, 2, 3)}
    assert len(warm) > 1


def test_it_tells_how_likely_other_answers_were(embedded):
    asked = (HumanMessage("Is the sea wet? Answer Yes or No."),)
    first = ask(embedded, asked, max_tokens=1, alternatives=20).first
    assert first["Yes"] > first["No"]


def test_a_prefix_that_it_has_read_is_not_read_again(embedded):
    ask(embedded)
    again = ask(embedded, (*ASKED[:1], HumanMessage("Table u(c date). List c of u.\nSQL:")))
    assert again.cached > 15


def test_it_is_stopped_when_it_goes_round_in_circles(embedded):
    asked = (HumanMessage('Write "all work and no play" 100 times, separated by commas.'),)
    done = ask(embedded, asked, max_tokens=300)
    assert done.text.lower().count("all work and no play") in (5, 6)
    assert done.finish_reason == "length"
    assert done.tokens.read > 20
    assert 25 < done.tokens.written < 60
    assert "count(" in ask(embedded).text.lower(), "it goes on with the next"


def test_a_json_schema_is_honoured(embedded):
    schema = {
        "type": "object",
        "properties": {"kind": {"enum": ["sql", "refusal"]}, "tables": {"type": "integer"}},
        "required": ["kind", "tables"],
        "additionalProperties": False,
    }
    said = json.loads(ask(embedded, json_schema=schema).text)
    assert said.keys() == {"kind", "tables"}
    assert said["kind"] in ("sql", "refusal")
    assert isinstance(said["tables"], int)


def test_a_grammar_is_honoured(embedded):
    done = ask(embedded, grammar='root ::= "WITH x AS (" [a-z]{3} ")"')
    assert done.text.startswith("WITH x AS (")
    assert len(done.text) == len("WITH x AS (abc)")


def test_a_wrong_grammar_is_told(embedded):
    with pytest.raises(ModelError, match="grammar"):
        ask(embedded, grammar="root ::= (((")


def test_stop_and_max_tokens_end_the_text(embedded):
    stopped = ask(embedded, stop=("FROM", "from"))
    assert stopped.text
    assert "from" not in stopped.text.lower()
    cut = ask(embedded, max_tokens=3)
    assert cut.finish_reason == "length"
    assert cut.tokens.written == 3


def test_a_temperature_changes_the_text(embedded):
    asked = (HumanMessage("Write a sentence about any animal."),)
    first, second = (
        embedded.invoke(asked, temperature=1.5, seed=seed, max_tokens=8).text for seed in (1, 2)
    )
    assert first != second


def test_logprobs_come_where_asked_for(embedded):
    message = embedded.invoke(ASKED, max_tokens=2, logprobs=2)
    first = message.response_metadata["logprobs"]["content"][0]
    assert first["logprob"] <= 0
    assert len(first["top_logprobs"]) == 2


def test_cancel_while_it_reads_frees_the_caller_at_once_and_the_model_soon(embedded):
    cancel = CancelToken()
    told = []

    def tell() -> None:
        told.append(time.monotonic())
        cancel.cancel()

    threading.Timer(0.5, tell).start()
    with pytest.raises(Cancelled):
        ask(embedded, LONG, max_tokens=900, cancel=cancel)
    assert time.monotonic() - told[0] < 1
    again = ask(embedded, ITS_START, max_tokens=1)
    assert again.cached < 500 < again.tokens.read, "it went on reading"


def test_cancel_while_it_writes_ends_the_text(embedded):
    cancel = CancelToken()
    heard = []

    def hear(text: str) -> None:
        heard.append(text)
        if len(heard) == 3:
            cancel.cancel()

    with pytest.raises(Cancelled):
        ask(embedded, COUNT, max_tokens=900, cancel=cancel, on_token=hear)
    assert len(heard) < 10


def test_a_waiting_request_is_cancelled_without_its_turn(embedded):
    first, second = CancelToken(), CancelToken()
    ended = []

    def run_first() -> None:
        try:
            ask(embedded, LONG, max_tokens=400, cancel=first)
        except Cancelled:
            ended.append("first")

    thread = threading.Thread(target=run_first)
    thread.start()
    time.sleep(0.3)
    threading.Timer(0.2, second.cancel).start()
    with pytest.raises(Cancelled):
        ask(embedded, cancel=second)
    assert ended == []
    first.cancel()
    thread.join(5)
    assert ended == ["first"]


def test_the_time_limit_is_kept(embedded):
    hurried = embedded.model_copy(update={"request_timeout": 0.5})
    with pytest.raises(ModelTimeout, match=r"0\.5 s"):
        ask(hurried, LONG)


def test_a_prompt_past_the_window_is_told(embedded):
    with pytest.raises(ModelUnavailable, match="window"):
        ask(embedded, (HumanMessage("word " * 9000),))


def test_its_port_answers_nobody_without_the_key(embedded):
    body = {"messages": [{"role": "user", "content": "x"}], "max_tokens": 1}
    reply = httpx2.post(f"{embedded.server.address}/v1/chat/completions", json=body)
    assert reply.status_code == 401


WARM = """
import time
from langchain_core.messages import HumanMessage, SystemMessage
from nlq.cancel import CancelToken
from nlq.llm.complete import complete
from nlq.llm.models import chat_model
from nlq.settings import LlmSettings, load_settings
model = chat_model(LlmSettings(timeout_s=280), load_settings().models_dir)
system = SystemMessage("You are a %s. " + "Be brief and exact. " * 12)
other = SystemMessage("Is it %s? " + "Say yes or no, and why it is so. " * 12)
model.warm_up([[other], [system]])
for each in (system, other, system):
    asked = [each, HumanMessage("Hello")]
    print(complete(model, asked, max_tokens=1, cancel=CancelToken()).cached)
"""


def test_prefixes_are_read_once_for_all_processes(embedded):
    folder = embedded.server.states
    before = set(folder.iterdir())
    code = WARM % (uuid.uuid4(), uuid.uuid4())
    try:
        assert min(map(int, run(code).stdout.split())) > 50
        kept = set(folder.iterdir()) - before
        assert len(kept) == 2
        written = {path: path.stat().st_mtime_ns for path in kept}
        assert min(map(int, run(code).stdout.split())) > 50, "one took the other's place"
        assert {path: path.stat().st_mtime_ns for path in kept} == written, "written again"
    finally:
        for path in set(folder.iterdir()) - before:
            path.unlink()


EXIT = """
import contextlib, threading
from nlq.errors import ModelError
from nlq.llm.models import chat_model
from nlq.settings import LlmSettings, load_settings
model = chat_model(LlmSettings(timeout_s=280), load_settings().models_dir)
begun = threading.Event()
def write():
    with contextlib.suppress(ModelError):
        for _ in model.stream("Count to 900 in words.", max_tokens=900):
            begun.set()
threading.Thread(target=write, daemon=True).start()
assert begun.wait(200)
"""


def test_a_process_ends_cleanly_while_the_model_writes():
    done = run(EXIT)
    assert done.stderr == ""


def run(code: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return done
