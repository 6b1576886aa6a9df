"""curated.daily_usage, its deprecated first version, and a staging trial of the next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from nlq.sample.areas.messages import Usage
from nlq.sample.calendar import DAYS, Bools, Ints, Month, day_number, days, stream
from nlq.sample.ledger import Ledger
from nlq.sample.population import Population
from nlq.sample.reference import PLANS, USAGE_PRODUCTS, price_list
from nlq.sample.writer import LakeWriter, coded

_V1: Final = (day_number(date(2025, 10, 1)), day_number(date(2026, 1, 1)))
_V2: Final = (day_number(date(2026, 1, 1)), DAYS - 1)


def _prices() -> Ints:
    table = np.zeros((DAYS, len(PLANS), len(USAGE_PRODUCTS)), np.int64)
    for price in price_list():
        start = max(day_number(price.valid_from), 0)
        end = DAYS if price.valid_to is None else max(day_number(price.valid_to) + 1, 0)
        where = slice(start, end), PLANS.index(price.plan), USAGE_PRODUCTS.index(price.product)
        table[where] = price.micros
    return table


_PRICES: Final = _prices()


def worth(units: Ints, micros: Ints, discount_bp: Ints) -> Ints:
    """US cents for units at a list price in millionths of a dollar less a discount, rounded.

    >>> worth(np.array([1000]), np.array([9000]), np.array([1000]))
    array([810])
    """
    return (units * micros * (10_000 - discount_bp) + 50_000_000) // 100_000_000


def write_usage(
    out: LakeWriter,
    seed: int,
    people: Population,
    month: Month,
    usage: Sequence[Usage],
    ledger: Ledger,
) -> None:
    """Write a month of usage and book it in the ledger; ``usage`` is by ``USAGE_PRODUCTS``."""
    units = np.stack([one.units for one in usage], axis=2)
    micros = _PRICES[month.start : month.end][:, people.plan, :]
    amount = worth(units, micros, people.discount_bp[None, :, None])
    cost = (np.stack([one.cost for one in usage], axis=2) + 5_000) // 10_000
    used = slice(0, len(USAGE_PRODUCTS))
    ledger.quantity[:, month.index, used] = units.sum(axis=0)
    ledger.revenue[:, month.index, used] = amount.sum(axis=0)
    ledger.cost[:, month.index, used] = cost.sum(axis=0)
    _remember(month, units, amount, ledger)
    part = people.block * 100 + month.index
    real = units * ~people.is_test[None, :, None]
    day, who, product = np.nonzero(real)
    if len(day):
        columns = {
            "usage_date": days(day + month.start),
            "account_id": people.ids[who],
            "prd_cd": coded(USAGE_PRODUCTS, product),
            "units": units[day, who, product],
            "usage_amt_usd_c": amount[day, who, product],
            "carrier_cost_usd_c": cost[day, who, product],
        }
        out.write("curated.daily_usage", columns, part)
    rng = stream(seed, "usage copies", people.block, month.index)
    if _V2[0] <= month.start:
        _write_v2(out, rng, people, month, real, part)
    if _V1[0] <= month.start and month.end <= _V1[1]:
        _write_v1(out, rng, people, month, units, part)


def _remember(month: Month, units: Ints, amount: Ints, ledger: Ledger) -> None:
    day = np.arange(month.start, month.end)
    value = amount.sum(axis=2)
    for at, (start, end) in enumerate(((DAYS - 56, DAYS - 28), (DAYS - 28, DAYS))):
        ledger.recent[:, at] += value[(day >= start) & (day < end)].sum(axis=0)
    active = units.sum(axis=2) > 0
    last = np.where(active, day[:, None], -1).max(axis=0)
    np.maximum(ledger.last_used, last, out=ledger.last_used)


def _write_v1(
    out: LakeWriter,
    rng: np.random.Generator,
    people: Population,
    month: Month,
    units: Ints,
    part: int,
) -> None:
    day, who, product = np.nonzero(units)
    moved = _rounded(rng, units[day, who, product], 0.04)
    micros = _PRICES[0][people.plan[who], product]
    micros = np.where(micros == 0, _PRICES[-1][people.plan[who], product], micros)
    columns = {
        "dt": days(day + month.start),
        "acct": people.ids[who],
        "prd": coded(USAGE_PRODUCTS, product),
        "qty": moved.astype(np.float64),
        "amt": np.round(moved * micros / 1e6, 2),
    }
    out.write("curated.daily_usage_v1", columns, part)


def _write_v2(
    out: LakeWriter,
    rng: np.random.Generator,
    people: Population,
    month: Month,
    real: Ints,
    part: int,
) -> None:
    day, who, product = np.nonzero(real[: max(0, _V2[1] - month.start)])
    seen: Bools = rng.random(len(day)) < 0.995
    day, who, product = day[seen], who[seen], product[seen]
    whole = real[day, who, product]
    columns = {
        "usage_date": days(day + month.start),
        "account_id": people.ids[who],
        "prd_cd": coded(USAGE_PRODUCTS, product),
        "units": whole - rng.binomial(whole, 0.006),
    }
    out.write("staging.daily_usage_v2", columns, part)


def _rounded(rng: np.random.Generator, values: Ints, spread: float) -> Ints:
    moved = values * (1 + spread * rng.standard_normal(len(values)))
    return np.rint(np.maximum(moved, 0)).astype(np.int64)
