"""The gate before the real page and API: strangers get nothing, whatever they open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from nlq_ui.api.app import Api
from nlq_ui.app import Page
from nlq_ui.mount import mounted
from nlq_ui.opening import Opening
from nlq_ui.server import SideBySide
from nlq_ui.sign_in.opening import gate
from nlq_ui.who import NotSignedIn, who
from scripted_assistant import ScriptedAssistant
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from starlette.websockets import WebSocketDisconnect

from nlq.settings import ServeSettings
from nlq.types import Principal

EVE = Principal("eve", ("analyst",))
PROXY = {"proxy": {"addresses": ["10.0.0.7"]}, "groups": {"finance": ["analyst"]}}
ANN = {"X-Forwarded-User": "ann", "X-Forwarded-Groups": "finance"}
TOKEN = {"name": "bob", "roles": ["hr"], "sha256": "a" * 64}


async def echo(scope, receive, send):
    """Tells who asks, as page code and the API see it."""
    if scope["type"] == "http":
        try:
            told = {"name": who(Request(scope)).name}
        except NotSignedIn:
            told = {"name": None}
        response = JSONResponse(told, headers={"Access-Control-Allow-Origin": "*"})
        await response(scope, receive, send)


def client_of(
    app: ASGIApp = echo, *, peer: str = "10.0.0.7", host: str = "nlq.example.com",
    alone: bool = False, **settings: object,
) -> TestClient:  # fmt: skip
    guarded = gate(app, ServeSettings(**settings), EVE, Path(), alone=alone)
    return TestClient(guarded, f"http://{host}", client=(peer, 1), follow_redirects=False)


@pytest.fixture(scope="module")
def whole() -> Iterator[tuple[FastAPI, Api, SideBySide]]:
    """The page and the API as they are served."""
    opening = Opening(lambda _progress: ScriptedAssistant())
    page, api = mounted(Page(opening, who)), Api(opening, ServeSettings(**PROXY), None)
    yield page, api, SideBySide(page, api)
    api.close()


def paths(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path that an app answers, its parameters filled in."""
    for route in routes:
        if (
            router := getattr(route, "original_router", None)
        ) is not None:  # FastAPI keeps it whole
            yield from paths(router.routes, prefix + route.include_context.prefix)
            continue
        path = prefix + re.sub(r"\{[^}]*\}", "x", getattr(route, "path", ""))
        if isinstance(route, Mount):
            yield from (("GET", path or "/"), ("GET", f"{path}/x"))
            yield from paths(route.routes or [], path)
        else:
            yield from ((method, path) for method in getattr(route, "methods", None) or ["GET"])


def test_strangers_get_nothing_of_the_page_and_the_api_whatever_the_path(whole):
    page, api, both = whole
    known = sorted({*paths(page.routes), *paths(api.routes)})
    named = {path for _, path in known}
    assert {"/config", "/gradio_api/queue/join", "/api/v1/ask", "/api/v1/openapi.json"} <= named
    assert len(known) > 60
    beyond = [("GET", "/desk"), ("GET", "/static/x"), ("POST", "/x"), ("GET", "//healthz"),
              ("GET", "/healthz/"), ("GET", "/healthz/../config"), ("GET", "/assets/x.js"),
              ("GET", "/gradio_api/file=/etc/passwd"), ("GET", "/api/v1/x/")]  # fmt: skip
    client, past = client_of(both, **PROXY), client_of(both, peer="10.0.0.8", **PROXY)
    for method, path in (*known, *beyond):
        if path in ("/healthz", "/readyz"):
            continue
        for stranger, status, headers in ((client, 401, {}), (past, 403, ANN)):
            response = stranger.request(method, path, headers=headers)
            assert (method, path, response.status_code) == (method, path, status)
            assert method == "HEAD" or "urn:nlq:not-" in response.text


def test_strangers_hear_that_it_lives_and_no_details(whole):
    client = client_of(whole[2], **PROXY)
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz")
    assert {check["detail"] + check["hint"] for check in ready.json()["checks"]} == {""}
    told = client.get("/readyz", headers=ANN).json()
    assert any(check["detail"] for check in told["checks"])


def test_people_of_the_proxy_are_let_in_to_page_and_api(whole):
    client = client_of(whole[2], **PROXY)
    assert client.get("/config", headers=ANN).status_code == 200
    assert "<gradio-app" in client.get("/", headers=ANN).text
    assert client.get("/api/v1/openapi.json", headers=ANN).status_code == 200
    assert client.get("/who", headers=ANN).json() == {"name": "ann", "sign_out": False}


def test_page_code_hears_who_asks():
    client = client_of(**PROXY)
    assert client.get("/", headers=ANN).json() == {"name": "ann"}
    with pytest.raises(NotSignedIn):
        who(None)
    assert client_of(alone=True, host="127.0.0.1:7860").get("/").json() == {"name": "eve"}


def test_without_sign_in_only_this_machine_is_served():
    assert client_of(alone=True, host="localhost").get("/").status_code == 200
    assert client_of(alone=True, host="evil.example").get("/").status_code == 403


def test_with_tokens_alone_the_api_wants_one_and_there_is_no_page(whole):
    for host in ("10.0.0.1", "127.0.0.1"):  # whoever sends it says what the host is
        client = client_of(whole[1], host=host, tokens=[TOKEN])
        for path in ("/", "/api/v1/openapi.json", "/api/v2/x", "/who"):
            assert client.get(path).status_code == 401
        assert client.get("/healthz").status_code == 200


def test_a_token_is_looked_at_on_the_api_alone_and_never_falls_back():
    bears = {**ANN, "Authorization": "Bearer nope"}
    client = client_of(tokens=[TOKEN], **PROXY)
    assert client.get("/api/v1/x", headers=bears).status_code == 401
    assert client.get("/x", headers=bears).json() == {"name": "ann"}
    assert client.get("/api/v1/x", headers=ANN).json() == {"name": "ann"}


def test_a_browser_is_told_on_a_page():
    wants = {"Accept": "text/html"}
    told = client_of(peer="10.0.0.8", **PROXY).get("/", headers=wants)
    assert (told.status_code, "<h1>No access</h1>" in told.text) == (403, True)
    nobody = {**ANN, **wants, "X-Forwarded-User": "<b>bo</b>", "X-Forwarded-Groups": "chess"}
    told = client_of(**PROXY).get("/", headers=nobody)
    assert "signed in as &lt;b&gt;bo&lt;/b&gt;" in told.text


def test_other_sites_pages_can_do_nothing():
    client = client_of(**PROXY)
    for method in ("GET", "POST", "OPTIONS"):
        told = client.request(method, "/x", headers={**ANN, "Origin": "https://evil.example"})
        assert told.status_code == 403
        assert "access-control-allow-origin" not in told.headers
    fine = client.post("/x", headers={**ANN, "Origin": "http://nlq.example.com"})
    assert fine.json() == {"name": "ann"}
    assert "access-control-allow-origin" not in fine.headers
    assert fine.headers["content-security-policy"] == "frame-ancestors 'self'"


def test_a_websocket_of_a_stranger_is_closed():
    client = client_of(**PROXY)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/x"):
        pass


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"proxy": {"addresses": ["10.0.0.7"]}}, "serve.groups is empty"),
        ({**PROXY, "oidc": {"issuer": "https://id.example.com"}}, "set one of them"),
        ({"oidc": {"issuer": "https://id.example.com"}, "groups": {"a": ["b"]}}, "client_id"),
        ({"url": "nlq.example.com"}, "https://nlq.example.com"),
    ],
)
def test_settings_that_do_not_go_together(settings: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        ServeSettings(**settings)
