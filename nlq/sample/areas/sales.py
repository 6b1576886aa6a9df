"""crm: companies, opportunities and representatives, and a raw export of the opportunities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa

from nlq.sample.areas.accounts import row_ids
from nlq.sample.calendar import DAYS, NEVER, Bools, Floats, Ints, day_number, days, stream
from nlq.sample.names import company_names, mailbox
from nlq.sample.names import people as draw_people
from nlq.sample.population import BLOCK, Population
from nlq.sample.reference import REGIONS, USAGE_PRODUCTS
from nlq.sample.writer import LakeWriter, coded

REPS: Final = 40
_PER_REGION: Final = (16, 6, 12, 6)
_TEAM_OF_SEGMENT: Final = np.array([0, 1, 1, 1])
_STAGES: Final = ("QUA", "DEM", "PRO", "NEG", "WON", "LST")
_WORDS: Final = ("Qualification", "Demo", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
_WON, _LOST = 4, 5
_EXPORTED: Final = day_number(date(2026, 6, 9))


@dataclass(frozen=True, slots=True)
class _Companies:
    """Customers first, then prospects; ``account`` is the index in the block, -1 for those."""

    keys: list[str]
    names: list[str]
    account: Ints
    region: Ints
    segment: Ints
    rep: Ints
    since: Ints
    yearly: Floats


def write_sales(out: LakeWriter, seed: int, people: Population) -> None:
    """Write crm.accounts, crm.opportunities and staging.opportunities_import."""
    rng = stream(seed, "crm", people.block)
    companies = _companies(rng, seed, people)
    kind = (companies.account < 0).astype(np.int64)
    out.write(
        "crm.accounts",
        {
            "crm_account_id": companies.keys,
            "account_id": pa.array(people.ids[companies.account], mask=kind == 1),
            "company": companies.names,
            "rep_id": companies.rep,
            "kind": coded(["customer", "prospect"], kind),
            "region": coded(REGIONS, companies.region),
            "created_date": days(companies.since),
        },
        people.block,
    )
    _write_opportunities(out, rng, people, companies)


def write_reps(out: LakeWriter, seed: int) -> None:
    """Write crm.reps."""
    rng = stream(seed, "reps")
    region = np.repeat(np.arange(4), _PER_REGION)
    number = 1 + np.arange(REPS)
    first = np.cumsum(_PER_REGION) - _PER_REGION + 1
    manager = first[region]
    persons = draw_people(rng, REPS)
    team = number % 2
    out.write(
        "crm.reps",
        {
            "rep_id": number,
            "rep_name": [" ".join(p) for p in persons],
            "email": [mailbox(p, n, "staff") for n, p in enumerate(persons)],
            "team": coded(["Enterprise", "Commercial"], team),
            "region": coded(REGIONS, region),
            "manager_rep_id": pa.array(manager, mask=manager == number),
            "quota_usd": np.where(team == 0, 2_400_000, 1_200_000),
            "hired_on": days(-rng.integers(-300, 1500, REPS)),
        },
        0,
    )


def _companies(rng: np.random.Generator, seed: int, people: Population) -> _Companies:
    sold = np.flatnonzero((people.channel != 0) & ~people.is_test)
    count = max(3, len(sold) // 2)
    source = rng.integers(0, len(people), count)
    account = np.append(sold, np.full(count, -1))
    like = np.append(sold, source)
    number = 1_000_000 + people.block * BLOCK + np.arange(count)
    names = company_names(stream(seed, "prospects"), number)
    region, segment = people.region[like], np.minimum(people.seg[like], 2)
    team = _TEAM_OF_SEGMENT[segment]
    starts = np.cumsum(_PER_REGION) - _PER_REGION
    size = np.array(_PER_REGION)[region]
    pick = (rng.random(len(like)) * (size // 2)).astype(np.int64) * 2 + 1 - team
    rep = starts[region] + 1 + pick
    entered = np.where(
        account >= 0,
        people.signup[like] - rng.integers(20, 150, len(like)),
        rng.integers(-200, DAYS - 20, len(like)),
    )
    return _Companies(
        keys=[f"001{people.block:03d}{n:08d}" for n in range(len(like))],
        names=[people.names[a] for a in sold.tolist()]
        + [n.rsplit(" ", 1)[0] + " Group" for n in names],
        account=account,
        region=region,
        segment=segment,
        rep=rep,
        since=entered,
        yearly=np.array([190_000.0, 45_000.0, 9_500.0])[segment],
    )


def _write_opportunities(
    out: LakeWriter, rng: np.random.Generator, people: Population, companies: _Companies
) -> None:
    of, kind, created, close, stage = _deals(rng, people, companies)
    order = np.lexsort((of, created))
    of, kind, created, close, stage = (a[order] for a in (of, kind, created, close, stage))
    size = len(of)
    factor = np.array([1.0, 0.45, 0.9])[kind] * np.exp(0.55 * rng.standard_normal(size))
    amount = np.rint(companies.yearly[of] * factor / 50).astype(np.int64) * 5_000
    is_open: Bools = stage < _WON
    unknown = rng.random(size) < np.where(is_open, 0.035, 0.002)
    unknown[np.flatnonzero(is_open)[:1]] = True
    reason = rng.choice(5, size, p=(0.28, 0.26, 0.18, 0.12, 0.16))
    ids = row_ids(people.block, size)
    out.write(
        "crm.opportunities",
        {
            "opp_id": ids,
            "crm_account_id": [companies.keys[c] for c in of.tolist()],
            "rep_id": companies.rep[of],
            "opp_type": coded(["NEW", "EXP", "REN"], kind),
            "prd_cd": coded(USAGE_PRODUCTS, rng.choice(5, size, p=(0.4, 0.14, 0.2, 0.17, 0.09))),
            "stage_cd": coded(_STAGES, stage),
            "region": coded(REGIONS, companies.region[of]),
            "amt_usd_c": pa.array(amount, mask=unknown),
            "created_date": days(created),
            "close_date": days(close),
            "lost_reason_cd": coded(["PRC", "CMP", "TIM", "FIT", "NDC"], reason, stage != _LOST),
        },
        people.block,
    )
    was = np.flatnonzero(created < _EXPORTED)
    words = [_WORDS[s] for s in stage[was].tolist()]
    closes = days(close[was]).tolist()
    out.write(
        "staging.opportunities_import",
        {
            "opp": ids[was].astype(str),
            "stage": words,
            "amount": pa.array(
                [f"${a // 100:,}.00" for a in amount[was].tolist()], mask=unknown[was]
            ),
            "close": [f"{d.month}/{d.day}/{d.year}" for d in closes],
        },
        people.block,
    )


def _deals(
    rng: np.random.Generator, people: Population, companies: _Companies
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Opportunities: company, kind, day created, day of the close, stage."""
    count = len(companies.account)
    customer = np.flatnonzero(companies.account >= 0)
    signup = people.signup[companies.account[customer]]
    churn = people.churn[companies.account[customer]]
    new = np.stack([customer, 0 * customer, companies.since[customer], signup, 0 * signup + _WON])
    parts = [new[:, signup >= -200]]
    for year in range(1, 8):
        anniversary = signup + 365 * year
        due = (anniversary >= -100) & (anniversary < DAYS + 60)
        due &= churn > anniversary - 60
        due &= companies.segment[customer] <= 1
        kept = churn > anniversary + 30
        stage = np.where(kept, _WON, _LOST)
        parts.append(
            np.stack([customer, 0 * customer + 2, anniversary - 80, anniversary, stage])[:, due]
        )
    of = rng.choice(customer, 3 * len(customer))
    created = (DAYS * rng.random(len(of)) ** 0.8).astype(np.int64)
    alive = (people.signup[companies.account[of]] < created) & (
        people.churn[companies.account[of]] > created + 60
    )
    of, created = of[alive], created[alive]
    close = created + rng.integers(15, 120, len(of))
    stage = np.where(rng.random(len(of)) < 0.38, _WON, _LOST)
    parts.append(np.stack([of, 0 * of + 1, created, close, stage]))
    of = rng.choice(np.arange(len(customer), count), 3 * (count - len(customer)))
    created = (DAYS * rng.random(len(of)) ** 0.8).astype(np.int64)
    created = np.maximum(created, companies.since[of])
    close = created + rng.integers(25, 190, len(of))
    parts.append(np.stack([of, 0 * of, created, close, 0 * of + _LOST]))
    of, kind, created, close, stage = np.concatenate(parts, axis=1).astype(np.int64)
    open_stage = rng.choice(4, len(of), p=(0.34, 0.26, 0.24, 0.16))
    stage = np.where(close >= DAYS, open_stage, stage)
    seen = (created < DAYS) & (close < NEVER)
    return of[seen], kind[seen], created[seen], close[seen], stage[seen]
