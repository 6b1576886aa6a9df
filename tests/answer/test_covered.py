"""Which dates a query covers, from its own conditions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from nlq.answer.covered import Span, covered_by
from nlq.answer.lineage import Lineage
from nlq.types import MetricPlan

TODAY = date(2026, 6, 30)
REVENUE = "SELECT sum(amount_cents) AS c FROM lake.finance.revenue_daily WHERE "
CALLS = "SELECT count(*) AS n FROM lake.events.calls WHERE "


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("sql", "start", "end"),
    [
        (REVENUE + "ds >= '2026-04-01' AND ds < '2026-07-01'", "2026-04-01", "2026-07-01"),
        (REVENUE + "'2026-04-01' <= ds AND ds <= '2026-06-30'", "2026-04-01", "2026-07-01"),
        (REVENUE + "ds BETWEEN '2026-04-01' AND '2026-06-30'", "2026-04-01", "2026-07-01"),
        (REVENUE + "ds = '2026-04-01'", "2026-04-01", "2026-04-02"),
        (REVENUE + "ds > '2026-04-01'", "2026-04-02", None),
        (REVENUE + "CAST(ds AS date) >= DATE '2026-04-01'", "2026-04-01", None),
        (REVENUE + "year(CAST(ds AS date)) = 2025", "2025-01-01", "2026-01-01"),
        (
            REVENUE + "date_trunc('quarter', CAST(ds AS date)) = DATE '2026-04-01'",
            "2026-04-01",
            "2026-07-01",
        ),
        (CALLS + "started_at >= current_date - INTERVAL '7' DAY", "2026-06-23", None),
        (CALLS + "started_at >= date_add('day', -7, current_date)", "2026-06-23", None),
        (
            CALLS + "started_at >= date_trunc('month', current_date) - INTERVAL '1' MONTH "
            "AND started_at < date_trunc('month', current_date)",
            "2026-05-01",
            "2026-06-01",
        ),
        (
            CALLS + "started_at >= TIMESTAMP '2026-06-01 00:00:00' "
            "AND started_at < TIMESTAMP '2026-06-02 12:00:00'",
            "2026-06-01",
            "2026-06-03",
        ),
        (CALLS + "started_at <= TIMESTAMP '2026-06-02 00:00:00'", None, "2026-06-02"),
        (CALLS + "outcome = 'ok'", None, None),
        (
            REVENUE + "ds >= '2026-01-01' AND ds >= '2026-04-01' AND product = 'sms'",
            "2026-04-01",
            None,
        ),
    ],
)
def test_one_range(
    sql: str, start: str | None, end: str | None, lineage_of: Callable[[str], Lineage]
) -> None:
    covered = covered_by(lineage_of(sql), None, TODAY)
    assert covered.timed
    assert covered.single == Span(start and day(start), end and day(end))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "condition",
    [
        "ds LIKE '2026-04%'",
        "(ds >= '2026-04-01' OR product = 'sms')",
        "NOT ds >= '2026-04-01'",
        "ds IN ('2026-04-01', '2026-04-03')",
        "substr(ds, 1, 7) = '2026-04'",
    ],
)
def test_what_cannot_be_read_is_not_claimed(
    condition: str, lineage_of: Callable[[str], Lineage]
) -> None:
    covered = covered_by(lineage_of(REVENUE + condition), None, TODAY)
    assert not covered.sure
    assert covered.single is None


def test_a_comparison_covers_two_ranges(lineage_of: Callable[[str], Lineage]) -> None:
    sql = (
        "WITH a AS (SELECT sum(usd) AS usd FROM lake.finance.revenue_old WHERE year(ds) = 2025), "
        "b AS (SELECT sum(usd) AS usd FROM lake.finance.revenue_old WHERE year(ds) = 2024) "
        "SELECT a.usd, b.usd AS before FROM a CROSS JOIN b"
    )
    covered = covered_by(lineage_of(sql), None, TODAY)
    assert covered.single is None
    assert [span.text() for span in covered.spans] == ["2025", "2024"]
    assert covered.last_end == date(2026, 1, 1)


def test_things_have_no_dates_unless_asked(lineage_of: Callable[[str], Lineage]) -> None:
    accounts = "SELECT count(*) AS n FROM lake.crm.accounts"
    assert not covered_by(lineage_of(accounts), None, TODAY).timed
    created = covered_by(
        lineage_of(f"{accounts} WHERE created_at >= TIMESTAMP '2026-01-01 00:00:00'"), None, TODAY
    )
    assert created.single == Span(date(2026, 1, 1), None)


def test_a_plan_s_dates_are_its_own(lineage_of: Callable[[str], Lineage]) -> None:
    plan = MetricPlan(("revenue",), start=date(2026, 1, 1), end=date(2026, 2, 1))
    covered = covered_by(lineage_of("SELECT 1 AS revenue"), plan, TODAY)
    assert covered.single == Span(date(2026, 1, 1), date(2026, 2, 1))
