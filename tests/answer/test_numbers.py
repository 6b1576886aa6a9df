"""Which numbers of a text the gate finds unsupported."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest

from nlq.answer.numbers import unsupported_numbers
from nlq.types import MetricUnit, QueryResult, ResultColumn

RESULT = QueryResult(
    (
        ResultColumn("plan", "varchar"),
        ResultColumn("revenue", "decimal(18,2)"),
        ResultColumn("revenue_change", "double"),
        ResultColumn("accounts", "bigint"),
    ),
    (
        ("Plan 2000", Decimal("12345678.90"), -0.1419, 48211),
        ("Enterprise", Decimal("999.50"), 0.5, 7),
        ("Free", None, float("nan"), 0),
    ),
)
UNITS: tuple[tuple[str, MetricUnit], ...] = (
    ("revenue", "usd"),
    ("revenue_change", "percent"),
    ("accounts", "count"),
)
DATES = (date(2026, 4, 1), date(2026, 6, 30))


@pytest.mark.parametrize(
    "text",
    [
        "Revenue was $12,345,678.90.",
        "Revenue was $12,345,679.",
        "Revenue was $12.3M.",
        "Revenue was about 12.35 million USD.",
        "Revenue was USD 12.3M in Q2 2026.",
        "It fell 14.2% to $12.3M.",
        "It fell by 14 percent.",
        "It changed by -14.19%.",
        "There were 48,211 accounts, 48.2K in short.",
        "Plan 2000 led three plans with $12.3M.",
        "From 1 Apr 2026 to 30 Jun 2026, in 2026, in April 2026, on June 30, 2026, in 2026-06.",
        "seven accounts on Enterprise",
        "No rows match.",
        "Revenue was $999.5 and $1,000.",
    ],
)
def test_supported(text: str) -> None:
    assert unsupported_numbers(text, RESULT, DATES, units=UNITS) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Revenue was $12.4M.", ["$12.4M"]),
        ("Revenue was $12,345,678.91.", ["$12,345,678.91"]),
        ("Revenue was $12.3B.", ["$12.3B"]),
        ("It fell 14.3%.", ["14.3%"]),
        ("It rose 0.14%.", ["0.14%"]),
        ("It rose 7%.", ["7%"]),
        ("Revenue was $48,211.", ["$48,211"]),
        ("Accounts changed by -48,211.", ["-48,211"]),
        ("In Q3 2025 revenue was $12.3M.", ["Q3", "2025"]),
        ("On 2 Apr 2026 it was 7.", ["2"]),
        ("Revenue doubled.", ["doubled"]),
        ("Plan 3000 led.", ["3000"]),
        ("Plan 2000 has 2000 accounts.", ["2000"]),
        ("five accounts", ["five"]),
        ("a million accounts", ["million"]),
        ("½ of them", ["½"]),
        ("Revenue was 12.3M% of it", ["12.3M%"]),
        ("$2026 of revenue", ["$2026"]),
        ("2026 million", ["2026 million"]),
        ("Revenue was \u0661\u0662 dollars", ["\u0661\u0662"]),
    ],
)
def test_unsupported(text: str, found: list[str]) -> None:
    assert list(unsupported_numbers(text, RESULT, DATES, units=UNITS)) == found


def test_without_units_a_percent_may_be_a_ratio_or_points() -> None:
    result = QueryResult((ResultColumn("share", "double"),), ((0.25,), (12.0,)))
    assert unsupported_numbers("25% and 12%", result) == ()
    assert unsupported_numbers("26%", result) == ("26%",)


def test_fiscal_periods_are_named_by_their_own_year() -> None:
    empty = QueryResult((), ())
    told = unsupported_numbers("Q1 FY2027", empty, (date(2026, 2, 1),), fiscal_start_month=2)
    assert told == ()
    assert unsupported_numbers("Q1 FY2027", empty, (date(2026, 2, 1),)) != ()


def test_dates_of_the_result_may_be_named() -> None:
    result = QueryResult((ResultColumn("month", "date"),), ((date(2025, 3, 1),),))
    assert unsupported_numbers("March 2025", result) == ()
    assert unsupported_numbers("March 2024", result) == ("2024",)


def test_a_large_result_is_checked_quickly() -> None:
    rows = tuple((f"account {n}", n * 1.5, n) for n in range(10_000))
    columns = tuple(ResultColumn(n, "double") for n in ("account", "revenue", "orders"))
    began = time.process_time()
    assert unsupported_numbers("It was $14,998.50.", QueryResult(columns, rows)) == ()
    assert time.process_time() - began < 0.1
