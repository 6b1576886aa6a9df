"""Small tables that are the same for everyone: lookups of the product database, quality, staff."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np
import pyarrow as pa

from nlq.sample.calendar import DAYS, NEVER, days, stream
from nlq.sample.ledger import Totals
from nlq.sample.names import mailbox
from nlq.sample.names import people as draw_people
from nlq.sample.population import Population
from nlq.sample.reference import (
    COUNTRIES,
    ERROR_CODES,
    PLAN_LIST,
    PRODUCT_LIST,
    carriers,
    price_list,
)
from nlq.sample.writer import LakeWriter, coded

_STAFF: Final = 420
_OFFICES: Final = ("US", "GB", "DE", "IE", "IN", "BR", "SG")


def write_lookups(out: LakeWriter) -> None:
    """Write the lookup tables of schema product."""
    out.write(
        "product.plans",
        {
            "plan_cd": [p.code for p in PLAN_LIST],
            "plan_name": [p.name for p in PLAN_LIST],
            "platform_fee_usd_c": [p.platform_fee for p in PLAN_LIST],
            "support_fee_usd_c": [p.support_fee for p in PLAN_LIST],
            "sla_pct": pa.array([Decimal(p.sla_pct) for p in PLAN_LIST], pa.decimal128(5, 2)),
        },
        0,
    )
    prices = price_list()
    out.write(
        "product.price_list",
        {
            "prd_cd": [p.product for p in prices],
            "plan_cd": [p.plan for p in prices],
            "valid_from": [p.valid_from for p in prices],
            "valid_to": [p.valid_to for p in prices],
            "price_usd_micros": [p.micros for p in prices],
        },
        0,
    )
    out.write(
        "product.products",
        {
            "code": [p.code for p in PRODUCT_LIST],
            "name": [p.name for p in PRODUCT_LIST],
            "family": [p.family for p in PRODUCT_LIST],
            "unit": [p.unit for p in PRODUCT_LIST],
            "launched_on": [p.launched_on for p in PRODUCT_LIST],
        },
        0,
    )
    out.write(
        "product.countries",
        {
            "code": [c.code for c in COUNTRIES],
            "name": [c.name for c in COUNTRIES],
            "region": [c.region for c in COUNTRIES],
            "dial_code": [c.dial_code for c in COUNTRIES],
            "time_zone": [c.time_zone for c in COUNTRIES],
            "ccy": [c.ccy for c in COUNTRIES],
        },
        0,
    )
    out.write(
        "product.carriers",
        {
            "carrier_id": [c.number for c in carriers()],
            "carrier_name": [c.name for c in carriers()],
            "ctry_cd": [COUNTRIES[c.country].code for c in carriers()],
            "route_cd": [c.route for c in carriers()],
        },
        0,
    )
    out.write(
        "product.error_codes",
        {
            "err_cd": [code for code, _, _ in ERROR_CODES],
            "err_name": [name for _, name, _ in ERROR_CODES],
            "err_class": [kind for _, _, kind in ERROR_CODES],
        },
        0,
    )


def write_quality(out: LakeWriter, totals: Totals) -> None:
    """Write curated.carrier_quality_daily."""
    sent = totals.quality.sum(axis=3)
    day, number, product = np.nonzero(sent)
    country = np.array([0, *(c.country for c in carriers())])[number]
    counts = totals.quality[day, number, product]
    out.write(
        "curated.carrier_quality_daily",
        {
            "quality_date": days(day),
            "carrier_id": number,
            "ctry_cd": coded([c.code for c in COUNTRIES], country),
            "region": coded([c.region for c in COUNTRIES], country),
            "prd_cd": coded(["SMS", "WA"], product),
            "sent_cnt": sent[day, number, product],
            "delivered_cnt": counts[:, 0],
            "undelivered_cnt": counts[:, 1],
            "failed_cnt": counts[:, 2],
        },
        0,
    )


def write_staff(out: LakeWriter, seed: int) -> None:
    """Write hr.employees."""
    rng = stream(seed, "staff")
    persons = draw_people(rng, _STAFF)
    title = rng.choice(5, _STAFF, p=(0.18, 0.36, 0.28, 0.13, 0.05))
    office = rng.choice(7, _STAFF, p=(0.42, 0.12, 0.12, 0.08, 0.14, 0.07, 0.05))
    pay = (
        np.array([62, 88, 124, 158, 215])[title]
        * np.array([1, 0.8, 0.8, 0.82, 0.42, 0.45, 0.8])[office]
    )
    hired = rng.integers(-2200, DAYS, _STAFF)
    left = hired + rng.exponential(2600, _STAFF).astype(np.int64) + 90
    out.write(
        "hr.employees",
        {
            "employee_id": 1 + np.arange(_STAFF),
            "full_name": [" ".join(p) for p in persons],
            "email": [mailbox(p, n, "staff") for n, p in enumerate(persons)],
            "dept_cd": coded(
                ["ENG", "SAL", "MKT", "SUP", "GNA"],
                rng.choice(5, _STAFF, p=(0.42, 0.2, 0.09, 0.17, 0.12)),
            ),
            "title": coded(["Junior", "Specialist", "Senior", "Lead", "Director"], title),
            "ctry_cd": coded(_OFFICES, office),
            "salary_usd": np.rint(pay * rng.uniform(0.9, 1.15, _STAFF)).astype(np.int64) * 1000,
            "hired_on": days(hired),
            "left_on": days(np.where(left >= DAYS, NEVER, left)),
        },
        0,
    )


def write_scratch(out: LakeWriter, seed: int, people: Population) -> None:
    """Write staging.accounts_tmp: stale, with some accounts twice and some names changed."""
    rng = stream(seed, "scratch", people.block)
    old = np.flatnonzero(people.signup < DAYS - 120)
    twice = old[rng.random(len(old)) < 0.05]
    who = np.append(old, twice)
    dates = days(people.signup[who]).tolist()
    out.write(
        "staging.accounts_tmp",
        {
            "id": people.ids[who],
            "name": [people.names[w].upper() for w in who.tolist()],
            "segment": coded(["enterprise", "mid-market", "smb", "self-serve"], people.seg[who]),
            "country": pa.array(
                [COUNTRIES[c].name for c in people.country[who].tolist()],
                mask=rng.random(len(who)) < 0.06,
            ),
            "created": [f"{d.day}.{d.month}.{d.year}" for d in dates],
        },
        people.block,
    )
