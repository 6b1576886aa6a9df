"""How to narrow a costly query: from the partition conditions of the checked tree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from nlq.catalog.catalog import Catalog
from nlq.sql.guard import Guard
from nlq.sql.narrowing import how_to_narrow
from nlq.types import Estimate, Freshness, Principal

MESSAGES = "lake.events.messages"
YEAR = f"SELECT count(*) FROM {MESSAGES} WHERE ds >= '2025-01-01' AND ds < '2026-01-01'"
GB = 10**9


@pytest.mark.parametrize(
    ("estimate", "most", "sentence"),
    [
        (
            Estimate(size_bytes=36_500_000_000),
            3 * GB,
            f"{MESSAGES} is read for 365 days; 30 days would read about 3.0 GB.",
        ),
        (
            Estimate(size_bytes=36_500_000_000),
            2 * GB,
            f"{MESSAGES} is read for 365 days; 14 days would read about 1.4 GB.",
        ),
        (
            Estimate(size_bytes=36_500_000_000),
            GB // 100,
            f"{MESSAGES} is read for 365 days, and each day is about 100.0 MB: ask for fewer "
            "columns, or another table.",
        ),
        (Estimate(), 3 * GB, f"{MESSAGES} is read for 365 days; ask for fewer."),
        (
            Estimate(size_bytes=36_500_000_000),
            None,
            f"{MESSAGES} is read for 365 days; ask for fewer.",
        ),
    ],
)
def test_a_year_of_one_table(check, lake, estimate, most, sentence) -> None:
    assert how_to_narrow(check(YEAR), lake, estimate, most) == sentence


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        ("ds BETWEEN '2026-01-01' AND '2026-01-31'", "30 days"),
        ("ds LIKE '2026%'", "364 days"),
        ("CAST(ds AS date) >= current_date - INTERVAL '90' DAY", "90 days"),
        ("ds >= '2026-07-01'", "14 days"),  # up to the last day of the table
        (
            "ds >= '2026-01-01' AND ds < '2026-01-11' OR ds >= '2026-01-05' AND ds < '2026-01-21'",
            "20 days",
        ),
        ("ds IN ('2026-01-01', '2026-02-01', '2026-03-01')", "3 days"),
        ("(ds = '2026-01-01' OR ds = '2026-02-01') AND ds > '2025-01-01'", "2 days"),
    ],
)
def test_the_days_are_those_of_the_conditions(lake, check, condition, days) -> None:
    doc = replace(lake.tables[MESSAGES], freshness=Freshness(complete_through=date(2026, 7, 14)))
    known = Catalog({**lake.tables, MESSAGES: doc})
    query = check(f"SELECT count(*) FROM {MESSAGES} WHERE {condition}")
    assert (
        how_to_narrow(query, known, Estimate()) == f"{MESSAGES} is read for {days}; ask for fewer."
    )


def test_the_longest_of_several_reads_is_named(check, lake) -> None:
    query = check(
        "SELECT a.name, count(*) FROM lake.product.accounts a JOIN "
        f"{MESSAGES} m ON a.account_id = m.account_id "
        "WHERE m.ds >= '2026-01-01' AND m.ds < '2026-03-02' AND a.account_id IN "
        f"(SELECT account_id FROM {MESSAGES} WHERE ds = '2026-01-01') GROUP BY 1"
    )
    read = Estimate(size_bytes=6 * GB, partitions=62)
    wanted = f"{MESSAGES} is read for 60 days; 30 days would read about 3.0 GB."
    assert how_to_narrow(query, lake, read, 4 * GB) == wanted


def test_a_table_that_is_read_whole_is_counted_by_the_engine(lake, policy) -> None:
    free = replace(lake.tables[MESSAGES], partition_filter_required=False)
    guard = Guard(Catalog({MESSAGES: free}), policy)
    sql = f"SELECT count(*) FROM {MESSAGES} WHERE status = 'x'"
    whole = guard.check(sql, Principal("ann", ("analyst",)))
    read = Estimate(size_bytes=90 * GB, partitions=900)
    assert how_to_narrow(whole, Catalog({MESSAGES: free}), read, 10 * GB) == (
        f"{MESSAGES} is read for 900 days; 90 days would read about 9.0 GB."
    )
    unknown = f"Ask for a shorter time: restrict ds of {MESSAGES}."
    monthly = replace(free, time_column="sent_at")
    assert how_to_narrow(whole, Catalog({MESSAGES: free}), Estimate(), GB) == unknown
    assert how_to_narrow(whole, Catalog({MESSAGES: monthly}), read, GB) == unknown


def test_one_day_cannot_be_shortened(check, lake) -> None:
    query = check(f"SELECT count(*) FROM {MESSAGES} WHERE ds = '2026-01-01'")
    one = Estimate(partitions=1)
    assert (
        how_to_narrow(query, lake, one) == f"{MESSAGES} is read for 1 day; ask for fewer columns."
    )
    each = f"{MESSAGES} is read for 1 day, and each day is about 2.0 GB: ask for fewer columns, or "
    sized = replace(one, size_bytes=2 * GB)
    assert how_to_narrow(query, lake, sized, GB) == each + "another table."


def test_without_partitions_there_is_nothing_to_say(check, lake) -> None:
    query = check("SELECT count(*) FROM lake.product.accounts")
    assert how_to_narrow(query, lake, Estimate(size_bytes=GB, partitions=1), 1) == ""
