"""Pins keep their last figures, say why there are no newer ones, and mean the same for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from kept_lake import POLICY, Lake

from nlq.errors import KeptError
from nlq.kept.file import open_kept
from nlq.kept.pins import MOST_PINS, Pins
from nlq.types import Answer, Principal, QueryResult, ResultColumn, Turn

Make = Callable[..., Answer]
ANN = Principal("ann", ("analyst",))
BOB = Principal("bob", ("analyst",))


@pytest.fixture
def pins(tmp_path: Path, lake: Lake) -> Pins:
    ticks = count()
    begun = datetime(2026, 7, 1, tzinfo=UTC)
    return Pins(
        open_kept(tmp_path / "kept.sqlite"),
        lake.rights,
        lambda: begun + timedelta(hours=next(ticks)),
    )


def test_a_pin_is_its_owners_and_stands_on_its_own(pins: Pins, make_answer: Make) -> None:
    id = pins.add(make_answer(), ANN)
    (pin,) = pins.listed(ANN)
    assert (pin.id, pin.question) == (id, "revenue by region, all of it")
    assert pin.answer == make_answer()
    assert pin.failure == ""
    assert pins.listed(BOB) == ()
    pins.remove(id, BOB)
    pins.refreshed(id, make_answer(headline="stolen"), BOB)
    assert pins.listed(ANN) == (pin,)
    pins.remove(id, ANN)
    assert pins.listed(ANN) == ()


def test_pinned_again_it_is_one_pin_with_newer_figures(pins: Pins, make_answer: Make) -> None:
    assert pins.add(make_answer(), ANN) == pins.add(make_answer(headline="Newer."), ANN)
    (pin,) = pins.listed(ANN)
    assert pin.answer is not None
    assert pin.answer.headline == "Newer."


def test_refreshed_it_has_the_new_figures_and_their_time(pins: Pins, make_answer: Make) -> None:
    id = pins.add(make_answer(), ANN)
    (before,) = pins.listed(ANN)
    result = make_answer().result
    assert result is not None
    assert before.computed_at == result.computed_at  # kept from an earlier question
    reworded = make_answer(
        headline="Revenue was $6.",
        turn=Turn("x", "another wording"),
        result=replace(result, computed_at=None),
    )
    pins.refreshed(id, reworded, ANN)
    (after,) = pins.listed(ANN)
    assert after.answer == reworded
    assert after.question == before.question
    assert after.computed_at > before.computed_at


def test_one_that_fails_says_why_and_keeps_its_last_figures(pins: Pins, make_answer: Make) -> None:
    id = pins.add(make_answer(), ANN)
    (before,) = pins.listed(ANN)
    broken = make_answer(kind="error", result=None, headline="The lake is down.", hint="Wait.")
    pins.refreshed(id, broken, ANN)
    (after,) = pins.listed(ANN)
    assert (after.failure, after.answer) == ("The lake is down. Wait.", before.answer)
    assert after.computed_at == before.computed_at < after.tried_at
    pins.refreshed(id, make_answer(), ANN)
    assert pins.listed(ANN)[0].failure == ""


def test_the_figures_of_another_query_are_not_taken(pins: Pins, make_answer: Make) -> None:
    id = pins.add(make_answer(), ANN)
    other = QueryResult((ResultColumn("churn", "double"),), ((0.1,),))
    pins.refreshed(id, make_answer(result=other, headline="Churn was 10%."), ANN)
    (pin,) = pins.listed(ANN)
    assert pin.answer == make_answer()
    assert "another query" in pin.failure


def test_what_the_policy_took_away_is_not_shown(pins: Pins, lake: Lake, make_answer: Make) -> None:
    pins.add(make_answer(), ANN)
    lake.say(POLICY.replace("analyst: {tables: [lake.shop.*]}", "analyst: {tables: [lake.hr.*]}"))
    (pin,) = pins.listed(ANN)
    assert pin.answer is None
    assert "not open to you" in pin.failure


def test_only_figures_are_pinned_and_not_without_end(pins: Pins, make_answer: Make) -> None:
    with pytest.raises(KeptError, match="Only an answer"):
        pins.add(make_answer(kind="refusal", result=None), ANN)
    for number in range(MOST_PINS):
        pins.add(replace(make_answer(f"q{number}"), turn=None), ANN)
    with pytest.raises(KeptError, match="already"):
        pins.add(make_answer("one more", turn=None), ANN)
