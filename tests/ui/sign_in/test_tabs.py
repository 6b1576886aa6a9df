"""What is in a person's tab stays theirs, also for somebody who is signed in and has its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import httpx2
import pytest
from nlq_ui.page_files import keep_files_private
from nlq_ui.sign_in.tabs import OwnTabs
from nlq_ui.who import KEY
from page_server import Served, serving
from scripted_assistant import ScriptedAssistant
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from nlq.settings import ServeSettings
from nlq.types import Principal

ANN, BOB = Principal("ann", ("analyst",)), Principal("bob", ("analyst",))
TAB = "guessed0tab"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells what reaches the page."""
    request = Request(scope, receive)
    told = {"path": scope["path"], "query": dict(request.query_params)}
    if scope["method"] == "POST":
        told["body"] = await request.json()
    await JSONResponse(told)(scope, receive, send)


def client_of(tabs: OwnTabs, principal: Principal) -> TestClient:
    async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
        await tabs({**scope, KEY: principal}, receive, send)

    return TestClient(signed_in)


def names(client: TestClient) -> set[str]:
    """The name under which the page knows the tab, by each way that tells it."""
    body = {"session_hash": TAB, "data": ["é", 1.5, None], "fn_index": 3}
    found = {
        client.get(f"/gradio_api/heartbeat/{TAB}").json()["path"].rpartition("/")[2],
        client.get("/gradio_api/queue/data", params={"session_hash": TAB}).json()["query"][
            "session_hash"
        ],
    }
    for path in ("queue/join", "queue/join?__theme=light", "run/predict", "component_server/"):
        told = client.post(f"/gradio_api/{path}", json=body).json()["body"]
        found.add(told["session_hash"])
        assert {**told, "session_hash": TAB} == body
    return found


def test_the_page_knows_a_tab_by_its_name_and_its_person() -> None:
    tabs: ASGIApp = OwnTabs(echo)
    assert isinstance(tabs, OwnTabs)
    (anns,) = names(client_of(tabs, ANN))
    (bobs,) = names(client_of(tabs, BOB))
    (other_roles,) = names(client_of(tabs, Principal("ann", ("hr",))))
    (other_server,) = names(client_of(OwnTabs(echo), ANN))
    assert len({TAB, anns, bobs, other_roles, other_server}) == 5
    assert names(client_of(tabs, ANN)) == {anns}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "call/ask"), ("GET", "call/ask/123"), ("POST", "api/ask"), ("POST", "run/ask"),
        ("POST", "cancel"), ("POST", "reset"), ("POST", "upload"), ("GET", "upload_progress"),
        ("GET", f"stream/{TAB}/1/2/playlist.m3u8"), ("POST", "stream/123"), ("GET", "proxy=x"),
        ("GET", f"deep_link?session_hash={TAB}"), ("GET", "queue/data/"), ("GET", "queue/status"),
        ("POST", "vibe-edit"), ("GET", f"heartbeat/{TAB}/x"), ("PUT", "queue/join"),
    ],
)  # fmt: skip
def test_what_the_pages_do_not_use_is_not_served(method: str, path: str) -> None:
    reply = client_of(OwnTabs(echo), ANN).request(method, f"/gradio_api/{path}")
    assert (reply.status_code, "Copy link" in reply.text) == (403, True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"[]", 400), (b"{}", 400), (b'{"session_hash": null}', 400),
        (b'{"session_hash": ["x"]}', 400), (b'{"session_hash": "x", "data": "\xff"}', 400),
        (b'{"session_hash": "x", "data": "' + b"y" * 1_000_000 + b'"}', 413),
    ],
)  # fmt: skip
def test_an_event_without_its_tab_or_too_long_is_turned_away(body: bytes, status: int) -> None:
    reply = client_of(OwnTabs(echo), ANN).post("/gradio_api/queue/join", content=body)
    assert reply.status_code == status
    assert reply.json()["type"].startswith("urn:nlq:")


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    proxy = {"addresses": ["127.0.0.1"]}
    settings = ServeSettings(proxy=proxy, groups={"finance": ("analyst",)})
    yield from serving(ScriptedAssistant(), settings=lambda _address: settings)
    assert not list(keep_files_private().rglob("answer-*"))


class Tab:
    """A person's tab, spoken to as a browser does."""

    def __init__(self, served: Served, name: str) -> None:
        headers = {"X-Forwarded-User": name, "X-Forwarded-Groups": "finance"}
        self.http = httpx2.Client(
            base_url=served.address, headers=headers, trust_env=False, timeout=20
        )
        self._config = self.http.get("config").json()

    def event(self, element: str, name: str, *values: Any) -> dict[str, Any]:
        part = next(
            part["id"]
            for part in self._config["components"]
            if part["props"].get("elem_id") == element
        )
        number = next(
            event["id"]
            for event in self._config["dependencies"]
            if [part, name] in event["targets"] and event["backend_fn"]
        )
        return {
            "data": [*values, None], "event_data": None, "fn_index": number, "trigger_id": part,
            "session_hash": TAB,
        }  # fmt: skip

    def join(self, element: str, name: str, *values: Any) -> None:
        event = self.event(element, name, *values)
        self.http.post("gradio_api/queue/join", json=event).raise_for_status()

    def press(self, element: str) -> None:
        """A button that does not wait in the queue."""
        event = self.event(element, "click")
        self.http.post("gradio_api/run/predict", json=event).raise_for_status()

    def lines(self) -> Iterator[str]:
        """What the tab hears, to the end of its events; of none, Gradio breaks off."""
        url = f"gradio_api/queue/data?session_hash={TAB}"
        with suppress(httpx2.RemoteProtocolError), self.http.stream("GET", url) as response:
            yield from (line for line in response.iter_lines() if line.startswith("data: "))

    def heard(self) -> str:
        return "".join(self.lines())


def test_whoever_has_the_name_of_anothers_tab_sees_and_does_nothing_in_it(served: Served) -> None:
    ann, bob = Tab(served, "ann"), Tab(served, "bob")
    with closing(ann.http), closing(bob.http):
        ann.join("nlq-box", "submit", "revenue by region")
        assert "404" in bob.heard()
        assert "North America" in ann.heard()
        bob.join("nlq-csv", "click")
        assert "answer-" not in bob.heard()
        ann.join("nlq-csv", "click")
        assert "answer-" in ann.heard()
        assert list(keep_files_private().rglob("answer-*.csv"))
        assert keep_files_private().stat().st_mode & 0o077 == 0
        ann.join("nlq-box", "submit", "run forever")
        told, steps = "", 0
        for line in ann.lines():
            told += line
            steps += "Running it on the lake" in line
            if steps == 2:
                bob.press("nlq-cancel")
            if steps == 6:
                ann.press("nlq-cancel")
        assert steps >= 6, "bob cancelled what ann asked"
        assert "Cancelled; nothing was run." in told
