"""Copies of the product database by account: accounts and phone numbers; also contracts."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np
import pyarrow as pa

from nlq.sample.calendar import DAYS, NEVER, Ints, days, moments, stream
from nlq.sample.ledger import MONTHS, NUMBERS, Ledger
from nlq.sample.population import CHANNELS, CHURN_REASONS, Population
from nlq.sample.reference import (
    COUNTRIES,
    CURRENCIES,
    INDUSTRIES,
    PLANS,
    REGIONS,
    SEGMENTS,
)
from nlq.sample.writer import LakeWriter, coded, masked

IDS_PER_BLOCK: Final = 10**9
"""Row numbers of block b lie between b and b + 1 times this."""

_CODES: Final = [country.code for country in COUNTRIES]
_DIAL: Final = [country.dial_code for country in COUNTRIES]

OFFSET_MIN: Final = np.array([country.offset_min for country in COUNTRIES])
"""Minutes that winter time is ahead of UTC, by index of the country."""


def row_ids(block: int, count: int) -> Ints:
    """Row numbers from 1 that no other block gives."""
    return block * IDS_PER_BLOCK + 1 + np.arange(count, dtype=np.int64)


def phones(rng: np.random.Generator, country: Ints) -> list[str]:
    """A phone number for each index of a country, in E.164 form."""
    digits = rng.integers(0, 10**7, len(country)).tolist()
    return [f"+{_DIAL[c]}555{n:07d}" for c, n in zip(country.tolist(), digits, strict=True)]


def write_accounts(out: LakeWriter, seed: int, people: Population) -> None:
    """Write product.accounts and crm.contracts."""
    rng = stream(seed, "account details", people.block)
    size = len(people)
    gone = people.churn < NEVER
    suspended = ~gone & (rng.random(size) < 0.015)
    lately = DAYS - 1 - (rng.random(size) ** 3 * 200).astype(np.int64)
    changed = np.where(gone, people.churn, np.maximum(lately, people.signup))
    touched = rng.random(size) < 0.8
    parent = np.roll(people.ids, 7)
    out.write(
        "product.accounts",
        {
            "account_id": people.ids,
            "account_sid": people.sids,
            "account_name": list(people.names),
            "seg": coded(SEGMENTS, people.seg),
            "industry_cd": coded(INDUSTRIES, people.industry),
            "plan_cd": coded(PLANS, people.plan),
            "ctry_cd": coded(_CODES, people.country),
            "region": coded(REGIONS, people.region),
            "status": coded(["A", "S", "C"], np.where(gone, 2, np.where(suspended, 1, 0))),
            "signup_date": days(people.signup),
            "churn_date": days(people.churn),
            "churn_reason_cd": coded(CHURN_REASONS, people.churn_reason, people.churn_reason < 0),
            "billing_ccy": coded(CURRENCIES, people.ccy),
            "sales_channel": coded(CHANNELS, people.channel),
            "parent_account_id": masked(parent, rng.random(size) >= 0.04),
            "is_test": people.is_test,
            "cdc_op": coded(["c", "u"], touched.astype(np.int64)),
            "cdc_ts": moments(
                np.where(touched, changed, np.maximum(people.signup, 0)),
                rng.integers(0, 86_400, size),
            ),
        },
        people.block,
    )
    who = np.flatnonzero(people.has_contract)
    yearly = people.daily_usd[who].sum(axis=1) * 365 * 60
    renewal = people.signup[who] + 365 * ((DAYS - people.signup[who]) // 365 + 1)
    out.write(
        "crm.contracts",
        {
            "contract_id": row_ids(people.block, len(who)),
            "account_id": people.ids[who],
            "start_date": days(people.signup[who]),
            "renewal_date": days(np.minimum(renewal, people.churn[who])),
            "discount_pct": pa.array(
                [Decimal(bp).scaleb(-2) for bp in people.discount_bp[who].tolist()],
                pa.decimal128(5, 2),
            ),
            "commit_usd_c": np.rint(yearly / 100_000).astype(np.int64) * 100_000,
            "terms_days": people.terms[who],
        },
        people.block,
    )


def write_numbers(out: LakeWriter, seed: int, people: Population, ledger: Ledger) -> None:
    """Write product.phone_numbers and book their rent."""
    rng = stream(seed, "numbers", people.block)
    uses = (people.adopted[:, [0, 2]] < NEVER).any(axis=1)
    many = np.where(uses, 1 + rng.poisson(np.array([28.0, 10.0, 3.0, 0.6])[people.seg]), 0)
    who = np.repeat(np.arange(len(people)), many)
    size = len(who)
    kind = rng.choice(4, size, p=(0.62, 0.22, 0.13, 0.03))
    kind = np.where((kind == 3) & (people.seg[who] == 3), 0, kind)
    stayed = np.minimum(people.churn[who], DAYS) - people.signup[who]
    bought = people.signup[who] + (rng.random(size) ** 2 * np.minimum(stayed, 900)).astype(np.int64)
    kept = bought + (rng.exponential(1500.0, size)).astype(np.int64) + 30
    released = np.minimum(kept, people.churn[who])
    released = np.where(released >= DAYS, NEVER, released)
    fee = np.array([115, 150, 215, 50_000])[kind]
    out.write(
        "product.phone_numbers",
        {
            "number_id": row_ids(people.block, size),
            "account_id": people.ids[who],
            "phone_e164": phones(rng, people.country[who]),
            "num_type": coded(["LOC", "MOB", "TF", "SC"], kind),
            "ctry_cd": coded(_CODES, people.country[who]),
            "acquired_date": days(bought),
            "released_date": days(released),
            "monthly_fee_usd_c": fee,
        },
        people.block,
    )
    for month in MONTHS:
        rented = (bought < month.end) & (released > month.start)
        count = np.bincount(who[rented], minlength=len(people))
        owed = np.bincount(who[rented], weights=fee[rented], minlength=len(people))
        part = owed.astype(np.int64) * (month.end - month.start) // month.length
        ledger.quantity[:, month.index, NUMBERS] = count
        ledger.revenue[:, month.index, NUMBERS] = part
        ledger.cost[:, month.index, NUMBERS] = part * 2 // 5
