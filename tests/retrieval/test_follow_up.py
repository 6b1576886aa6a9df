from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nlq.retrieval.follow_up import chosen_reading, standalone
from nlq.retrieval.lexicon import Lexicon
from nlq.types import Clock, Principal, Question, Turn

LINES = (Path(__file__).parent / "phrases" / "follow_ups.txt").read_text("utf-8").splitlines()
CASES = [tuple(line.split(" | ")) for line in LINES if not line.startswith("#")]


def ask(text: str, clock: Clock, *turns: Turn) -> Question:
    return Question("q", text, Principal("ann"), clock, turns)


@pytest.mark.parametrize(("before", "text", "whole"), CASES)
def test_writes_a_follow_up_out(
    before: str, text: str, whole: str, clock: Clock, sample_lexicon: Lexicon
) -> None:
    last = Turn(before, before)
    got, continues = standalone(ask(text, clock, last), sample_lexicon)
    if whole == "-":
        assert (got, continues) == (text, None)
    else:
        assert (got, continues) == (whole, last)


def test_enough_of_them_are_new_questions() -> None:
    assert len(CASES) >= 60
    assert sum(whole == "-" for _, _, whole in CASES) >= 12


def test_the_first_question_stands_alone(clock: Clock, sample_lexicon: Lexicon) -> None:
    assert standalone(ask("by region", clock), sample_lexicon) == ("by region", None)


def test_a_follow_up_of_a_follow_up_builds_on_both(clock: Clock, sample_lexicon: Lexicon) -> None:
    first = Turn("revenue last month?", "What was revenue last month?")
    second = Turn("by region", "What was revenue last month by region?")
    got, continues = standalone(ask("only enterprise", clock, first, second), sample_lexicon)
    assert got == "What was revenue last month by region for enterprise?"
    assert continues is second


ASKED = Turn(
    "sales by region",
    "sales by region",
    options=("recognised revenue by region", "bookings by region"),
)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("1", 0),
        ("2.", 1),
        ("the first one", 0),
        ("second", 1),
        ("option 2", 1),
        ("the latter", 1),
        ("#1", 0),
        ("bookings", 1),
        ("I mean bookings please", 1),
        ("recognised revenue", 0),
        ("Recognised revenue by region", 0),
    ],
)
def test_an_answer_names_or_numbers_an_option(
    text: str, chosen: int, clock: Clock, sample_lexicon: Lexicon
) -> None:
    got, continues = standalone(ask(text, clock, ASKED), sample_lexicon)
    assert got == ASKED.options[chosen]
    assert continues is ASKED


READINGS = replace(
    ASKED,
    options=("Keep rows where region is north.", "For each region, compute the number of rows."),
    readings=("SELECT 1", "SELECT 2"),
)


@pytest.mark.parametrize(
    ("text", "sql"),
    [("2", "SELECT 2"), ("the first one", "SELECT 1"), (READINGS.options[1], "SELECT 2")],
)
def test_an_answer_chooses_a_reading_of_the_question_asked_before(
    text: str, sql: str, clock: Clock, sample_lexicon: Lexicon
) -> None:
    question = ask(text, clock, READINGS)
    assert chosen_reading(question) == sql
    assert standalone(question, sample_lexicon) == ("sales by region", READINGS)


@pytest.mark.parametrize("text", ["number of rows for each region", "3", "How many accounts?"])
def test_a_reading_is_chosen_by_its_own_words_or_number_alone(text: str, clock: Clock) -> None:
    assert chosen_reading(ask(text, clock, READINGS)) == ""


@pytest.mark.parametrize("text", ["7", "How many calls were made last week?", "neither of them"])
def test_other_answers_choose_nothing(text: str, clock: Clock, sample_lexicon: Lexicon) -> None:
    assert standalone(ask(text, clock, ASKED), sample_lexicon) == (text, None)


def test_a_number_is_no_answer_where_nothing_was_asked(
    clock: Clock, sample_lexicon: Lexicon
) -> None:
    last = Turn("What was revenue?", "What was revenue?")
    assert standalone(ask("2", clock, last), sample_lexicon)[1] is None
