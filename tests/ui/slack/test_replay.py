"""Stories of what Slack sends, and what must come of each (``replays/``)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_bot import Bot, command, message, new_ts, press, running
from slack_server import SlackServer, callback, wait_for
from small_shop import Shop

HERE = Path(__file__).parent
STORIES = yaml.safe_load((HERE / "replays/stories.yaml").read_text("utf-8"))
SCRIPT = Path(__file__).parents[2] / "fakes/slack_shop.py"


class Replay:
    """One story being told: a Slack, a shop, and a bot that may be ended and started again."""

    def __init__(self, slack: SlackServer, folder: Path) -> None:
        self.slack = slack
        self.folder = folder
        self.shop = Shop(folder)
        self.sent: dict[str, tuple[str, dict[str, Any]]] = {}
        self.bot: Bot | None = None
        self._before = 0
        self._open = ExitStack()

    def begin(self) -> None:
        """Begin a story: nothing was sent, and a bot is there."""
        self.slack.forget()
        self.slack.restore()
        self.sent.clear()
        self.shop.drafter.questions.clear()
        self._before = self._recorded()
        if self.bot is None or self.bot.ended.is_set():
            self.restart()

    def _recorded(self) -> int:
        return len(self.shop.audit.recent(10_000))

    def start(self) -> None:
        self.bot = self._open.enter_context(
            running(self.slack, self.shop.assistant, self.folder / "home")
        )

    def end(self) -> None:
        self._open.close()

    def mention(self, **step: Any) -> None:
        self._say("app_mention", **step)

    def message(self, **step: Any) -> None:
        self._say("message", **step)

    def _say(
        self, kind: str, *, again: str = "", event: str = "", retry: int = 0, **step: Any
    ) -> None:
        if again:
            _, said = self.sent[again]
            said = {**said, "type": kind}
        else:
            ts, _ = self.sent.setdefault(step.get("as", ""), (new_ts(), {}))
            ts = ts if "as" in step else new_ts()
            text = ("<@UBOT> " if kind == "app_mention" else "") + step["text"]
            said = message(step["user"], step["channel"], text, ts, kind)
            if "thread" in step:
                root, _ = self.sent.setdefault(step["thread"], (new_ts(), {}))
                said["thread_ts"] = root
            if "as" in step:
                self.sent[step["as"]] = ts, said
        self.slack.channels.setdefault(said["channel"], [said["user"], "UBOT"])
        self.slack.send("events_api", callback(said, event), retry=retry)

    def command(self, *, again: str = "", **step: Any) -> None:
        if not again:
            sent = command(step["user"], step["channel"], step["text"])
            self.sent[step["as"]] = "", sent
        self.slack.send("slash_commands", self.sent[again or step["as"]][1])

    def press(self, user: str, channel: str, label: str, trigger: str, at: int = -1) -> None:
        on_message = self.slack.posted(channel)[at]
        button = on_message.buttons()[label]
        self.slack.send("interactive", press(user, on_message, button, trigger))

    def wait(self, channel: str, messages: int) -> None:
        assert self.bot is not None
        self.bot.answered(channel, messages)

    def wait_for_text(self, channel: str, text: str) -> None:
        wait_for(lambda: any(text in m.words.split() for m in self.slack.posted(channel)))

    def refuse(self, **step: Any) -> None:
        self.slack.refuse(**step)

    def reconnect(self) -> None:
        # The client reads on the old connection for up to 3 s; Slack would send again meanwhile.
        self.slack.patience_s = 8.0
        before, bot = self.slack.links, self.bot
        assert bot is not None
        self.slack.reconnect()
        wait_for(lambda: self.slack.links > before or bot.ended.is_set())

    def restart(self) -> None:
        self.end()
        self.start()

    def check(self, then: dict[str, Any]) -> None:
        if stopped := then.get("stopped"):
            assert self.bot is not None
            assert self.bot.ended.wait(10)
            assert stopped in getattr(self.bot.error, "hint", "")
        assert self._recorded() - self._before == then["asked"]
        for channel, expected in then.get("answers", {}).items():
            found = [m.words for m in self.slack.posted(channel)]
            assert len(found) == len(expected)
            for text, words in zip(expected, found, strict=True):
                assert text in words
        if "turns" in then:
            turns = [len(q.conversation) for q in self.shop.drafter.questions]
            assert turns == then["turns"]
        for method, times in then.get("calls", {}).items():
            assert len(self.slack.of(method)) == times


@pytest.fixture(scope="module")
def replay_of_module(
    slack_of_module: SlackServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replay]:
    made = Replay(slack_of_module, tmp_path_factory.mktemp("replay"))
    yield made
    made.end()


@pytest.fixture
def replay(replay_of_module: Replay) -> Iterator[Replay]:
    replay_of_module.begin()
    yield replay_of_module
    replay_of_module.slack.restore()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["name"])
def test_story(replay: Replay, story: dict[str, Any]) -> None:
    for step in story["steps"]:
        [(do, arguments)] = step.items()
        if do == "pause":
            time.sleep(arguments)
        else:
            getattr(replay, do)(**arguments)
    replay.check(story["then"])


def test_a_question_whose_process_was_killed_is_told_to_be_lost(
    replay_of_module: Replay, slack: SlackServer, tmp_path: Path
) -> None:
    replay_of_module.end()
    said = message("UANN", "CSALES", "<@UBOT> forever 9", new_ts(), "app_mention")
    with _process(tmp_path, slack) as first:
        slack.send("events_api", callback(said, "Ev9"))
        wait_for(lambda: slack.posted("CSALES"))
        time.sleep(0.3)
        first.kill()
        first.wait(10)
    wait_for(lambda: not slack.connected())
    with running(slack, Shop(tmp_path).assistant, tmp_path / "home"):
        lost = "I was stopped before this question was answered."
        wait_for(lambda: lost in slack.posted("CSALES")[0].words)
        slack.send("events_api", callback(said, "Ev9"), retry=1)
        time.sleep(0.5)
        assert len(slack.posted("CSALES")) == 1


def _process(folder: Path, slack: SlackServer) -> subprocess.Popen[str]:
    """A bot as a process of its own, once it says that it can be asked."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), slack.base_url],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "may ask" in process.stdout.readline()
    return process
