"""events.calls: voice traffic."""

from __future__ import annotations

from typing import Final

import numpy as np

from nlq.sample.areas.messages import Usage
from nlq.sample.areas.slots import COST, by_day, day_pieces, has_landed, landed, split
from nlq.sample.calendar import Month, stream
from nlq.sample.demand import demand
from nlq.sample.population import Population
from nlq.sample.reference import COUNTRIES, PRODUCT_LIST, USAGE_PRODUCTS
from nlq.sample.writer import LakeWriter, coded, masked

_SLOTS: Final = np.array([1.3, 1.0, 1.0, 1.0])
_CODES: Final = [country.code for country in COUNTRIES]
_VOICE: Final = USAGE_PRODUCTS.index("VOI")


def write_calls(out: LakeWriter, seed: int, people: Population, month: Month) -> Usage:
    """Write a month of calls; gives the billed minutes and their cost."""
    rng = stream(seed, "calls", people.block, month.index)
    slots = split(rng, people, demand(seed, people, month, _VOICE), _SLOTS)
    size = len(slots)
    answered = np.maximum(slots.units / (3.1 * np.exp(0.15 * rng.standard_normal(size))), 1)
    answered = np.minimum(np.rint(answered), slots.units).astype(np.int64)
    missed = rng.binomial(answered, 0.42)
    busy = rng.binomial(answered, 0.08)
    failed = rng.binomial(answered, 0.025)
    inbound = rng.random(size) < 0.35
    counts = np.stack([answered, missed, busy, failed])
    outcome, at = np.nonzero(counts)
    loaded = landed(rng, slots.started)
    kept = has_landed(loaded)[at]
    outcome, at = outcome[kept], at[kept]
    order = np.lexsort((outcome, slots.account[at], slots.day[at]))
    outcome, at = outcome[order], at[order]
    talked = outcome == 0
    minutes = np.where(talked, slots.units[at], 0)
    unit = np.rint(PRODUCT_LIST[_VOICE].cost * COST[slots.country] * np.where(inbound, 0.5, 1.0))
    cost = minutes * unit.astype(np.int64)[at]
    score = 4.22 - 0.12 * (COST[slots.country[at]] - 1) + 0.09 * rng.standard_normal(len(at))
    columns = {
        "hr_ts": slots.started[at],
        "acct_sid": coded(people.sids.tolist(), slots.account[at]),
        "dir_cd": coded(["O", "I"], inbound[at]),
        "dest_ctry_cd": coded(_CODES, slots.country[at]),
        "carrier_id": slots.carrier[at],
        "disp_cd": coded(["ANS", "NOA", "BSY", "FLD"], outcome),
        "call_cnt": counts[outcome, at],
        "bill_min": minutes,
        "mos_avg": masked(np.round(score.clip(1, 5), 2), ~talked),
        "cost_usd_micros": cost,
        "loaded_at": loaded[at],
    }
    day, account = slots.day[at], slots.account[at]
    out.write_split("events.calls", columns, people.block, day_pieces(day, month))
    return Usage(
        by_day(people, month, day, account, minutes), by_day(people, month, day, account, cost)
    )
