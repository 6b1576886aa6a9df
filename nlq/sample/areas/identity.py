"""events.verifications: one-time passcodes, with their wave of fraud."""

from __future__ import annotations

from typing import Final

import numpy as np

from nlq.sample.areas.messages import Usage
from nlq.sample.areas.slots import COST, by_day, day_pieces, has_landed, landed, split
from nlq.sample.calendar import Month, stream, within
from nlq.sample.demand import demand
from nlq.sample.happenings import FRAUD_WAVE, FRAUD_WAVE_COUNTRY
from nlq.sample.population import Population
from nlq.sample.reference import COUNTRIES, PRODUCT_LIST, USAGE_PRODUCTS
from nlq.sample.writer import LakeWriter, coded

_SLOTS: Final = np.array([1.8, 1.2, 1.0, 1.0])
_CODES: Final = [country.code for country in COUNTRIES]
_FRAUD: Final = _CODES.index(FRAUD_WAVE_COUNTRY)
_VERIFY: Final = USAGE_PRODUCTS.index("VER")
_CHANNEL_COST: Final = np.array([1.0, 1.6, 0.1])


def write_verifications(out: LakeWriter, seed: int, people: Population, month: Month) -> Usage:
    """Write a month of verifications; gives those billed (not the blocked ones) and their cost."""
    rng = stream(seed, "verifications", people.block, month.index)
    slots = split(rng, people, demand(seed, people, month, _VERIFY), _SLOTS)
    size = len(slots)
    wave = within(slots.day, FRAUD_WAVE)
    country = np.where(wave & (rng.random(size) < 0.06), _FRAUD, slots.country)
    attacked = wave & (country == _FRAUD)
    asked = slots.units * np.where(attacked, 5, 1)
    channel = rng.choice(3, size, p=(0.82, 0.11, 0.07))
    blocked = rng.binomial(asked, np.where(attacked, 0.78, 0.012))
    approved = rng.binomial(asked - blocked, np.array([0.90, 0.84, 0.93])[channel])
    counts = np.stack([approved, asked - blocked - approved, blocked])
    outcome, at = np.nonzero(counts)
    loaded = landed(rng, slots.started)
    kept = has_landed(loaded)[at]
    outcome, at = outcome[kept], at[kept]
    order = np.lexsort((outcome, slots.account[at], slots.day[at]))
    outcome, at = outcome[order], at[order]
    count = counts[outcome, at]
    billed = np.where(outcome == 2, 0, count)
    unit = np.rint(PRODUCT_LIST[_VERIFY].cost * COST[country] * _CHANNEL_COST[channel])
    cost = billed * unit.astype(np.int64)[at]
    columns = {
        "hr_ts": slots.started[at],
        "acct_sid": coded(people.sids.tolist(), slots.account[at]),
        "dest_ctry_cd": coded(_CODES, country[at]),
        "chnl_cd": coded(["S", "C", "E"], channel[at]),
        "outcome_cd": coded(["A", "X", "B"], outcome),
        "ver_cnt": count,
        "cost_usd_micros": cost,
        "loaded_at": loaded[at],
    }
    day, account = slots.day[at], slots.account[at]
    out.write_split("events.verifications", columns, people.block, day_pieces(day, month))
    return Usage(
        by_day(people, month, day, account, billed), by_day(people, month, day, account, cost)
    )
