from __future__ import annotations

import hashlib
import re

import pytest
from nlq_ui.api.problems import Problem
from nlq_ui.api.sign_in import SignIn
from pydantic import ValidationError

from nlq.settings import ServeSettings
from nlq.types import Principal

OTHERWISE = Principal("eve", ("analyst",))


def sign_in(*named: tuple[str, str]) -> SignIn:
    tokens = [
        {"name": name, "roles": ["hr"], "sha256": hashlib.sha256(token.encode()).hexdigest()}
        for name, token in named
    ]
    return SignIn(ServeSettings(tokens=tokens).tokens, OTHERWISE)


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "[::1]:7860", "127.0.0.2"])
def test_on_this_machine_without_tokens_it_is_the_principal_of_the_settings(host):
    assert sign_in().who("", host) == OTHERWISE


@pytest.mark.parametrize(
    "host", ["evil.example:7860", "", "[", "127.0.0.1.evil.example", "10.0.0.1"]
)
def test_a_page_of_elsewhere_whose_name_points_here_is_turned_away(host):
    with pytest.raises(Problem) as caught:
        sign_in().who("", host)
    assert caught.value.status == 403


def test_a_token_says_who_asks():
    both = sign_in(("ann", "a" * 20), ("bob", "b" * 20))
    assert both.who("Bearer " + "b" * 20, "nlq.example.com") == Principal("bob", ("hr",))
    assert both.who("bearer  " + "a" * 20, "nlq.example.com").name == "ann"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic aaaa", "Bearer wrong", "aaaa"])
def test_without_a_good_token_nobody_is_let_in(header):
    with pytest.raises(Problem) as caught:
        sign_in(("ann", "a" * 20)).who(header, "127.0.0.1")
    assert caught.value.status == 401
    assert "wrong" not in caught.value.detail + caught.value.hint


def test_the_digest_itself_is_no_token():
    digest = hashlib.sha256(b"a" * 20).hexdigest()
    with pytest.raises(Problem):
        sign_in(("ann", "a" * 20)).who(f"Bearer {digest}", "127.0.0.1")


ROUTES = [
    ("POST", "/api/v1/ask"),
    ("POST", "/api/v1/draft"),
    ("POST", "/api/v1/questions/x/cancel"),
    ("GET", "/api/v1/answers/x/result"),
    ("GET", "/api/v1/answers/x/file"),
    ("POST", "/api/v1/answers/x/feedback"),
    ("GET", "/api/v1/conversations"),
    ("GET", "/api/v1/conversations/x"),
    ("DELETE", "/api/v1/conversations/x"),
    ("POST", "/api/v1/conversations/x/share"),
    ("DELETE", "/api/v1/conversations/x/share"),
    ("GET", "/api/v1/shared/x"),
    ("POST", "/api/v1/check"),
    ("GET", "/api/v1/catalog/search?q=x"),
]
BODIES = {
    "/api/v1/check": {"sql": "SELECT 1"},
    "/api/v1/answers/x/feedback": {"rating": "up"},
}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_wants_a_token(client_of, tokens, shop, method, path):
    body = BODIES.get(path, {"question": "number 1"}) if method == "POST" else None
    for headers in ({}, {"Authorization": "Bearer nope"}):
        response = client_of(tokens=tokens).request(method, path, json=body, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["type"] == "urn:nlq:not-signed-in"
    assert list(shop.audit.every()) == []


def test_no_route_was_forgotten(client):
    described = client.get("/api/v1/openapi.json").json()["paths"]
    paths = {path.split("?")[0].replace("/x", "/{}") for _, path in ROUTES}
    told = {re.sub(r"\{\w+\}", "{}", path) for path in described}
    assert told == paths | {"/healthz", "/readyz"}


def test_elsewhere_is_turned_away_on_every_route(client, shop):
    response = client.post(
        "/api/v1/ask", json={"question": "number 1"}, headers={"Host": "evil.example"}
    )
    assert (response.status_code, response.json()["type"]) == (403, "urn:nlq:not-allowed")
    assert list(shop.audit.every()) == []


@pytest.mark.parametrize("sha256", ["", "abc", "x" * 64, "a" * 65])
def test_a_digest_that_is_none(sha256):
    with pytest.raises(ValidationError, match="64 hexadecimal digits") as caught:
        ServeSettings(tokens=[{"name": "ann", "sha256": sha256}])
    assert sha256 not in str(caught.value.errors(include_input=False)) or sha256 == ""


def test_tokens_are_told_apart_and_not_shown():
    one = {"name": "ann", "sha256": "a" * 64}
    with pytest.raises(ValidationError, match="a token of their own"):
        ServeSettings(tokens=[one, {**one, "name": "bob", "sha256": "A" * 64}])
    assert "a" * 10 not in repr(ServeSettings(tokens=[one]))
