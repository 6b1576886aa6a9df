from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_assistant import ScriptedAssistant
from slack_bot import Bot, running
from slack_server import SlackServer
from small_shop import Shop


@pytest.fixture(scope="module")
def slack_of_module() -> Iterator[SlackServer]:
    """A Slack with a channel where all have the same rights, and one where they have not."""
    server = SlackServer()
    server.channels = {
        "CSALES": ["UANN", "UBEN", "UBOT"],
        "CMIXED": ["UANN", "UHAL", "UBOT"],
        "CAWAY": ["UANN", "UBEN"],
        "CGUEST": ["UANN", "UNOBODY", "UBOT"],
    }
    with server.running():
        yield server


@pytest.fixture
def slack(slack_of_module: SlackServer) -> SlackServer:
    slack_of_module.forget()
    return slack_of_module


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def bot_of_module(
    slack_of_module: SlackServer, shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bot]:
    with running(slack_of_module, shop.assistant, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def bot(bot_of_module: Bot, slack: SlackServer, shop: Shop) -> Bot:
    """A bot over the scripted shop: the real pipeline, with real rights."""
    shop.engine.running.clear()
    shop.engine.cancelled.clear()
    return bot_of_module


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def scripted() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def showing(slack: SlackServer, scripted: ScriptedAssistant, home: Path) -> Iterator[Bot]:
    """A bot over scripted answers with everything that an answer may have."""
    with running(slack, scripted, home) as made:
        yield made
