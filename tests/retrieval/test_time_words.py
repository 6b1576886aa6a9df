from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nlq.retrieval.time_words import LONG_AGO, read_time
from nlq.types import Clock

PHRASES = Path(__file__).parent / "phrases"
CLOCK = Clock(datetime(2026, 7, 15, 9, 30, tzinfo=ZoneInfo("UTC")), ZoneInfo("UTC"))
FISCAL = Clock(CLOCK.now, CLOCK.zone, fiscal_start_month=2)


def cases(name: str) -> list[tuple[str, str]]:
    lines = (PHRASES / name).read_text("utf-8").splitlines()
    return [
        (question, expected)
        for question, _, expected in (line.partition(" | ") for line in lines if line[0] != "#")
    ]


def spelled(text: str, clock: Clock) -> str:
    reading = read_time(text, clock)
    ranges = " + ".join(f"{r.start}..{r.end}" for r in reading.ranges)
    return f"{ranges or '-'} | {reading.grain or '-'} | {reading.comparison or '-'}"


@pytest.mark.parametrize(("question", "expected"), cases("time.txt"))
def test_reads_time(question: str, expected: str) -> None:
    assert spelled(question, CLOCK) == expected


@pytest.mark.parametrize(("question", "expected"), cases("time_fiscal.txt"))
def test_reads_time_in_a_fiscal_calendar(question: str, expected: str) -> None:
    assert spelled(question, FISCAL) == expected


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(cases("time.txt")) >= 120


@pytest.mark.parametrize(("question", "_expected"), cases("time.txt"))
def test_a_phrase_is_a_piece_of_the_question(question: str, _expected: str) -> None:
    for found in read_time(question, CLOCK).ranges:
        assert found.phrase
        assert found.phrase in question


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("revenue from quarter one of last year to Q2 this year", "Q1 2025 to Q2 2026"),
        ("revenue last month", "June 2026"),
        ("the last 30 days", "15 June to 14 July 2026"),
        ("last 12 months", "July 2025 to June 2026"),
        ("before 2025", "up to 31 December 2024"),
        ("on 5 May 2025", "5 May 2025"),
        ("last year", "2025"),
    ],
)
def test_labels_are_what_people_say(question: str, label: str) -> None:
    assert [r.label for r in read_time(question, CLOCK).ranges] == [label]


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("revenue this month", "July 2026 is not over: data through 14 July."),
        ("revenue this year", "2026 is not over: data through 14 July."),
        ("revenue today", "Today is not over."),
        ("revenue in Q4", "'Q4' is read as Q4 2025."),
        ("last quarter", "'last quarter' is read as Q2 2026."),
        ("last 30 days", "'last 30 days' is read as 15 June to 14 July 2026, without today."),
        (
            "last 3 months",
            "'last 3 months' is read as April to June 2026, without the month that is running.",
        ),
        ("revenue YTD", "'YTD' is read as 1 January to 14 July 2026, without today."),
        ("revenue since May", "Counted through today, 15 July 2026."),
        ("revenue growth last month", "Growth is measured against the same period a year earlier."),
        ("revenue since launch", "All of the history counts."),
        (
            "is churn higher than last month",
            "Compared is this month so far, 1 to 14 July 2026.",
        ),
    ],
)
def test_assumptions_are_told(question: str, note: str) -> None:
    assert note in read_time(question, CLOCK).notes


@pytest.mark.parametrize("question", ["revenue in Q1 2025", "2024", "on 5 May 2025"])
def test_what_is_plain_needs_no_note(question: str) -> None:
    assert read_time(question, CLOCK).notes == ()


def test_a_fiscal_reading_says_how_the_year_is_named() -> None:
    notes = read_time("revenue in Q1", FISCAL).notes
    assert "'Q1' is read as Q1 FY2027." in notes
    assert any("starts on 1 February" in note for note in notes)


def test_a_range_without_a_start_has_one_that_sql_can_hold() -> None:
    assert read_time("before 2025", CLOCK).ranges[0].start == LONG_AGO


def test_weeks_start_on_the_day_that_the_clock_says() -> None:
    sunday = Clock(CLOCK.now, CLOCK.zone, week_starts=7)
    found = read_time("last week", sunday).ranges[0]
    assert (found.start, found.end) == (date(2026, 7, 5), date(2026, 7, 12))


def test_a_leap_day_is_looked_for_where_there_is_one() -> None:
    assert read_time("on February 29", CLOCK).ranges[0].start == date(2024, 2, 29)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2024, 2, 29), date(2026, 3, 31)])
def test_every_phrase_gives_a_range_that_is_not_empty_on_any_day(day: date) -> None:
    clock = Clock(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC")), ZoneInfo("UTC"))
    for question, _ in cases("time.txt"):
        for found in read_time(question, clock).ranges:
            assert found.start < found.end, question
