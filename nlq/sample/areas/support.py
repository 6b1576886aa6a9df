"""support: tickets with their events and surveys; more of them where things went wrong."""

from __future__ import annotations

from typing import Final

import numpy as np

from nlq.sample.areas.accounts import OFFSET_MIN, row_ids
from nlq.sample.calendar import DAYS, Bools, Days, Floats, Ints, day_number, moments, stream
from nlq.sample.facts import SAMPLE_NOW
from nlq.sample.happenings import CARRIER_INCIDENT, SMS_OUTAGE, SMS_OUTAGE_REGION
from nlq.sample.names import mailbox
from nlq.sample.names import people as draw_people
from nlq.sample.population import Population
from nlq.sample.reference import REGIONS
from nlq.sample.writer import LakeWriter, coded

_NOW: Final = np.datetime64(SAMPLE_NOW.replace(tzinfo=None), "ms")
_NONE: Final = np.datetime64("NaT")
_A_MONTH: Final = np.array([2.6, 1.1, 0.45, 0.12])
_RESPONSE_MIN: Final = np.array([18.0, 75.0, 340.0, 1200.0])
_RESOLVE_HOURS: Final = np.array([7.0, 22.0, 44.0, 80.0])


def write_support(out: LakeWriter, seed: int, people: Population) -> Ints:
    """Write support's tables; gives each account's number of tickets open now."""
    rng = stream(seed, "tickets", people.block)
    who, day, urgent = _opened(rng, people)
    size = len(who)
    second = (rng.normal(47_000, 14_000, size)).clip(0, 86_399).astype(np.int64)
    order = np.lexsort((second, day))
    who, day, urgent, second = who[order], day[order], urgent[order], second[order]
    opened = moments(day, second)
    priority = np.where(urgent, rng.choice(4, size, p=(0.5, 0.35, 0.15, 0)),
                        rng.choice(4, size, p=(0.04, 0.17, 0.55, 0.24)))  # fmt: skip
    category = np.where(urgent, 0, rng.choice(6, size, p=(0.24, 0.2, 0.25, 0.09, 0.13, 0.09)))
    slow = 1 + 0.9 * urgent
    wait = rng.exponential(1.0, size) * _RESPONSE_MIN[priority] * slow + 2
    work = wait * 60 + rng.exponential(1.0, size) * _RESOLVE_HOURS[priority] * 3600 * slow
    answered = _before_now(opened + (wait * 60_000).astype("timedelta64[ms]"))
    resolved = _before_now(opened + (work * 1000).astype("timedelta64[ms]"))
    reopened = rng.poisson(0.07 + 0.1 * urgent)
    waiting = ~np.isnat(answered) & (rng.random(size) < 0.4)
    status = np.where(np.isnat(answered), 0, np.where(waiting, 2, 1))
    status = np.where(np.isnat(resolved), status, 3)
    channel = rng.choice(4, size, p=(0.5, 0.25, 0.18, 0.07))
    ids = row_ids(people.block, size)
    shift = OFFSET_MIN[people.country[who]].astype("timedelta64[m]")
    persons = draw_people(rng, size)
    domains = [people.names[w].lower().replace(" ", "-") for w in who.tolist()]
    out.write(
        "support.tickets",
        {
            "ticket_id": ids,
            "account_id": people.ids[who],
            "opened_at": opened,
            "opened_at_local": opened + shift,
            "first_response_at": answered,
            "resolved_at": resolved,
            "priority": coded(["P1", "P2", "P3", "P4"], priority),
            "category_cd": coded(["DLV", "BIL", "API", "VOQ", "ACC", "CMP"], category),
            "channel_cd": coded(["WEB", "EML", "CHT", "TEL"], channel),
            "status": coded(["N", "W", "P", "R"], status),
            "requester_email": [mailbox(p, 0, d) for p, d in zip(persons, domains, strict=True)],
            "reopened_cnt": reopened,
        },
        people.block,
    )
    _write_events(out, people, ids, opened, answered, resolved, reopened)
    _write_surveys(out, rng, people, ids, resolved, urgent, wait)
    still = who[status < 3]
    return np.bincount(still, minlength=len(people)).astype(np.int64)


def _opened(rng: np.random.Generator, people: Population) -> tuple[Ints, Ints, Bools]:
    start = np.maximum(people.signup, 0)
    end = np.minimum(people.churn, DAYS)
    many = rng.poisson(_A_MONTH[people.seg] * np.maximum(end - start, 0) / 30.4)
    who = np.repeat(np.arange(len(people)), many)
    day = start[who] + (rng.random(len(who)) * (end - start)[who]).astype(np.int64)
    weekend = (day - 5) % 7 < 2
    monday = day - (day - 5) % 7 + 2
    moved = weekend & (rng.random(len(who)) < 0.7) & (monday < end[who])
    day = np.where(moved, monday, day)
    parts = [(who, day, np.zeros(len(who), np.bool_))]
    for span, region, share in (
        (SMS_OUTAGE, SMS_OUTAGE_REGION, np.array([0.95, 0.8, 0.5, 0.15])),
        (CARRIER_INCIDENT, "LATAM", np.array([0.6, 0.4, 0.2, 0.05])),
    ):
        first, last = day_number(span[0]), day_number(span[1])
        near = (people.region == REGIONS.index(region)) & people.open_on(first)
        near &= people.adopted[:, 0] <= first
        hit = np.flatnonzero(near & (rng.random(len(people)) < share[people.seg]))
        when = rng.integers(first, last + 1, len(hit))
        parts.append((hit, when, np.ones(len(hit), np.bool_)))
    return (
        np.concatenate([p[0] for p in parts]),
        np.concatenate([p[1] for p in parts]),
        np.concatenate([p[2] for p in parts]),
    )


def _before_now(when: Days) -> Days:
    return np.where(when < _NOW, when, _NONE)


def _write_events(
    out: LakeWriter,
    people: Population,
    ids: Ints,
    opened: Days,
    answered: Days,
    resolved: Days,
    reopened: Ints,
) -> None:
    again = np.flatnonzero((reopened > 0) & ~np.isnat(resolved))
    halfway = answered[again] + (resolved[again] - answered[again]) // 2
    ticket = np.concatenate([ids, ids, ids[again], ids])
    when = np.concatenate([opened, answered, halfway, resolved])
    kind = np.repeat([0, 1, 2, 3], [len(ids), len(ids), len(again), len(ids)])
    kept = np.flatnonzero(~np.isnat(when))
    order = kept[np.lexsort((kind[kept], ticket[kept], when[kept]))]
    out.write(
        "support.ticket_events",
        {
            "event_id": row_ids(people.block, len(order)),
            "ticket_id": ticket[order],
            "event_at": when[order],
            "event_cd": coded(["OPN", "RSP", "REO", "RES"], kind[order]),
        },
        people.block,
    )


def _write_surveys(
    out: LakeWriter,
    rng: np.random.Generator,
    people: Population,
    ids: Ints,
    resolved: Days,
    urgent: Bools,
    wait: Floats,
) -> None:
    asked = np.flatnonzero(~np.isnat(resolved) & (rng.random(len(ids)) < 0.33))
    delay = rng.integers(600, 90_000, len(asked)).astype("timedelta64[s]")
    when = resolved[asked] + delay.astype("timedelta64[ms]")
    kept = when < _NOW
    asked, when = asked[kept], when[kept]
    mood = 4.55 - 1.3 * urgent[asked] - wait[asked] / 1500 + rng.normal(0, 0.8, len(asked))
    order = np.argsort(when, kind="stable")
    score = np.rint(mood).clip(1, 5).astype(np.int64)
    out.write(
        "support.csat_responses",
        {
            "response_id": row_ids(people.block, len(asked)),
            "ticket_id": ids[asked[order]],
            "responded_at": when[order],
            "score": score[order],
        },
        people.block,
    )
