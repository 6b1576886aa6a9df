"""events.messages: SMS and WhatsApp traffic, with its outage and its carrier incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nlq.sample.areas.slots import (
    COST,
    LOSS,
    Slots,
    by_day,
    day_pieces,
    has_landed,
    landed,
    split,
)
from nlq.sample.calendar import Floats, Ints, Month, stream, within
from nlq.sample.demand import demand
from nlq.sample.happenings import (
    CARRIER_INCIDENT,
    CARRIER_INCIDENT_NAME,
    SMS_OUTAGE,
    SMS_OUTAGE_REGION,
)
from nlq.sample.population import Population
from nlq.sample.reference import COUNTRIES, PRODUCT_LIST, carriers
from nlq.sample.writer import LakeWriter, coded, masked

_SLOTS: Final = np.array([2.0, 1.25, 1.05, 1.0])
_IN_OUTAGE: Final = np.array([c.region == SMS_OUTAGE_REGION for c in COUNTRIES])
_BAD_CARRIER: Final = next(c.number for c in carriers() if c.name == CARRIER_INCIDENT_NAME)
_CODES: Final = [country.code for country in COUNTRIES]
_LOST_CODES: Final = np.array([30003, 30005, 30007, 30008, 30022])
_FAILED_CODES: Final = np.array([30001, 30500])
_DELIVERED, _UNDELIVERED, _FAILED = range(3)


@dataclass(frozen=True, slots=True)
class Usage:
    """Billable units and carrier cost (millionths of a dollar), days by accounts."""

    units: Ints
    cost: Ints


@dataclass(frozen=True, slots=True)
class _Rows:
    slot: Ints
    status: Ints
    count: Ints


def write_messages(
    out: LakeWriter, seed: int, people: Population, month: Month, quality: Ints
) -> tuple[Usage, Usage]:
    """Write a month of messages; gives the usage of SMS and of WhatsApp.

    Adds outbound messages to ``quality`` by day, carrier, product and status.
    """
    rng = stream(seed, "messages", people.block, month.index)
    sms = split(rng, people, demand(seed, people, month, 0), _SLOTS)
    whatsapp = split(rng, people, demand(seed, people, month, 1), _SLOTS)
    slots = Slots(
        *(np.concatenate([getattr(sms, f), getattr(whatsapp, f)]) for f in Slots.__slots__)
    )
    product = np.repeat([0, 1], [len(sms), len(whatsapp)])
    inbound = (rng.random(len(slots)) < 0.09).astype(np.int64)
    rows = _outcomes(rng, slots, product, inbound)
    loaded = landed(rng, slots.started)
    kept = has_landed(loaded)[rows.slot]
    rows = _Rows(rows.slot[kept], rows.status[kept], rows.count[kept])
    order = np.lexsort((rows.status, slots.account[rows.slot], slots.day[rows.slot]))
    rows = _Rows(rows.slot[order], rows.status[order], rows.count[order])
    at = rows.slot
    cost = _cost(slots, product, inbound, rows)
    error = _errors(rng, slots, rows)
    good = rows.status == _DELIVERED
    segments = rng.integers(100, 135, len(at)) * np.where(product[at] == 0, rows.count, 0) // 100
    latency = 900 + 2600 * rng.random(len(at)) ** 2 + 500 * COST[slots.country[at]]
    columns = {
        "hr_ts": slots.started[at],
        "acct_sid": coded(people.sids.tolist(), slots.account[at]),
        "prd_cd": coded(["SMS", "WA"], product[at]),
        "dir_cd": coded(["O", "I"], inbound[at]),
        "dest_ctry_cd": coded(_CODES, slots.country[at]),
        "carrier_id": slots.carrier[at],
        "status": coded(["D", "U", "F"], rows.status),
        "err_cd": masked(error, good),
        "msg_cnt": rows.count,
        "seg_cnt": np.maximum(segments, rows.count),
        "latency_ms": masked(latency.astype(np.int64) // 10 * 10, ~good),
        "cost_usd_micros": cost,
        "loaded_at": loaded[at],
    }
    pieces = day_pieces(slots.day[at], month)
    out.write_split("events.messages", columns, people.block, pieces)
    sent = inbound[at] == 0
    key = (slots.day[at][sent], slots.carrier[at][sent], product[at][sent], rows.status[sent])
    np.add.at(quality, key, rows.count[sent])
    found = []
    for which in (0, 1):
        billed = (product[at] == which) & (rows.status != _FAILED)
        day, account = slots.day[at][billed], slots.account[at][billed]
        found.append(
            Usage(
                by_day(people, month, day, account, rows.count[billed]),
                by_day(people, month, day, account, cost[billed]),
            )
        )
    return found[0], found[1]


def _outcomes(rng: np.random.Generator, slots: Slots, product: Ints, inbound: Ints) -> _Rows:
    lost: Floats = LOSS[slots.carrier] * np.exp(0.25 * rng.standard_normal(len(slots)))
    lost = np.where(product == 1, 0.35 * lost, lost * (1 - 0.0002 * slots.day))
    bad = within(slots.day, CARRIER_INCIDENT) & (slots.carrier == _BAD_CARRIER) & (product == 0)
    lost = np.where(bad, 0.34, lost)
    down = within(slots.day, SMS_OUTAGE) & _IN_OUTAGE[slots.country] & (product == 0)
    failing = np.where(down, 0.41, 0.0025)
    undelivered = np.where(inbound == 1, 0, rng.binomial(slots.units, lost.clip(0, 0.5)))
    failed = np.where(inbound == 1, 0, rng.binomial(slots.units - undelivered, failing))
    counts = np.stack([slots.units - undelivered - failed, undelivered, failed])
    status, slot = np.nonzero(counts)
    return _Rows(slot, status, counts[status, slot])


def _cost(slots: Slots, product: Ints, inbound: Ints, rows: _Rows) -> Ints:
    unit = np.array([PRODUCT_LIST[0].cost, PRODUCT_LIST[1].cost])[product[rows.slot]]
    each = np.rint(
        unit * COST[slots.country[rows.slot]] * np.where(inbound[rows.slot] == 1, 0.3, 1.0)
    )
    return np.where(rows.status == _FAILED, 0, rows.count * each.astype(np.int64))


def _errors(rng: np.random.Generator, slots: Slots, rows: _Rows) -> Ints:
    size = len(rows.slot)
    lost = _LOST_CODES[rng.choice(5, size, p=(0.34, 0.22, 0.24, 0.12, 0.08))]
    day, carrier = slots.day[rows.slot], slots.carrier[rows.slot]
    lost = np.where(within(day, CARRIER_INCIDENT) & (carrier == _BAD_CARRIER), 30008, lost)
    failed = _FAILED_CODES[(rng.random(size) < 0.4).astype(np.int64)]
    failed = np.where(within(day, SMS_OUTAGE), 30500, failed)
    return np.where(rows.status == _FAILED, failed, lost).astype(np.int64)
