"""Over a real socket: events as they happen, and what leaving does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest
from nlq_ui.address import address_of, listen
from nlq_ui.api.app import Api
from nlq_ui.opening import Opening
from nlq_ui.server import Server, SideBySide
from small_shop import Shop
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from nlq.settings import ServeSettings
from nlq.types import Principal

FOREVER = {"question": "forever", "question_id": "long"}


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands in for the chat page."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await PlainTextResponse("the page")(scope, receive, send)


@pytest.fixture
def served(shop: Shop) -> Iterator[httpx2.Client]:
    listening, up = listen("127.0.0.1", 0), threading.Event()
    opening = Opening(lambda _progress: shop.assistant)
    opening.start()
    opening.ready(5)
    api = Api(opening, ServeSettings(questions=1), Principal("eve", ("analyst",)))
    server = Server(SideBySide(page, api), listening, up.set)
    thread = threading.Thread(target=server.serve_until_stopped, daemon=True)
    thread.start()
    assert up.wait(10)
    with httpx2.Client(base_url=address_of(listening), trust_env=False, timeout=20) as client:
        yield client
    api.close()
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


def test_page_and_api_side_by_side(served):
    assert served.get("/").text == "the page"
    assert served.get("/apiary").text == "the page"
    assert served.get("/healthz").json() == {"status": "alive"}
    nowhere = served.get("/api/v2/ask")
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, "urn:nlq:not-found")
    wrong = served.get("/api/v1/ask")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.json()["type"] == "urn:nlq:bad-method"


def test_events_come_while_the_query_runs_and_cancel_ends_it(served, shop):
    headers = {"Accept": "text/event-stream"}
    with served.stream("POST", "/api/v1/ask", json=FOREVER, headers=headers) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: stage_started"
        assert shop.engine.running.wait(10)
        assert not shop.engine.cancelled.is_set()
        id = response.headers["question-id"]
        assert httpx2.post(
            f"{served.base_url}api/v1/questions/{id}/cancel", trust_env=False
        ).is_success
        rest = list(lines)
    assert json.loads(rest[-2].removeprefix("data: "))["answer"]["kind"] == "cancelled"


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
def test_whoever_leaves_cancels(served, shop, accept):
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(
            f"{served.base_url}api/v1/ask",
            json=FOREVER,
            headers={"Accept": accept},
            trust_env=False,
            timeout=1,
        )
    assert shop.engine.running.is_set()
    assert shop.engine.cancelled.wait(10)
    give_up = time.monotonic() + 10
    while served.post("/api/v1/ask", json={"question": "number 1"}).status_code == 429:
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_whoever_leaves_before_the_file_is_there_cancels_its_query(served, shop):
    shop.engine.most = 3
    id = served.post("/api/v1/ask", json={"question": "rows 9"}).json()["answer"]["id"]
    shop.engine.forever = True
    with pytest.raises(httpx2.ReadTimeout):
        served.get(f"/api/v1/answers/{id}/file", timeout=1)
    assert shop.engine.cancelled.wait(10)
    give_up = time.monotonic() + 10
    while list(shop.audit.every())[-1].outcome != "cancelled":
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_it_lives_while_questions_run(served, shop):
    with served.stream(
        "POST", "/api/v1/ask", json=FOREVER, headers={"Accept": "text/event-stream"}
    ):
        assert shop.engine.running.wait(10)
        started = time.monotonic()
        assert httpx2.get(f"{served.base_url}healthz", trust_env=False).is_success
        assert time.monotonic() - started < 5
