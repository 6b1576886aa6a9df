"""Starting and stopping: tokens, packages, and requests over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml
from command import nlq
from slack_bot import Bot, command, message, new_ts, press, running
from slack_server import SlackServer, callback
from small_shop import Shop

from nlq.errors import NlqError, SettingsError

ROOT = Path(__file__).parents[3]
SECRET = "s3cret"


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
@pytest.mark.parametrize("error", ["invalid_auth", "token_expired"])
def test_a_token_that_slack_does_not_take_ends_it_at_once(
    slack: SlackServer, shop: Shop, home: Path, method: str, error: str
) -> None:
    slack.refuse(method, error, times=9)
    with running(slack, shop.assistant, home) as bot:
        assert bot.ended.wait(10)
    slack.restore()
    assert isinstance(bot.error, SettingsError)
    assert error in bot.error.hint
    assert "Reinstall" in bot.error.hint
    assert len(slack.of(method)) == 1


def test_slack_that_cannot_be_reached_is_told(slack: SlackServer, shop: Shop, home: Path) -> None:
    with running(slack, shop.assistant, home, base_url="http://127.0.0.1:9/api/") as bot:
        assert bot.ended.wait(20)
    assert isinstance(bot.error, NlqError)
    assert "could not be reached" in bot.error.message


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "slack.bot_token"),
        ({"NLQ_SLACK__BOT_TOKEN": "x"}, "slack.app_token"),
        ({"NLQ_SLACK__BOT_TOKEN": "x", "NLQ_SLACK__MODE": "http"}, "slack.signing_secret"),
        ({"NLQ_SLACK__BOT_TOKEN": "x", "NLQ_SLACK__APP_TOKEN": "x"}, "slack.people"),
    ],
)
def test_a_missing_setting_is_named(
    settings: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NLQ_HOME", str(tmp_path))
    for key, value in settings.items():
        monkeypatch.setenv(key, value)
    ran = nlq("slack")
    assert ran.status == 2
    assert name in ran.err


@pytest.mark.parametrize("package", ["slack_bolt", "slack_sdk", "resvg_py"])
def test_a_missing_package_is_told(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("nlq_ui.slack")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    ran = nlq("slack")
    assert ran.status == 2
    assert f"The package {package} is missing." in ran.err
    assert 'pip install "nlq[slack]"' in ran.err


@pytest.fixture
def served(slack: SlackServer, shop: Shop, home: Path) -> Iterator[tuple[Bot, str]]:
    """A bot that takes requests, and their address."""
    with running(slack, shop.assistant, home, mode="http", signing_secret=SECRET) as bot:
        address = re.search(r"http://127\.0\.0\.1:\d+", " ".join(bot.said))
        assert address is not None
        yield bot, address[0]


def post(
    address: str, body: bytes, kind: str = "application/json", *, secret: str = SECRET,
    age: float = 0.0, **headers: str,
) -> tuple[int, str]:  # fmt: skip
    at = str(int(time.time() - age))
    mark = hmac.new(secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256)
    request = urllib.request.Request(
        f"{address}/slack/events",
        body,
        {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={mark.hexdigest()}",
            **{key.replace("_", "-"): value for key, value in headers.items()},
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()


def test_over_http_requests_are_checked_and_retries_answered_once(
    served: tuple[Bot, str], slack: SlackServer
) -> None:
    bot, address = served
    said = message("UANN", "CSALES", "<@UBOT> number 41", new_ts(), "app_mention")
    event = json.dumps(callback(said, "Ev41")).encode()
    assert post(address, event, secret="wrong")[0] == 401
    assert post(address, event, age=600)[0] == 401
    assert post(address, b"\xff\xfe")[0] in (400, 401)
    assert slack.messages == {}
    hello = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    assert post(address, hello) == (200, '{"challenge": "abc"}')
    assert post(address, event)[0] == 200
    again = {"X_Slack_Retry_Num": "1", "X_Slack_Retry_Reason": "http_timeout"}
    assert post(address, event, **again)[0] == 200
    answer = bot.answered("CSALES")
    assert "41" in answer.words
    form = "application/x-www-form-urlencoded"
    pressed = press("UBEN", answer, answer.buttons()["Show SQL"])
    body = urlencode({"payload": json.dumps(pressed)}).encode()
    assert post(address, body, form)[0] == 200
    bot.told("lake.shop.sales")
    asked = urlencode(command("UANN", "CSALES", "number 42")).encode()
    assert post(address, asked, form)[0] == 200
    assert "42" in bot.answered("CSALES", 2).words
    assert len(slack.posted("CSALES")) == 2
    with urllib.request.urlopen(f"{address}/healthz", timeout=5) as alive:
        assert alive.read() == b"alive"


def test_the_manifest_asks_for_what_the_page_explains() -> None:
    manifest = yaml.safe_load((ROOT / "docs/slack-manifest.yaml").read_text("utf-8"))
    page = (ROOT / "docs/slack.md").read_text("utf-8")
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert [scope for scope in scopes if f"`{scope}`" not in page] == []
    explained = set(re.findall(r"`([a-z_]+:[a-z.]+)`", page)) - {"connections:write"}
    assert explained == set(scopes) - {"commands"}
    assert manifest["features"]["slash_commands"][0]["command"] == "/ask"
