"""product.users, and events.console_logins: their sign-ins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nlq.sample.areas.accounts import OFFSET_MIN, phones, row_ids
from nlq.sample.calendar import DAYS, NEVER, Days, Ints, moments, stream
from nlq.sample.names import mailbox
from nlq.sample.names import people as draw_people
from nlq.sample.population import Population
from nlq.sample.writer import LakeWriter, coded


@dataclass(frozen=True, slots=True)
class _Logins:
    """Sign-ins in order of time: index of the user, moment, IP address."""

    user: Ints
    when: Days
    address: npt.NDArray[np.str_]


def write_users(out: LakeWriter, seed: int, people: Population) -> None:
    """Write product.users and events.console_logins."""
    rng = stream(seed, "users", people.block)
    many = 1 + rng.poisson(np.array([9.0, 5.0, 2.2, 0.5])[people.seg])
    who = np.repeat(np.arange(len(people)), many)
    size = len(who)
    is_owner = np.zeros(size, np.bool_)
    is_owner[np.cumsum(many) - many] = True
    left = np.minimum(people.churn[who], DAYS)
    within = np.minimum(left - people.signup[who], 500)
    joined = people.signup[who] + (rng.random(size) ** 2 * within).astype(np.int64)
    created = np.where(is_owner, people.signup[who], joined)
    logins = _logins(rng, created, left)
    last = np.full(size, -1)
    last[logins.user] = np.arange(len(logins.user))
    never = last < 0
    ids = row_ids(people.block, size)
    persons = draw_people(rng, size)
    domains = [people.names[w].lower().replace(" ", "-") for w in who.tolist()]
    role = np.where(is_owner, 0, rng.choice(4, size, p=(0.0, 0.25, 0.6, 0.15)))
    newest = pa.array(np.where(never, 0, last), pa.int64(), mask=never)
    out.write(
        "product.users",
        {
            "user_id": ids,
            "account_id": people.ids[who],
            "full_name": [" ".join(person) for person in persons],
            "email": [
                mailbox(p, n, d) for n, (p, d) in enumerate(zip(persons, domains, strict=True))
            ],
            "phone": pa.array(phones(rng, people.country[who]), mask=rng.random(size) < 0.4),
            "role_cd": coded(["OWN", "ADM", "DEV", "BIL"], role),
            "created_at": moments(created, rng.integers(0, 86_400, size)),
            "last_login_at": pa.array(logins.when).take(newest),
            "last_login_ip": pa.array(logins.address).take(newest),
            "is_active": (people.churn[who] >= NEVER) & (rng.random(size) < 0.93),
        },
        people.block,
    )
    shift = OFFSET_MIN[people.country[who[logins.user]]].astype("timedelta64[m]")
    out.write(
        "events.console_logins",
        {
            "login_id": row_ids(people.block, len(logins.user)),
            "user_id": ids[logins.user],
            "login_at": logins.when,
            "login_at_local": logins.when + shift,
            "ip_addr": logins.address,
            "ok": rng.random(len(logins.user)) < 0.96,
        },
        people.block,
    )


def _logins(rng: np.random.Generator, created: Ints, left: Ints) -> _Logins:
    """About nine sign-ins for each who stayed all through the history."""
    first = np.maximum(created + 1, 0)
    stayed = np.maximum(left - first, 0)
    user = np.repeat(np.arange(len(created)), rng.poisson(9.0 * stayed / DAYS))
    size = len(user)
    day = first[user] + (rng.random(size) * stayed[user]).astype(np.int64)
    second = rng.integers(20_000, 70_000, size)
    order = np.lexsort((second, day))
    parts = rng.integers(1, 255, (size, 3)).tolist()
    address = np.array([f"198.{18 + a % 2}.{b}.{c}" for a, b, c in parts], dtype=str)
    return _Logins(user[order], moments(day[order], second[order]), address)
