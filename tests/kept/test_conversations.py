"""Conversations last, belong to one person, and show no more than the rights of now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kept_lake import POLICY, Lake

from nlq.errors import KeptError
from nlq.kept.conversations import Conversations
from nlq.kept.file import open_kept
from nlq.types import Answer, Principal, TableState

Make = Callable[..., Answer]
ANN = Principal("ann", ("analyst",))
BOB = Principal("bob", ("analyst",))


def test_a_conversation_is_there_again_after_a_restart(
    tmp_path: Path, lake: Lake, conversations: Conversations, make_answer: Make
) -> None:
    first, second = make_answer(), make_answer("and by month?", kind="refusal", result=None)
    conversations.add("c1", first, ANN)
    conversations.add("c1", second, ANN)
    again = Conversations(open_kept(tmp_path / "home" / "kept.sqlite"), lake.rights)
    kept = again.get("c1", ANN)
    assert kept is not None
    assert kept.title == "revenue by region"
    assert [exchange.answer for exchange in kept.exchanges] == [first, second]
    assert kept.exchanges[0].rows == 4
    assert kept.exchanges[0].asked_at < kept.exchanges[1].asked_at
    assert kept.turns == (first.turn, second.turn)


def test_it_is_its_owners_alone(conversations: Conversations, make_answer: Make) -> None:
    conversations.add("c1", make_answer(), ANN)
    assert conversations.get("c1", BOB) is None
    assert conversations.listed(BOB) == ()
    assert conversations.delete("c1", BOB) is False
    with pytest.raises(KeptError, match="another person's"):
        conversations.add("c1", make_answer(), BOB)
    with pytest.raises(KeptError, match="no such conversation"):
        conversations.share("c1", BOB)
    kept = conversations.get("c1", ANN)
    assert kept is not None
    assert len(kept.exchanges) == 1


def test_the_list_is_newest_first_and_searched_in_questions_and_headlines(
    conversations: Conversations, make_answer: Make
) -> None:
    conversations.add("c1", make_answer("Umsätze je Region"), ANN)
    conversations.add("c2", make_answer("churn", headline="Churn was 3%."), ANN)
    conversations.add("c1", make_answer("and 100% of them?"), ANN)
    assert [(c.id, c.count) for c in conversations.listed(ANN)] == [("c1", 2), ("c2", 1)]
    assert [c.id for c in conversations.listed(ANN, limit=1)] == ["c1"]
    assert [(c.id, c.found) for c in conversations.listed(ANN, "was CHURN")] == [
        ("c2", "Churn was 3%.")
    ]
    assert [c.found for c in conversations.listed(ANN, "UMSÄTZE")] == ["Umsätze je Region"]
    assert conversations.listed(ANN, "100_") == ()


def test_what_the_policy_took_away_is_neither_shown_nor_found(
    lake: Lake, conversations: Conversations, make_answer: Make
) -> None:
    conversations.add("c1", make_answer(), ANN)
    lake.say(POLICY.replace("analyst: {tables: [lake.shop.*]}", "analyst: {tables: [lake.hr.*]}"))
    kept = conversations.get("c1", ANN)
    assert kept is not None
    (exchange,) = kept.exchanges
    assert exchange.answer is None
    assert "not open to you" in exchange.told
    assert kept.turns == ()
    assert conversations.listed(ANN, "$5") == ()
    assert [c.id for c in conversations.listed(ANN, "region")] == ["c1"]


def test_a_limit_that_changed_hides_nothing(
    lake: Lake, conversations: Conversations, make_answer: Make
) -> None:
    conversations.add("c1", make_answer(), Principal("eva", ("emea",)))
    lake.say(POLICY.replace("contact:", "limits: {max_seconds: 3}\ncontact:"))
    kept = conversations.get("c1", Principal("eva", ("emea",)))
    assert kept is not None
    assert kept.exchanges[0].answer is not None


def test_a_link_shows_what_was_there_when_it_was_shared(
    conversations: Conversations, make_answer: Make
) -> None:
    conversations.add("c1", make_answer(), ANN)
    token = conversations.share("c1", ANN)
    assert len(token) >= 32
    conversations.add("c1", make_answer("later"), ANN)
    shown = conversations.shared(token, BOB)
    assert shown is not None
    assert not shown.mine
    assert [e.answer for e in shown.exchanges] == [make_answer()]
    assert conversations.share("c1", ANN) == token
    again = conversations.shared(token, BOB)
    assert again is not None
    assert len(again.exchanges) == 2
    assert [c.shared for c in conversations.listed(ANN)] == [True]
    conversations.unshare("c1", ANN)
    kept = conversations.get("c1", ANN)
    assert kept is not None
    assert not kept.shared
    assert conversations.shared(token, BOB) is None
    assert conversations.shared("", BOB) is None


@pytest.mark.parametrize(
    ("asker", "viewer", "shown"),
    [
        ("analyst", "analyst", True),
        ("everything", "analyst", True),
        ("analyst", "everything", True),
        ("analyst", "blind", False),
        ("analyst", "nobody", False),
        ("analyst", "emea", False),  # its rows are more than they may see
        ("emea", "analyst", False),  # its filter tells of rights that are not theirs
        ("emea", "emea", True),
    ],
)
def test_a_link_shows_only_what_the_viewer_may_see(
    conversations: Conversations, make_answer: Make, asker: str, viewer: str, shown: bool
) -> None:
    conversations.add("c1", make_answer(), Principal("ann", (asker,)))
    token = conversations.share("c1", Principal("ann", (asker,)))
    seen = conversations.shared(token, Principal("bob", (viewer,)))
    assert seen is not None
    (exchange,) = seen.exchanges
    assert (exchange.answer is not None) is shown
    assert exchange.question == "revenue by region"
    assert bool(exchange.told) is not shown


def test_questions_back_and_hidden_names_stay_with_those_of_the_same_rights(
    conversations: Conversations, make_answer: Make
) -> None:
    everyone = Principal("ann", ("everything",))
    warned = make_answer(warnings=("lake.hr.pay is late.", "Sales are late."))
    back = make_answer(kind="clarification", sql="", result=None, options=("pay", "sales"))
    conversations.add("c1", warned, everyone)
    conversations.add("c1", back, everyone)
    seen = conversations.shared(conversations.share("c1", everyone), BOB)
    assert seen is not None
    answer, asked_back = (exchange.answer for exchange in seen.exchanges)
    assert answer is not None
    assert answer.warnings == ("Sales are late.",)
    assert answer.suggestions == ()
    assert asked_back is None


def test_a_copy_is_the_viewers_own_with_what_they_may_see(
    conversations: Conversations, make_answer: Make
) -> None:
    everyone = Principal("ann", ("everything",))
    pay = TableState("lake.hr.pay", "Pay.", "none", "", "", None, None, None, None)
    conversations.add("c1", make_answer(), everyone)
    conversations.add("c1", make_answer("pay?", tables=(pay,), columns=()), everyone)
    token = conversations.share("c1", everyone)
    copy = conversations.copy(token, BOB)
    assert copy is not None
    assert copy.mine
    assert [bool(e.answer) for e in copy.exchanges] == [True, False]
    conversations.add(copy.id, make_answer("and mine?"), BOB)
    own = conversations.get(copy.id, BOB)
    assert own is not None
    assert [e.question for e in own.exchanges] == ["revenue by region", "and mine?"]
    kept = conversations.get("c1", everyone)
    assert kept is not None
    assert len(kept.exchanges) == 2
    assert conversations.copy("nothing", BOB) is None


def test_what_is_deleted_is_gone_with_its_link(
    conversations: Conversations, make_answer: Make
) -> None:
    conversations.add("c1", make_answer(), ANN)
    token = conversations.share("c1", ANN)
    assert conversations.delete("c1", ANN) is True
    assert conversations.get("c1", ANN) is None
    assert conversations.shared(token, ANN) is None
    assert conversations.listed(ANN) == ()


def test_old_ones_are_deleted_where_the_settings_say_so(
    tmp_path: Path, lake: Lake, make_answer: Make
) -> None:
    today = datetime(2026, 7, 1, tzinfo=UTC)
    kept = Conversations(
        open_kept(tmp_path / "kept.sqlite"), lake.rights, lambda: today, keep_days=30
    )
    kept.add("c1", make_answer(), ANN)
    token = kept.share("c1", ANN)
    today += timedelta(days=20)
    kept.add("c2", make_answer(), ANN)
    today += timedelta(days=11)
    assert [c.id for c in kept.listed(ANN)] == ["c2"]
    assert kept.get("c1", ANN) is None
    assert kept.shared(token, ANN) is None


def test_two_windows_of_one_conversation_lose_nothing(
    conversations: Conversations, make_answer: Make
) -> None:
    threads = [
        threading.Thread(target=conversations.add, args=("c1", make_answer(f"q{i}"), ANN))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    kept = conversations.get("c1", ANN)
    assert kept is not None
    assert {e.question for e in kept.exchanges} == {f"q{i}" for i in range(8)}


def test_a_file_that_cannot_be_used_says_so(tmp_path: Path, lake: Lake, make_answer: Make) -> None:
    (tmp_path / "kept.sqlite").write_text("not a database, but some other text\n" * 40)
    broken = Conversations(open_kept(tmp_path / "kept.sqlite"), lake.rights)
    with pytest.raises(KeptError, match="cannot be used"):
        broken.add("c1", make_answer(), ANN)
