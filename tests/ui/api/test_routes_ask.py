from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import pytest
from nlq_ui.api.forms import FIRST_PAGE
from nlq_ui.api.replies import (
    AnswerReply,
    AskedReply,
    ProgressEvent,
    StageFinishedEvent,
    StageStartedEvent,
)
from nlq_ui.opening import Opening

from nlq.errors import LakeNotReady
from nlq.types import Answer

STAGES = ["retrieve", "draft", "guard", "estimate", "run", "explain"]
EVENT_STREAM = {"Accept": "text/event-stream"}


def sent_events(text: str) -> list[tuple[str, dict]]:
    found = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_an_answer_as_json(client, shop):
    response = client.post("/api/v1/ask", json={"question": "number 42"})
    assert response.status_code == 200
    asked = AskedReply.model_validate(response.json())
    assert asked.answer.kind == "answer"
    assert asked.answer.result.rows == [[42]]
    assert "42" in asked.answer.headline
    assert asked.earlier_turns == 0
    assert response.headers["question-id"] == asked.question_id
    (record,) = shop.audit.every()
    assert (record.id, record.interface, record.principal) == (asked.answer.id, "api", "eve")


def test_the_description_names_every_field_of_an_answer():
    kept_by_the_server = {"turn"}
    assert set(AnswerReply.model_fields) == {f.name for f in fields(Answer)} - kept_by_the_server


def test_a_long_result_comes_with_its_first_page(client):
    result = client.post("/api/v1/ask", json={"question": "rows 250"}).json()["answer"]["result"]
    assert len(result["rows"]) == FIRST_PAGE
    assert (result["row_count"], result["next_offset"]) == (250, FIRST_PAGE)


def test_a_draft_is_not_run(client):
    reply = client.post("/api/v1/draft", json={"question": "forever"}).json()
    answer = AskedReply.model_validate(reply).answer
    assert (answer.kind, answer.result) == ("draft", None)
    assert "lake.shop.sales" in answer.sql


def test_a_draft_comes_as_events_too(client, shop):
    response = client.post("/api/v1/draft", json={"question": "number 7"}, headers=EVENT_STREAM)
    events = sent_events(response.text)
    assert [data["stage"] for name, data in events if name == "stage_started"] == STAGES[:4]
    name, last = events[-1]
    assert (name, last["answer"]["kind"], last["answer"]["result"]) == ("answer", "draft", None)


def test_a_draft_cannot_be_confirmed(client):
    response = client.post("/api/v1/draft", json={"question": "x", "confirmed": True})
    assert response.status_code == 422
    assert response.json()["detail"].startswith("confirmed: ")


@pytest.mark.parametrize("kind", [("which", "clarification"), ("pay", "refusal")])
def test_what_is_no_answer_is_one_all_the_same(client, kind):
    question, kind = kind
    response = client.post("/api/v1/ask", json={"question": question})
    assert (response.status_code, response.json()["answer"]["kind"]) == (200, kind)
    AskedReply.model_validate(response.json())


def test_a_cost_is_agreed_to(client):
    first = client.post("/api/v1/ask", json={"question": "costly 7"}).json()["answer"]
    assert (first["kind"], first["may_confirm"]) == ("refusal", True)
    body = {"question": "costly 7", "confirmed": True}
    assert client.post("/api/v1/ask", json=body).json()["answer"]["kind"] == "answer"


def test_notes_reach_the_drafter(client, shop):
    client.post("/api/v1/ask", json={"question": "number 1", "notes": " Net of tax. "})
    assert shop.drafter.questions[-1].notes == "Net of tax."


def test_events_come_in_order_and_in_their_described_forms(client):
    response = client.post("/api/v1/ask", json={"question": "number 42"}, headers=EVENT_STREAM)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = sent_events(response.text)
    forms = {
        "stage_started": StageStartedEvent,
        "stage_finished": StageFinishedEvent,
        "progress": ProgressEvent,
        "answer": AskedReply,
    }
    for name, data in events:
        forms[name].model_validate(data)
    assert [d["stage"] for n, d in events if n == "stage_started"] == STAGES
    assert [d["stage"] for n, d in events if n == "stage_finished"] == STAGES
    names = [name for name, _ in events]
    assert (names.count("progress"), names.index("answer")) == (1, len(names) - 1)
    for stage in STAGES:
        of_it = [name for name, data in events if data.get("stage") == stage]
        assert (of_it[0], of_it[-1]) == ("stage_started", "stage_finished")
    assert events[-1][1]["answer"]["result"]["rows"] == [[42]]
    assert response.headers["question-id"] == events[-1][1]["question_id"]


def test_a_conversation_goes_on(client, shop):
    first = client.post("/api/v1/ask", json={"question": "number 1"}).json()
    body = {"question": "number 2", "conversation_id": first["conversation_id"]}
    assert client.post("/api/v1/ask", json=body).json()["earlier_turns"] == 1
    assert [turn.question for turn in shop.drafter.questions[-1].conversation] == ["number 1"]
    other = client.post("/api/v1/ask", json={"question": "number 3"}).json()
    assert (other["earlier_turns"], shop.drafter.questions[-1].conversation) == (0, ())


def test_cancel_while_it_runs(client, shop):
    body = {"question": "forever", "question_id": "mine"}
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(client.post, "/api/v1/ask", json=body)
        assert shop.engine.running.wait(10)
        cancelled = client.post("/api/v1/questions/mine/cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelling")
        assert asked.result(10).json()["answer"]["kind"] == "cancelled"
    assert shop.engine.cancelled.is_set()
    assert client.post("/api/v1/questions/mine/cancel").status_code == 404


def test_too_many_at_a_time_and_an_id_in_use(client_of, shop):
    client = client_of(questions=1)
    body = {"question": "forever", "question_id": "one"}
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(client.post, "/api/v1/ask", json=body)
        assert shop.engine.running.wait(10)
        second = client.post("/api/v1/ask", json={"question": "number 1"})
        assert second.status_code == 429
        assert int(second.headers["retry-after"]) > 0
        assert second.json()["type"] == "urn:nlq:too-many"
        assert client.post("/api/v1/ask", json=body).status_code == 409
        client.post("/api/v1/questions/one/cancel")
        asked.result(10)
    assert client.post("/api/v1/ask", json={"question": "number 1"}).status_code == 200


def test_the_place_is_free_when_the_answer_is_told(client_of):
    client = client_of(questions=1)
    for number in range(8):
        response = client.post("/api/v1/ask", json={"question": f"number {number}"})
        assert response.status_code == 200


def test_fifty_at_once_are_not_mixed_up(people, shop):
    """Two principals use the same conversation id; each sees only their own turns and rows."""
    people = dict(zip(("ann", "bob"), people, strict=True))
    failures: list[str] = []
    start = threading.Barrier(50)

    def ask(number: int) -> None:
        name = ("ann", "bob")[number % 2]
        table = "" if name == "ann" else " pay"
        text = f"number {number}{table} {name}"
        start.wait(30)
        body = {"question": text, "conversation_id": "shared"}
        answer = people[name].post("/api/v1/ask", json=body).json()["answer"]
        if (answer["question"], answer["result"]["rows"]) != (text, [[number]]):
            failures.append(f"{text}: {answer}")
        mine = people[name].get(f"/api/v1/answers/{answer['id']}/result")
        other = people["bob" if name == "ann" else "ann"]
        theirs = other.get(f"/api/v1/answers/{answer['id']}/result")
        if mine.json()["rows"] != [[number]] or theirs.status_code != 404:
            failures.append(f"{text}: {mine.text} {theirs.text}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    for name, client in people.items():
        last = client.post(
            "/api/v1/ask", json={"question": f"number 1 {name}", "conversation_id": "shared"}
        ).json()
        assert last["earlier_turns"] == 20
    assert len(shop.drafter.questions) >= 52
    for question in shop.drafter.questions:
        assert question.text.endswith(question.principal.name)
        told = [turn.question.split()[-1] for turn in question.conversation]
        assert set(told) <= {question.principal.name}


def test_nobody_cancels_what_is_anothers(people, shop):
    ann, bob = people
    body = {"question": "forever", "question_id": "hers"}
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(ann.post, "/api/v1/ask", json=body)
        assert shop.engine.running.wait(10)
        assert bob.post("/api/v1/questions/hers/cancel").status_code == 404
        assert not shop.engine.cancelled.is_set()
        assert ann.post("/api/v1/questions/hers/cancel").status_code == 202
        assert asked.result(10).json()["answer"]["kind"] == "cancelled"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "question: Field required."),
        ({"question": "  "}, "question: "),
        ({"question": "x" * 4001}, "question: "),
        ({"question": "x", "conversation_id": "../etc"}, "conversation_id: "),
        ({"question": "x", "sql": "SELECT 1"}, "sql: "),
        ({"question": "x", "confirmed": 1}, "confirmed: "),
        ({"question": "x", "confirmed": "yes"}, "confirmed: "),
        ({"question": "a\ud800"}, "question: "),
        ({"question": "a\0"}, "question: "),
        ([], "body: "),
    ],
)
def test_what_does_not_fit_is_told(client, shop, body, told):
    response = client.post(
        "/api/v1/ask", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["detail"].startswith(told)
    assert problem["hint"]
    assert list(shop.audit.every()) == []


def test_broken_json_and_long_bodies(client):
    json_type = {"Content-Type": "application/json"}
    broken = client.post("/api/v1/ask", content=b'{"question"', headers=json_type)
    assert (broken.status_code, broken.json()["type"]) == (422, "urn:nlq:bad-input")
    assert "not JSON" in broken.json()["detail"]
    latin = client.post("/api/v1/ask", content="é".encode("latin-1"), headers=json_type)
    assert (latin.status_code, latin.json()["type"]) == (400, "urn:nlq:bad-request")
    long = b'{"question": "' + b"x" * 1_000_001 + b'"}'
    for content in (long, iter([long[:600_000], long[600_000:]])):
        response = client.post("/api/v1/ask", content=content, headers=json_type)
        assert (response.status_code, response.json()["type"]) == (413, "urn:nlq:too-long")


def test_while_it_opens_and_where_it_cannot(client_of, shop):
    gate = threading.Event()

    def slow(progress):
        progress("Loading the model", 0.5)
        gate.wait(10)
        raise LakeNotReady("The lake is missing.", hint="Run: nlq lake make")

    opening = Opening(slow)
    client = client_of(opening=opening)
    waiting = client.post("/api/v1/ask", json={"question": "number 1"})
    assert waiting.status_code == 503
    assert "Loading the model" in waiting.json()["detail"]
    assert waiting.headers["retry-after"]
    gate.set()
    with pytest.raises(LakeNotReady):
        opening.ready(10)
    assert client.post("/api/v1/ask", json={"question": "number 1"}).status_code == 503
