"""Units of result columns, only where they are certain."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nlq.answer.lineage import Lineage
from nlq.answer.units import units_of
from nlq.types import MetricPlan, ResultColumn


@pytest.mark.parametrize(
    ("formula", "table", "name", "unit"),
    [
        ("sum(amount_cents) / 100.0", "finance.revenue_daily", "x", "usd"),
        ("CAST(sum(amount_cents) AS double) / 100", "finance.revenue_daily", "x", "usd"),
        ("sum(amount_cents / 100.0)", "finance.revenue_daily", "x", "usd"),
        ("sum(amount_cents) * 0.01", "finance.revenue_daily", "x", "usd"),
        ("sum(amount_cents)", "finance.revenue_daily", "x", None),
        ("sum(amount_cents) / 1000", "finance.revenue_daily", "x", None),
        ("sum(amount_cents) / 100.0 / count(*)", "finance.revenue_daily", "x", "usd"),
        ("sum(amount_cents) + count(*)", "finance.revenue_daily", "x", None),
        ("count(DISTINCT account_id)", "finance.revenue_daily", "x", "count"),
        ("sum(messages)", "finance.revenue_daily", "x", "count"),
        ("max(account_id)", "finance.revenue_daily", "x", None),
        ("coalesce(sum(line_usd), 0)", "finance.invoice_lines", "x", "usd"),
        ("round(avg(duration_ms) / 1000.0, 1)", "events.calls", "x", "seconds"),
        ("avg(duration_ms)", "events.calls", "x", None),
        ("sum(price_usd) / sum(price_usd)", "events.calls", "share", "percent"),
        ("sum(price_usd) / sum(price_usd)", "events.calls", "x", None),
        ("100.0 * count_if(outcome = 'ok') / count(*)", "events.calls", "ok_rate", None),
        (
            "CAST(count_if(outcome = 'ok') AS double) / count(*)",
            "events.calls",
            "ok_rate",
            "percent",
        ),
        (
            "sum(CASE WHEN outcome = 'ok' THEN price_usd ELSE 0 END)",
            "events.calls",
            "x",
            "usd",
        ),
        ("sum(price_usd) * sum(price_usd)", "events.calls", "x", None),
        ("sum(total_amount)", "finance.invoices", "x", None),
        ("stddev(price_usd)", "events.calls", "x", None),
    ],
)
def test_from_formulas(
    formula: str,
    table: str,
    name: str,
    unit: str | None,
    lineage_of: Callable[[str], Lineage],
) -> None:
    columns = (ResultColumn(name, "double"),)
    expected = ((name, unit),) if unit else ()
    direct = lineage_of(f"SELECT {formula} AS {name} FROM lake.{table}")
    assert units_of(direct, columns, None) == expected
    through_cte = lineage_of(
        f"WITH a AS (SELECT {formula} AS {name} FROM lake.{table}) SELECT a.{name} FROM a"
    )
    assert units_of(through_cte, columns, None) == expected


def test_a_plan_s_metrics_have_their_own_units(lineage_of: Callable[[str], Lineage]) -> None:
    names = ("month", "revenue", "revenue_previous", "revenue_change")
    columns = tuple(ResultColumn(n, "double") for n in names)
    lineage = lineage_of("SELECT 1 AS a, 2 AS b, 3 AS c, 4 AS d")
    assert units_of(lineage, columns, MetricPlan(("revenue",))) == (
        ("revenue", "usd"),
        ("revenue_previous", "usd"),
        ("revenue_change", "percent"),
    )


def test_text_has_no_unit(lineage_of: Callable[[str], Lineage]) -> None:
    lineage = lineage_of(
        "SELECT CAST(sum(line_usd) AS varchar) AS x FROM lake.finance.invoice_lines"
    )
    assert units_of(lineage, (ResultColumn("x", "varchar"),), None) == ()
