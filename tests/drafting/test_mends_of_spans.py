"""Spans between two times: numbers of the unit asked for, from the start to the end."""

from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.mend import mend
from nlq.types import ColumnDoc, TableDoc

REPAIRS = TableDoc(
    "lake.shop.repairs",
    tuple(
        ColumnDoc(name, kind)
        for name, kind in (
            ("repair_id", "bigint"),
            ("client", "varchar"),
            ("opened_at", "timestamp(3)"),
            ("closed_at", "timestamp(3)"),
            ("planned_day", "date"),
            ("actual_day", "date"),
            ("paid_on", "date"),
            ("amount", "double"),
        )
    ),
    primary_key=("repair_id",),
)
SHOP = Catalog({REPAIRS.name: REPAIRS})
OPEN = "(CAST(DATE_DIFF('SECOND', opened_at, closed_at) AS DOUBLE) / {})"


@pytest.mark.parametrize(
    ("asked", "drafted", "mended"),
    [
        ("How many days late is each repair?", "actual_day - planned_day + 1 AS late",
         "DATE_DIFF('DAY', planned_day, actual_day) + 1 AS late"),
        ("What is the average length in minutes?", "AVG(closed_at - opened_at) * 60 AS length",
         f"AVG({OPEN.format(60)}) AS length"),
        ("How many hours in total?",
         "SUM(CASE WHEN amount > 1 THEN closed_at - opened_at END) / 60",
         f"SUM(CASE WHEN amount > 1 THEN {OPEN.format(3600)} END)"),
        ("How long do they last?", "AVG(closed_at - opened_at) AS hours",
         f"AVG({OPEN.format(3600)}) AS hours"),
        ("How long do they last?", "EXTRACT(EPOCH FROM closed_at - opened_at) / 3600 AS hours",
         "CAST(DATE_DIFF('SECOND', opened_at, closed_at) AS DOUBLE) / 3600 AS hours"),
        ("How many days before the payment?", "paid_on - opened_at AS days",
         "DATE_DIFF('DAY', CAST(opened_at AS DATE), paid_on) AS days"),
        ("How many days does each take?", "DATE_DIFF('day', closed_at, opened_at) AS days",
         "DATE_DIFF('DAY', opened_at, closed_at) AS days"),
        ("How many days between them?", "DATE_DIFF('day', MAX(paid_on), MIN(paid_on)) AS days",
         "DATE_DIFF('DAY', MIN(paid_on), MAX(paid_on)) AS days"),
        ("How many days does each take?", "DATE_DIFF(actual_day, planned_day, 'day') AS days",
         "DATE_DIFF('DAY', planned_day, actual_day) AS days"),
        ("How many days does each take?", "DATEDIFF(day, planned_day, actual_day) AS days",
         "DATE_DIFF('DAY', planned_day, actual_day) AS days"),
    ],
)  # fmt: skip
def test_spans_are_numbers_of_the_unit_asked_for(asked: str, drafted: str, mended: str) -> None:
    drafted, mended = (f"SELECT {each} FROM repairs" for each in (drafted, mended))
    assert mend(drafted, SHOP, asked)[0] == mended


@pytest.mark.parametrize(
    ("asked", "drafted", "mended"),
    [
        ("How many took more than 24 hours?", "closed_at - opened_at > INTERVAL '24' HOUR",
         "closed_at > opened_at + INTERVAL '24' HOUR"),
        ("How many took over 15 minutes?", "closed_at - opened_at > 15",
         f"{OPEN.format(60)} > 15"),
        ("How many took more than 2 hours?", "DATE_DIFF('hour', opened_at, closed_at) > 2",
         f"{OPEN.format(3600)} > 2"),
        ("How many were paid more than 30 days ago?", "CURRENT_DATE - paid_on > 30",
         "DATE_DIFF('DAY', paid_on, CURRENT_DATE) > 30"),
    ],
)  # fmt: skip
def test_spans_are_compared_whole(asked: str, drafted: str, mended: str) -> None:
    drafted, mended = (
        f"SELECT COUNT(*) AS n FROM repairs WHERE {each}" for each in (drafted, mended)
    )
    assert mend(drafted, SHOP, asked)[0] == mended


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("How long do they last?", "AVG(closed_at - opened_at) AS n"),
        ("How many days and hours do they last?", "AVG(closed_at - opened_at) AS n"),
        ("How many days between them?", "DATE_DIFF('DAY', paid_on, opened_at) AS n"),
        ("How many days does each take?", "DATE_DIFF('DAY', opened_at, closed_at) AS n"),
        ("When is a week before the payment?", "paid_on - INTERVAL '7' DAY AS n"),
        ("What is left of the amount?", "amount - 7 AS n"),
    ],
)
def test_spans_without_one_unit_and_other_differences_are_left(asked: str, shown: str) -> None:
    drafted = f"SELECT {shown} FROM repairs"
    assert mend(drafted, SHOP, asked) == (drafted, ())
