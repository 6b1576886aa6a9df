"""Who people are, how often progress is shown, and what is kept."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from nlq_ui.slack.errors import SlackFailed
from nlq_ui.slack.kept import Kept, KeptTurn, Running
from nlq_ui.slack.pace import A_MINUTE, Pace
from nlq_ui.slack.people import People
from nlq_ui.slack.progress import Progress

from nlq.slack_settings import SlackPersonSettings, SlackSettings
from nlq.types import Principal, Turn

ANN = {"profile": {"email": "ann@example.com"}, "team_id": "T1", "is_email_confirmed": True}


class Users:
    """``users.info`` alone."""

    def __init__(self, user: dict[str, Any] | str) -> None:
        self.found = user
        self.asked = 0

    def user(self, user: str) -> dict[str, Any]:
        self.asked += 1
        if isinstance(self.found, str):
            raise SlackFailed("users.info", self.found)
        return self.found


def people(users: Users, clock: list[float] | None = None) -> People:
    named = {
        "ann@example.com": SlackPersonSettings(name="ann"),
        "U2": SlackPersonSettings(name="b"),
    }
    now = clock or [0.0]
    return People(named, users, frozenset({"T1"}), lambda: now[0])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ({}, True),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "T1"}}, True),
        ({"profile": {"email": "ANN@example.com"}}, True),
        ({"team_id": "T2"}, False),
        ({"is_stranger": True}, False),
        ({"deleted": True}, False),
        ({"is_bot": True}, False),
        ({"is_email_confirmed": False}, False),
        ({"profile": {"email": "eve@example.com"}}, False),
        ({"profile": {}}, False),
        ({"profile": {"email": "U2"}}, False),
    ],
    ids=str,
)
def test_an_address_counts_only_for_people_of_this_workspace(
    more: dict[str, Any], known: bool
) -> None:
    assert (people(Users({**ANN, **more})).who("U1") == Principal("ann")) is known


def test_a_user_named_by_id_is_not_looked_up_and_others_are_kept_for_a_while() -> None:
    users, clock = Users(ANN), [0.0]
    who = people(users, clock)
    assert who.who("U2") == Principal("b")
    assert users.asked == 0
    assert who.who("U1") == who.who("U1") == Principal("ann")
    assert users.asked == 1
    clock[0] = 4000.0
    users.found = {**ANN, "deleted": True}
    assert who.who("U1") is None


def test_a_user_that_slack_does_not_know_is_unknown_and_other_failures_are_told() -> None:
    assert people(Users("user_not_found")).who("U1") is None
    with pytest.raises(SlackFailed):
        people(Users("missing_scope")).who("U1")


def test_addresses_are_compared_whatever_their_case() -> None:
    chosen = SlackSettings.model_validate({"people": {"Ann@Example.com": {"name": "ann"}}})
    assert list(chosen.people) == ["ann@example.com"]


def test_edits_keep_to_a_channels_pace_and_the_workspaces() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert pace.may("C1")
    assert not pace.may("C1")
    assert pace.may("C2")
    now[0] = 1.2
    assert pace.may("C1")
    assert sum(pace.may(f"D{i}") for i in range(100)) == A_MINUTE - 3
    now[0] = 61.3
    pace.pause(30)
    assert not pace.may("C1")
    now[0] = 92.0
    assert pace.may("C1")


def test_progress_shows_the_latest_words_and_nothing_afterwards() -> None:
    shown: list[str] = []
    first = threading.Event()

    def edit(words: str) -> None:
        shown.append(words)
        first.set()

    with Progress(edit, Pace(), "C1") as progress:
        progress.say("one")
        assert first.wait(5)
        progress.say("two")
        progress.say("three")
    assert shown == ["one"]


def test_what_was_taken_is_taken_for_every_process(tmp_path: Path) -> None:
    now = [0.0]
    one = Kept(tmp_path / "slack.sqlite", now=lambda: now[0])
    other = Kept(tmp_path / "slack.sqlite", now=lambda: now[0])
    assert one.take("message:C1:1")
    assert not other.take("message:C1:1")
    now[0] = 3 * 86_400.0
    assert Kept(tmp_path / "slack.sqlite", now=lambda: now[0]).take("message:C1:1")


def test_turns_and_running_questions_outlive_the_process(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "slack.sqlite")
    turn = KeptTurn(Principal("ann", ("analyst",)), Turn("q", "q", "SELECT 1"), public=True)
    kept.add_turn("C1:1", turn)
    kept.begin(Running("r", "C1", "1"))
    kept.close()
    again = Kept(tmp_path / "slack.sqlite")
    assert again.turns("C1:1") == (turn,)
    assert again.turns("C2:1") == ()
    assert again.take_lost() == (), "its process lives"
    assert not again.has_thread("C1:1")
