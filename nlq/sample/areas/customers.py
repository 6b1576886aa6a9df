"""curated.account_month and curated.account_health."""

from __future__ import annotations

from typing import Final

import numpy as np

from nlq.sample.calendar import DAYS, NEVER, Ints, days
from nlq.sample.ledger import MONTHS, Ledger
from nlq.sample.population import Population
from nlq.sample.reference import COUNTRIES, INDUSTRIES, PLANS, REGIONS, SEGMENTS, USAGE_PRODUCTS
from nlq.sample.writer import LakeWriter, coded, masked

_CODES: Final = [country.code for country in COUNTRIES]
_STARTS: Final = np.array([month.start for month in MONTHS])
_ENDS: Final = np.array([month.end for month in MONTHS])


def write_account_months(out: LakeWriter, people: Population, ledger: Ledger) -> None:
    """Write curated.account_month from the ledger."""
    was_open = (people.signup[:, None] < _ENDS) & (people.churn[:, None] >= _STARTS)
    who, month = np.nonzero(was_open & ~people.is_test[:, None])
    order = np.lexsort((who, month))
    who, month = who[order], month[order]
    revenue = ledger.revenue.sum(axis=2)[who, month]
    carrier = ledger.cost[:, :, : len(USAGE_PRODUCTS)].sum(axis=2)[who, month]
    out.write(
        "curated.account_month",
        {
            "month_start": days(_STARTS[month]),
            "account_id": people.ids[who],
            "seg": coded(SEGMENTS, people.seg[who]),
            "region": coded(REGIONS, people.region[who]),
            "ctry_cd": coded(_CODES, people.country[who]),
            "industry_cd": coded(INDUSTRIES, people.industry[who]),
            "plan_cd": coded(PLANS, people.plan[who]),
            "revenue_usd_c": revenue,
            "carrier_cost_usd_c": carrier,
            "is_active": revenue > 0,
            "is_new": (people.signup[who] >= _STARTS[month]) & (people.signup[who] < _ENDS[month]),
            "is_churned": people.churn[who] < _ENDS[month],
        },
        people.block,
    )


def write_health(
    out: LakeWriter, people: Population, ledger: Ledger, open_tickets: Ints, late_invoices: Ints
) -> None:
    """Write curated.account_health for the accounts that are open and not tests."""
    who = np.flatnonzero((people.churn >= NEVER) & ~people.is_test)
    before, now = ledger.recent[who, 0], ledger.recent[who, 1]
    trend = np.round(100.0 * (now - before) / np.maximum(before, 1), 1)
    score = 72 + np.clip(trend, -40, 25) - 6 * open_tickets[who] - 9 * late_invoices[who]
    score = np.where(now == 0, 15, score).clip(0, 100).astype(np.int64)
    last = ledger.last_used[who]
    out.write(
        "curated.account_health",
        {
            "snapshot_date": days(np.full(len(who), DAYS - 1)),
            "account_id": people.ids[who],
            "health_score": score,
            "risk_cd": coded(
                ["L", "M", "H"], np.where(score >= 65, 0, np.where(score >= 40, 1, 2))
            ),
            "usage_trend_pct": masked(trend, before == 0),
            "open_tickets": open_tickets[who],
            "last_usage_date": days(np.where(last < 0, NEVER, last)),
        },
        people.block,
    )
