"""marketing and growth: campaigns, spend, leads, and the funnel of the website."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np
import pyarrow as pa

from nlq.sample.areas.accounts import row_ids
from nlq.sample.calendar import DAYS, Floats, Ints, day_number, days, moments, stream
from nlq.sample.names import mailbox
from nlq.sample.names import people as draw_people
from nlq.sample.population import Population
from nlq.sample.reference import COUNTRIES, REGIONS
from nlq.sample.writer import LakeWriter, coded

_COUNT: Final = 96
_CHANNELS: Final = ("SEA", "SOC", "EVT", "CNT", "EML")
_CODES: Final = [country.code for country in COUNTRIES]
_SPEND_END: Final = day_number(date(2026, 7, 12))
_SITE: Final = ("organic", "paid", "referral", "direct", "email")
_EUR: Final = 1


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Every campaign: index of the channel and region, first day, day after the last, dollars."""

    channel: Ints
    region: Ints
    start: Ints
    end: Ints
    budget: Ints


def make_campaigns(seed: int) -> Campaigns:
    """The campaigns, in order of their start."""
    rng = stream(seed, "campaigns")
    start = np.sort(rng.integers(-20, DAYS - 10, _COUNT))
    channel = rng.choice(5, _COUNT, p=(0.28, 0.26, 0.16, 0.2, 0.1))
    lasts = np.where(channel == 2, rng.integers(3, 9, _COUNT), rng.integers(45, 160, _COUNT))
    cost = np.array([60_000, 45_000, 70_000, 22_000, 9_000])[channel]
    budget = np.rint(cost * rng.uniform(0.5, 1.8, _COUNT) / 500).astype(np.int64) * 500
    region = rng.choice(4, _COUNT, p=(0.4, 0.15, 0.28, 0.17))
    return Campaigns(channel, region, start, start + lasts, budget)


def write_marketing(
    out: LakeWriter, seed: int, campaigns: Campaigns, rates: Floats, scale: float
) -> None:
    """Write campaigns, their spend and the website's funnel (all not by account)."""
    words = ("Search", "Social", "Summit", "Webinars", "Newsletter")
    starts = days(campaigns.start).astype(str).tolist()
    out.write(
        "marketing.campaigns",
        {
            "campaign_id": 1 + np.arange(_COUNT),
            "campaign_name": [
                f"{words[c]} {REGIONS[r]} {s[:7]} #{n + 1}"
                for n, (c, r, s) in enumerate(
                    zip(campaigns.channel.tolist(), campaigns.region.tolist(), starts, strict=True)
                )
            ],
            "channel_cd": coded(_CHANNELS, campaigns.channel),
            "region": coded(REGIONS, campaigns.region),
            "start_date": days(campaigns.start),
            "end_date": days(campaigns.end - 1),
            "budget_usd": pa.array(
                [Decimal(b) for b in campaigns.budget.tolist()], pa.decimal128(12, 2)
            ),
        },
        0,
    )
    _write_spend(out, seed, campaigns, rates)
    _write_funnel(out, seed, scale)


def _write_spend(out: LakeWriter, seed: int, campaigns: Campaigns, rates: Floats) -> None:
    rng = stream(seed, "spend")
    grid = np.arange(DAYS)[:, None]
    day, which = np.nonzero((grid >= campaigns.start) & (grid < campaigns.end))
    kept = day < _SPEND_END
    day, which = day[kept], which[kept]
    length = (campaigns.end - campaigns.start)[which]
    dollars = campaigns.budget[which] / length * rng.uniform(0.75, 1.2, len(day))
    euro = campaigns.region[which] == REGIONS.index("EMEA")
    rate = np.where(euro, rates[day, _EUR], 1.0)
    amount = np.round(dollars / rate, 2)
    shown = dollars * np.array([70.0, 160.0, 4.0, 30.0, 90.0])[campaigns.channel[which]]
    impressions = np.rint(shown * rng.uniform(0.8, 1.2, len(day))).astype(np.int64)
    out.write(
        "marketing.spend_daily",
        {
            "spend_date": days(day),
            "campaign_id": which + 1,
            "ccy": coded(["USD", "EUR"], euro),
            "spend_amt": amount,
            "spend_usd_c": np.rint(amount * rate * 100).astype(np.int64),
            "impressions": impressions,
            "clicks": rng.binomial(impressions, 0.021),
        },
        0,
    )


def _write_funnel(out: LakeWriter, seed: int, scale: float) -> None:
    rng = stream(seed, "funnel")
    day = np.repeat(np.arange(DAYS), len(_SITE))
    channel = np.tile(np.arange(len(_SITE)), DAYS)
    weekday = (days(day).astype("int64") + 3) % 7
    base = np.array([2600.0, 1500.0, 500.0, 1100.0, 300.0])[channel] * max(scale, 0.05)
    season = np.array([1.1, 1.15, 1.14, 1.1, 1.0, 0.72, 0.74])[weekday]
    visits = rng.poisson(base * season * (1 + 0.0006 * day))
    signups = rng.binomial(visits, np.array([0.021, 0.016, 0.034, 0.027, 0.03])[channel])
    activated = rng.binomial(signups, 0.46)
    out.write(
        "curated.signup_funnel_daily",
        {
            "funnel_date": days(day),
            "channel": coded(_SITE, channel),
            "visits": visits,
            "signups": signups,
            "activated": activated,
            "paying": rng.binomial(activated, 0.19),
        },
        0,
    )


def write_leads(out: LakeWriter, seed: int, people: Population, campaigns: Campaigns) -> None:
    """Write marketing.leads; some of them became accounts of this block."""
    rng = stream(seed, "leads", people.block)
    became = np.flatnonzero((people.signup > 30) & (rng.random(len(people)) < 0.45))
    others = 13 * len(people)
    size = len(became) + others
    day = np.append(
        np.maximum(people.signup[became] - rng.integers(1, 60, len(became)), 0),
        (DAYS * rng.random(others) ** 0.85).astype(np.int64),
    )
    account = np.append(became, np.full(others, -1))
    country = np.append(people.country[became], rng.choice(people.country, others))
    running = (campaigns.start[None, :] <= day[:, None]) & (campaigns.end[None, :] > day[:, None])
    chosen = (running * rng.random(running.shape, np.float32)).argmax(axis=1)
    none = ~running.any(axis=1) | (rng.random(size) < 0.25)
    score = np.append(rng.integers(55, 100, len(became)), rng.integers(0, 90, others))
    fresh = (day > DAYS - 20) & (rng.random(size) < 0.6)
    status = np.where(fresh, 0, rng.choice(4, size, p=(0.08, 0.2, 0.17, 0.55)))
    status = np.where(account >= 0, 4, status)
    second = rng.integers(0, 86_400, size)
    order = np.lexsort((second, day))
    persons = draw_people(rng, size)
    wanted = rng.integers(0, len(people), size)
    companies = [
        people.names[a if a >= 0 else w]
        for a, w in zip(account.tolist(), wanted.tolist(), strict=True)
    ]
    names = [companies[i] if account[i] >= 0 else companies[i] + " Co" for i in order.tolist()]
    people_in_order = [persons[i] for i in order.tolist()]
    out.write(
        "marketing.leads",
        {
            "lead_id": row_ids(people.block, size),
            "created_at": moments(day, second)[order],
            "campaign_id": pa.array(chosen[order] + 1, mask=none[order]),
            "full_name": [" ".join(p) for p in people_in_order],
            "email": [
                mailbox(p, n, c.lower().replace(" ", "-"))
                for n, (p, c) in enumerate(zip(people_in_order, names, strict=True))
            ],
            "company": names,
            "ctry_cd": coded(_CODES, country[order], (rng.random(size) < 0.08)[order]),
            "status": coded(["NEW", "WRK", "QUA", "DSQ", "CNV"], status[order]),
            "lead_score": score[order],
            "account_id": pa.array(people.ids[account[order]], mask=account[order] < 0),
        },
        people.block,
    )
