"""Sign-in at a real provider on loopback, in front of an app that tells who asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from nlq_ui.sign_in.oidc import local, person
from nlq_ui.sign_in.opening import gate
from nlq_ui.who import who
from oidc_server import CLIENT, SECRET, OidcServer, oidc_server
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from nlq.settings import ServeSettings
from nlq.types import Principal

URL = "https://nlq.example.com"
GROUPS = {"finance": ("analyst",), "people": ("hr",)}
PAGE = {"Accept": "text/html"}


async def echo(scope, receive, send):
    """Tells who asks."""
    if scope["type"] == "http":
        principal = who(Request(scope))
        response = JSONResponse({"name": principal.name, "roles": principal.roles})
        await response(scope, receive, send)


@pytest.fixture(scope="module")
def running() -> Iterator[OidcServer]:
    with oidc_server() as server:
        yield server


@pytest.fixture
def provider(running: OidcServer) -> OidcServer:
    running.who, running.fault, running.claims = "ann", "", {}
    running.asked.clear()
    return running


def settings(provider: OidcServer, **oidc: object) -> ServeSettings:
    told = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, **oidc}
    return ServeSettings(url=URL, groups=GROUPS, oidc=told)


@pytest.fixture
def browser_of(provider: OidcServer, tmp_path: Path) -> Callable[..., TestClient]:
    """Makes browsers of people; all of them are at one server."""
    app = {}

    def make(**oidc: object) -> TestClient:
        if not app:
            wanted = settings(provider, **oidc)
            app["it"] = gate(echo, wanted, Principal("nobody"), tmp_path, alone=False)
        return TestClient(app["it"], URL, follow_redirects=False)

    return make


def to_provider(browser: TestClient, path: str = "/sign-in") -> str:
    """Begin to sign in; where the provider sends the browser back to."""
    sent = browser.get(path, headers=PAGE)
    assert sent.status_code == 302, sent.text
    return httpx2.get(sent.headers["location"], trust_env=False).headers["location"]


def sign_in(browser: TestClient, path: str = "/sign-in") -> httpx2.Response:
    return browser.get(to_provider(browser, path), headers=PAGE)


def test_a_stranger_is_sent_to_sign_in_and_comes_back_where_they_wanted(browser_of, provider):
    browser = browser_of()
    assert browser.get("/past").status_code == 401
    sent = browser.get("/past?q=a&b=c", headers=PAGE)
    assert sent.headers["location"] == "/sign-in?next=%2Fpast%3Fq%3Da%26b%3Dc"
    back = sign_in(browser, sent.headers["location"])
    assert (back.status_code, back.headers["location"]) == (303, "/past?q=a&b=c")
    assert browser.get("/past").json() == {"name": "ann", "roles": ["analyst"]}
    assert browser.get("/who").json() == {"name": "ann", "sign_out": True}
    cookie = back.headers["set-cookie"].lower()
    assert cookie.startswith("__host-nlq=")
    assert all(word in cookie for word in ("httponly", "secure", "samesite=lax", "path=/"))


def test_two_people_are_two_people(browser_of, provider):
    ann, bob = browser_of(), browser_of()
    sign_in(ann)
    provider.who = "bob"
    sign_in(bob)
    assert [b.get("/").json()["name"] for b in (ann, bob, ann)] == ["ann", "bob", "ann"]


def test_who_has_no_role_is_told_and_not_let_in(browser_of, provider):
    provider.who, browser = "carl", browser_of()
    told = sign_in(browser)
    assert told.status_code == 403
    assert "signed in as carl, but none of your groups" in told.text
    assert browser.get("/").status_code == 401


@pytest.mark.parametrize(
    "fault",
    ["nonce", "no-nonce", "audience", "another-azp", "issuer", "expired", "early", "key", "none",
     "hs256", "no-id-token"],
)  # fmt: skip
def test_tokens_that_are_wrong_let_nobody_in(browser_of, provider, fault):
    browser = browser_of()
    provider.fault = fault
    told = sign_in(browser)
    assert (told.status_code, "The sign-in did not work" in told.text) == (401, True)
    assert browser.get("/").status_code == 401


def test_a_code_and_a_sign_in_count_once(browser_of, provider):
    browser = browser_of()
    back = to_provider(browser)
    cookies = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    browser.cookies.clear()
    browser.cookies.update(cookies)
    assert "was used before" in browser.get(back).text
    # A code that was used, in a sign-in that was not.
    code = parse_qs(urlsplit(back).query)["code"][0]
    state = parse_qs(urlsplit(to_provider(browser)).query)["state"][0]
    told = browser.get(f"/sign-in/callback?code={code}&state={state}")
    assert (told.status_code, "used before" in told.text) == (401, False)
    assert browser.get("/").status_code == 401


def test_a_sign_in_is_of_the_browser_that_began_it(browser_of):
    ann, mallory = browser_of(), browser_of()
    back = to_provider(mallory)
    assert ann.get(back).status_code == 401
    assert ann.get("/").status_code == 401
    to_provider(ann)
    assert ann.get(back).status_code == 401
    changed = back.replace("state=", "state=x")
    assert mallory.get(changed).status_code == 401


def test_two_tabs_may_sign_in_at_once(browser_of):
    browser = browser_of()
    first, second = to_provider(browser), to_provider(browser)
    assert browser.get(first).status_code == 303
    assert browser.get(second).status_code == 303
    assert browser.get("/").json()["name"] == "ann"


def test_signing_in_gives_a_new_session_and_signing_out_ends_it_everywhere(browser_of):
    browser = browser_of()
    name = "__Host-nlq"
    browser.cookies.set(name, "chosen-by-somebody-else", domain="nlq.example.com")
    sign_in(browser)
    first = browser.cookies[name]
    assert first != "chosen-by-somebody-else"
    sign_in(browser)
    second = browser.cookies[name]
    thief = browser_of()
    thief.cookies.set(name, first)
    assert thief.get("/").status_code == 401
    thief.cookies.set(name, second)
    assert thief.get("/").status_code == 200
    elsewhere = browser.post("/sign-out", headers={"Origin": "https://evil.example"})
    assert (elsewhere.status_code, browser.get("/sign-out").status_code) == (403, 405)
    out = browser.post("/sign-out", headers={"Origin": URL})
    assert (out.status_code, out.headers["location"]) == (303, "/signed-out")
    assert "signed out" in browser.get("/signed-out").text
    for one in (browser, thief):
        assert one.get("/").status_code == 401


def test_a_session_ends_by_itself(browser_of):
    browser = browser_of(idle_s=0.5)
    sign_in(browser)
    assert browser.get("/").status_code == 200
    time.sleep(0.6)
    assert browser.get("/").status_code == 401


def test_a_new_key_of_the_provider_is_fetched(browser_of, provider):
    browser = browser_of()
    assert sign_in(browser).status_code == 303
    provider.change_key()
    assert sign_in(browser).status_code == 303
    assert provider.asked.count("/keys") == 2


@pytest.mark.parametrize("fault", ["down", "nonsense"])
def test_a_provider_that_is_down_is_told_and_tried_again(browser_of, provider, fault):
    browser = browser_of()
    provider.fault = fault
    told = browser.get("/sign-in", headers=PAGE)
    assert (told.status_code, "cannot be reached" in told.text) == (503, True)
    provider.fault = ""
    assert sign_in(browser).status_code == 303


def test_a_provider_that_calls_itself_otherwise_is_not_believed(browser_of, provider, monkeypatch):
    monkeypatch.setattr(provider, "issuer", "https://evil.example")
    assert browser_of().get("/sign-in").status_code == 503


def test_what_the_provider_says_in_the_address_is_not_repeated(browser_of):
    browser = browser_of()
    state = parse_qs(urlsplit(to_provider(browser)).query)["state"][0]
    told = browser.get(f"/sign-in/callback?error=x&error_description=call+0800&state={state}")
    assert (told.status_code, "0800" in told.text) == (401, False)


def test_names_and_groups_are_read_from_the_claims_that_the_settings_name(provider):
    claims = {"preferred_username": "ann", "email": "ann@example.com", "groups": "finance"}
    assert person(claims, settings(provider)) == Principal("ann", ("analyst",))
    mail = settings(provider, name_claim="email")
    assert person(claims, mail).status == 403
    assert person({**claims, "email_verified": "true"}, mail).status == 403
    assert person({**claims, "email_verified": True}, mail).name == "ann@example.com"
    for groups in (None, 7, {"finance": 1}, [["finance"]], []):
        assert person({**claims, "groups": groups}, settings(provider)).status == 403
    assert person({**claims, "preferred_username": ["ann"]}, settings(provider)).status == 403


@pytest.mark.parametrize(
    "path",
    ["", "https://evil.example", "//evil.example", "/\\evil.example", "/\tx", "/sign-in?next=/x",
     "javascript:alert(1)", "/a\r\nSet-Cookie: x=y"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(path):
    assert local(path) == "/"


@pytest.mark.parametrize(
    ("oidc", "told"),
    [({"issuer": "http://id.example.com"}, "https"), ({"scopes": "profile"}, "openid")],
)
def test_settings_that_are_wrong(provider, oidc, told):
    with pytest.raises(ValueError, match=told):
        settings(provider, **oidc)
