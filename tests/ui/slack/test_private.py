"""Answers and buttons go only to whom they may: the real pipeline over the scripted shop.

Sales are open to analysts, pay to HR alone: ann and ben are analysts, hal is both.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from nlq_ui.slack.rights import for_everyone, may_see
from slack_bot import Bot, running
from slack_server import Message, SlackServer, wait_for
from small_shop import CATALOG, Shop

from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Principal

FIGURE = re.compile(r"\b777\b")


def nothing_shown(bot: Bot, channel: str) -> Message:
    """The one message in the channel, which says nothing of the answer and never did."""
    told = bot.answered(channel)
    assert "not everyone here may see it" in told.words
    for words in (*told.past, told.words, told.text):
        assert not FIGURE.search(words)
        assert "pay" not in words.lower().replace("pay number 777", "")
    assert told.buttons() == {}
    return told


def test_what_everyone_may_see_is_shown_to_everyone(bot: Bot) -> None:
    bot.mention("UHAL", "CMIXED", "sales number 777")
    assert FIGURE.search(bot.answered("CMIXED").words)


def test_what_one_may_not_see_goes_to_the_asker_alone(bot: Bot, slack: SlackServer) -> None:
    bot.mention("UHAL", "CMIXED", "pay number 777")
    answer = bot.answered("DUHAL")
    assert FIGURE.search(answer.words)
    assert "pay number 777" in answer.words
    nothing_shown(bot, "CMIXED")
    assert all(call.arguments["channel"] != "CMIXED" for call in slack.of("chat.postEphemeral"))


def test_where_somebody_is_unknown_the_answer_goes_to_the_asker_alone(bot: Bot) -> None:
    bot.mention("UANN", "CGUEST", "number 777")
    assert FIGURE.search(bot.answered("DUANN").words)
    nothing_shown(bot, "CGUEST")


@pytest.mark.parametrize("error", ["missing_scope", "fetch_members_failed"])
def test_where_the_members_are_not_known_the_answer_goes_to_the_asker_alone(
    bot: Bot, slack: SlackServer, error: str
) -> None:
    slack.channels[channel := f"C{error}"] = ["UANN", "UBOT"]
    slack.refuse("conversations.members", error)
    bot.mention("UANN", channel, "number 777")
    assert FIGURE.search(bot.answered("DUANN").words)
    nothing_shown(bot, channel)


def test_what_is_shown_to_others_speaks_of_nothing_else(tmp_path: Path) -> None:
    assistant = Shop(tmp_path).assistant
    hal, ann = Principal("hal", ("hr", "analyst")), Principal("ann", ("analyst",))
    answer = replace(
        assistant.ask("sales number 5", principal=hal),
        suggestions=("And pay?",),
        warnings=("lake.hr.pay is late.", "lake.shop.sales is late."),
    )
    shown = for_everyone(assistant, answer, hal, [hal, ann])
    assert shown is not None
    assert shown.suggestions == ()
    assert shown.warnings == ("lake.shop.sales is late.",)
    assert for_everyone(assistant, answer, hal, [hal]) == answer
    assert for_everyone(assistant, answer, hal, None) is None


def test_every_page_of_the_members_counts(bot: Bot, slack: SlackServer) -> None:
    slack.page_size = 1
    slack.channels["CPAGES"] = ["UBOT", "UANN", "UBEN", "UNOBODY"]
    slack.channels["CALLKNOWN"] = ["UBOT", "UANN", "UBEN", "UEVE"]
    slack.users["UEVE"] = {"profile": {"email": "Eve@Example.com"}, "is_email_confirmed": True}
    try:
        bot.mention("UANN", "CPAGES", "number 777")
        nothing_shown(bot, "CPAGES")
        bot.mention("UANN", "CALLKNOWN", "number 777")
        assert FIGURE.search(bot.answered("CALLKNOWN").words)
    finally:
        slack.page_size = 200
    assert len(slack.of("conversations.members")) == 8


def test_a_refusal_names_nothing_to_those_of_other_rights(bot: Bot) -> None:
    bot.mention("UANN", "CMIXED", "pay number 777")
    answer = bot.answered("DUANN")
    assert "No query could be written for this" in answer.words
    nothing_shown(bot, "CMIXED")


def test_buttons_ask_for_the_rights_of_who_presses_them(bot: Bot, slack: SlackServer) -> None:
    bot.mention("UHAL", "CMIXED", "pay number 777")
    secret = bot.answered("DUHAL")
    slack.channels["DUHAL"].append("UANN")  # that Slack would not allow
    for label in ("Show SQL", "How computed", "Full result", "👎"):
        slack.whispers.clear()
        bot.press("UANN", secret, label)
        assert bot.told("Your own rights do not cover this answer.").only_for == "UANN"
    assert slack.files == []
    assert slack.views == []


def test_others_of_enough_rights_see_sql_and_rows_of_their_own(
    bot: Bot, slack: SlackServer
) -> None:
    bot.mention("UANN", "CSALES", "rows 30")
    answer = bot.answered("CSALES")
    assert "The first 10 of 30 rows." in answer.words
    bot.press("UBEN", answer, "Show SQL")
    assert bot.told("lake.shop.sales").only_for == "UBEN"
    bot.press("UBEN", answer, "Full result")
    file = wait_for(lambda: slack.files)[0]
    assert file.channel == "DUBEN"
    assert file.content.decode("utf-8-sig").splitlines() == ["amount", *map(str, range(30))]
    assert "Asked" in file.comment


def test_a_stranger_may_press_nothing(bot: Bot, slack: SlackServer) -> None:
    slack.channels["COPEN"] = ["UANN", "UBOT"]
    bot.mention("UANN", "COPEN", "number 777")
    answer = bot.answered("COPEN")
    slack.channels["COPEN"].append("UNOBODY")
    bot.press("UNOBODY", answer, "Show SQL")
    assert bot.told("no access").only_for == "UNOBODY"


def test_others_go_on_from_what_they_saw_and_from_nothing_else(
    bot: Bot, slack: SlackServer, shop: Shop
) -> None:
    ts = bot.mention("UHAL", "CMIXED", "sales number 1")
    bot.answered("CMIXED")
    bot.say("UHAL", "CMIXED", "pay number 2", thread=ts)
    bot.answered("CMIXED", 2)
    bot.say("UANN", "CMIXED", "sales number 3", thread=ts)
    bot.answered("CMIXED", 3)
    hers = shop.drafter.questions[-1]
    assert hers.principal.name == "ann"
    assert [turn.question for turn in hers.conversation] == ["sales number 1"]
    private = next(m for m in slack.posted("DUHAL") if "pay number 2" in m.words)
    bot.say("UHAL", "DUHAL", "pay number 4", thread=private.ts)
    bot.answered("DUHAL", 2)
    assert [t.question for t in shop.drafter.questions[-1].conversation] == ["pay number 2"]


def test_the_rows_of_an_earlier_process_are_run_again_as_who_presses(
    slack: SlackServer, home: Path, tmp_path: Path
) -> None:
    shop = Shop(tmp_path)
    with running(slack, shop.assistant, home) as bot:
        bot.mention("UANN", "CSALES", "rows 3")
        answer = bot.answered("CSALES")
    with running(slack, shop.assistant, home) as bot:
        bot.press("UBEN", answer, "Full result")
        file = wait_for(lambda: slack.files)[0]
        assert file.content.decode("utf-8-sig").split() == ["amount", "0", "1", "2"]
        assert "Run again" in file.comment
        bot.press("UBEN", answer, "How computed")
        assert bot.told("How this was computed").only_for == "UBEN"


class Checked:
    """An assistant that has a guard and a policy, and no more."""

    def __init__(self, folder: Path) -> None:
        (folder / "policy.yaml").write_text(
            """
version: 1
contact: Ask.
roles:
  all: {tables: [lake.shop.*]}
  some:
    tables: [lake.shop.*]
    row_filters: [{table: lake.shop.sales, where: amount < 10}]
  fewer:
    tables: [lake.shop.*]
    row_filters: [{table: lake.shop.sales, where: amount < 5}]
  blind:
    tables: [lake.shop.*]
    denied: {columns: [lake.shop.sales.amount]}
"""
        )
        self.policy = Policy.load(folder / "policy.yaml")
        self.check = Guard(CATALOG, self.policy).check


@pytest.mark.parametrize(
    ("asker", "person", "seen"),
    [
        ("all", "all", True),
        ("all", "some", False),
        ("some", "all", True),
        ("some", "some", True),
        ("some", "fewer", False),
        ("fewer", "some", False),
        ("all", "blind", False),
        ("all", "nobody", False),
    ],
)
def test_rows_count_as_much_as_columns(tmp_path: Path, asker: str, person: str, seen: bool) -> None:
    assistant = Checked(tmp_path)
    one, other = Principal("one", (asker,)), Principal("other", (person,))
    sql = assistant.check("SELECT amount FROM lake.shop.sales WHERE amount > 1", one).sql
    assert may_see(assistant, sql, one, other) is seen
    assert may_see(assistant, "", one, other) is (asker == person)
