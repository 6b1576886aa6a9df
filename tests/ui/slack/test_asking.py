"""Questions by mention, direct message, command and reply, over a real Socket Mode connection."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from slack_bot import Bot, message, new_ts
from slack_server import Message, SlackServer, wait_for
from small_shop import Shop

from nlq.kept.conversations import Conversations
from nlq.kept.file import open_kept
from nlq.kept.rights import Rights
from nlq.types import Principal


def settled(bot: Bot, seconds: float = 0.4) -> list[Message]:
    """What stands anywhere after a moment, where nothing is expected."""
    time.sleep(seconds)
    return list(bot.slack.messages.values())


def test_a_mention_is_answered_in_its_thread_with_its_date(bot: Bot) -> None:
    ts = bot.mention("UANN", "CSALES", "number 7?")
    answer = bot.answered("CSALES")
    assert answer.thread_ts == ts
    assert "7" in answer.words
    assert "Asked" in answer.words
    assert "asked" in answer.text.lower()
    assert "Reading the question" in answer.past[0]


def test_a_direct_message_is_answered(bot: Bot) -> None:
    ts = bot.say("UANN", "DUANN", "number 8")
    answer = bot.answered("DUANN")
    assert answer.thread_ts == ts
    assert "8" in answer.words


def test_the_command_shows_who_asked_what_and_begins_a_thread(bot: Bot, shop: Shop) -> None:
    bot.ask("UANN", "CSALES", "number 9 &lt;b&gt;")
    answer = bot.answered("CSALES")
    assert answer.thread_ts == ""
    assert answer.blocks[0]["elements"][0]["elements"][0] == {"type": "user", "user_id": "UANN"}
    assert "asked: number 9 <b>" in answer.words
    bot.say("UBEN", "CSALES", "and number 10", thread=answer.ts)
    follow_up = bot.answered("CSALES", 2)
    assert follow_up.thread_ts == answer.ts
    assert [t.question for t in shop.drafter.questions[-1].conversation] == ["number 9 <b>"]


@pytest.mark.parametrize("channel", ["CAWAY", "CUNHEARD"])
def test_where_the_bot_is_not_the_answer_comes_as_a_direct_message(bot: Bot, channel: str) -> None:
    bot.ask("UANN", channel, "number 11")
    answer = bot.answered("DUANN")
    assert "11" in answer.words
    assert "asked: number 11" in answer.words
    assert bot.slack.posted(channel) == []


def test_a_thread_is_a_conversation(bot: Bot, shop: Shop) -> None:
    ts = bot.mention("UANN", "CSALES", "number 12")
    bot.answered("CSALES")
    bot.say("UANN", "CSALES", "number 13", thread=ts)
    bot.answered("CSALES", 2)
    bot.mention("UANN", "CSALES", "number 14", thread_ts=ts)
    bot.answered("CSALES", 3)
    bot.slack.forget()
    bot.mention("UANN", "CSALES", "number 15")
    bot.answered("CSALES")
    assert shop.drafter.questions[-1].conversation == ()
    mine = [q for q in shop.drafter.questions if q.text == "number 13"]
    assert [turn.question for turn in mine[-1].conversation] == ["number 12"]
    more = [q for q in shop.drafter.questions if q.text == "number 14"]
    assert [turn.question for turn in more[-1].conversation] == ["number 12", "number 13"]
    assert mine[-1].conversation_id.startswith("slack-CSALES:")


def test_questions_are_found_again_among_the_persons_conversations(bot: Bot, shop: Shop) -> None:
    ts = bot.mention("UANN", "CSALES", "number 31")
    bot.answered("CSALES")
    bot.say("UBEN", "CSALES", "number 32", thread=ts)
    bot.answered("CSALES", 2)
    rights = Rights(shop.assistant.catalog, shop.assistant.policy)
    kept = Conversations(open_kept(bot.home / "kept.sqlite"), lambda: rights)
    for name, question in (("ann", "number 31"), ("ben", "number 32")):
        found = kept.listed(Principal(name, ("analyst",)), question)
        assert [(each.title, each.count) for each in found] == [(question, 1)]


def test_questions_in_a_thread_are_answered_one_after_another(bot: Bot, shop: Shop) -> None:
    ts = bot.mention("UANN", "CSALES", "forever 1")
    assert shop.engine.running.wait(5)
    bot.say("UANN", "CSALES", "number 16", thread=ts)
    waiting = wait_for(lambda: len(found := bot.slack.posted("CSALES")) == 2 and found)
    bot.press("UANN", waiting[0], "Cancel")
    bot.answered("CSALES", 2)
    first, second = bot.slack.posted("CSALES")
    assert "was cancelled" in first.words
    assert "16" in second.words


def test_replies_to_others_and_in_others_threads_are_left_alone(bot: Bot) -> None:
    ts = bot.mention("UANN", "CSALES", "number 17")
    bot.answered("CSALES")
    bot.say("UBEN", "CSALES", "<@UANN> number 18 looks odd", thread=ts)
    bot.say("UBEN", "CSALES", "number 19", thread="1600000000.000001")
    bot.say("UBEN", "CSALES", "number 20")
    assert len(settled(bot)) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "BOTHER"},
        {"subtype": "bot_message", "bot_id": "BOTHER"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"edited": {"user": "UANN", "ts": "1.0"}},
        {"user": "UBOT"},
        {"bot_id": "BBOT"},
    ],
    ids=str,
)
def test_bots_edits_and_its_own_messages_are_ignored(bot: Bot, more: dict[str, object]) -> None:
    bot.slack.event(message("UANN", "DUANN", "number 21", new_ts()) | more)
    bot.slack.event(message("UANN", "CSALES", "<@UBOT> number 21", new_ts(), "app_mention") | more)
    assert settled(bot, 0.2) == []


def test_who_is_not_among_the_people_hears_whom_to_ask(bot: Bot, shop: Shop) -> None:
    before = len(shop.drafter.questions)
    bot.mention("UNOBODY", "CGUEST", "number 22")
    told = bot.told("You have no access")
    assert told.only_for == "UNOBODY"
    assert "data-access@example.com" in told.words
    bot.say("UNOBODY", "DUNOBODY", "number 22")
    assert "no access" in bot.answered("DUNOBODY").words
    assert len(shop.drafter.questions) == before


def test_strangers_in_a_thread_are_not_bothered(bot: Bot) -> None:
    ts = bot.mention("UANN", "CGUEST", "number 23")
    bot.answered("CGUEST")
    bot.say("UNOBODY", "CGUEST", "number 24", thread=ts)
    settled(bot)
    assert bot.slack.whispers == []


def test_an_empty_question_is_told(bot: Bot) -> None:
    bot.mention("UANN", "CSALES", "")
    bot.told("Ask me a question")


def test_a_question_back_comes_with_buttons_that_ask_in_the_thread(bot: Bot) -> None:
    ts = bot.mention("UANN", "CSALES", "which number 3")
    asked_back = bot.answered("CSALES")
    assert "Which sales?" in asked_back.words
    bot.press("UBEN", asked_back, "Sales by day")
    answer = bot.answered("CSALES", 2)
    assert answer.thread_ts == ts
    assert "asked: Sales by day" in answer.words


def test_a_costly_question_is_run_once_its_asker_agrees(bot: Bot) -> None:
    bot.mention("UANN", "CSALES", "costly 25")
    costly = bot.answered("CSALES")
    assert "25" not in "".join(t for t in costly.words.split() if t.isdigit())
    bot.press("UBEN", costly, "Run it all the same")
    bot.told("Only who asked")
    bot.press("UANN", costly, "Run it all the same")
    assert "25" in bot.answered("CSALES", 2).words


def test_a_costly_full_result_is_run_once_whoever_wants_it_agrees(
    bot: Bot, slack: SlackServer, shop: Shop
) -> None:
    bot.say("UANN", "DUANN", "costly rows 7")
    shop.engine.most = 3
    bot.press("UANN", bot.answered("DUANN"), "Run it all the same")
    answer = bot.answered("DUANN", 2)
    shop.engine.most = None
    bot.press("UANN", answer, "Full result")
    asked = bot.told("above which you are asked first")
    bot.press("UANN", asked, "No")
    bot.told("Nothing was run.")
    assert slack.files == []
    bot.press("UANN", asked, "Yes, get it")
    file = wait_for(lambda: slack.files)[0]
    assert "Run again" in file.comment
    assert file.content.decode("utf-8-sig").split() == ["amount", *map(str, range(7))]


def test_only_the_asker_cancels(bot: Bot, shop: Shop) -> None:
    bot.mention("UANN", "CSALES", "forever 2")
    assert shop.engine.running.wait(5)
    at_work = bot.slack.posted("CSALES")[0]
    bot.press("UBEN", at_work, "Cancel")
    bot.told("Only who asked")
    assert not shop.engine.cancelled.is_set()
    bot.press("UANN", at_work, "Cancel")
    assert "was cancelled" in bot.answered("CSALES").words
    assert shop.engine.cancelled.wait(5)


def test_more_questions_than_one_person_may_have_are_told(bot: Bot) -> None:
    for number in range(5):
        bot.say("UBEN", "DUBEN", f"forever {number}")
    told = wait_for(
        lambda: [m for m in bot.slack.posted("DUBEN") if "no more are taken" in m.words]
    )
    assert "Wait for one of them" in told[0].words
    for at_work in bot.slack.posted("DUBEN"):
        if "Cancel" in at_work.buttons():
            bot.press("UBEN", at_work, "Cancel")
    bot.answered("DUBEN", 5)


def test_it_acknowledges_at_once_while_many_questions_hang(bot: Bot, slack: SlackServer) -> None:
    for user in ("UANN", "UBEN", "UHAL"):
        for number in range(3):
            bot.say(user, f"D{user}", f"forever {number}")
    assert slack.event(message("UANN", "CSALES", "<@UBOT> hello", new_ts(), "app_mention")) < 1
    for user in ("UANN", "UBEN", "UHAL"):
        wait_for(lambda user=user: len(slack.posted(f"D{user}")) == 3)
        for at_work in slack.posted(f"D{user}"):
            bot.press(user, at_work, "Cancel")
        bot.answered(f"D{user}", 3)


def test_progress_is_shown_in_place_and_not_too_often(bot: Bot, slack: SlackServer) -> None:
    bot.mention("UANN", "CMIXED", "forever 3")
    wait_for(lambda: len(slack.of("chat.update")) >= 1)
    time.sleep(1.5)
    bot.press("UANN", slack.posted("CMIXED")[0], "Cancel")
    answer = bot.answered("CMIXED")
    edits = [call.at for call in slack.of("chat.update")]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(edits[:-1]))
    assert "Running the query on shop" in "".join(answer.past)
