"""events.emails: e-mail traffic by day and stream, partitioned by month."""

from __future__ import annotations

from typing import Final

import numpy as np

from nlq.sample.areas.messages import Usage
from nlq.sample.areas.slots import by_day
from nlq.sample.calendar import Month, days, stream
from nlq.sample.demand import demand
from nlq.sample.population import Population
from nlq.sample.reference import PRODUCT_LIST, USAGE_PRODUCTS
from nlq.sample.writer import LakeWriter, coded

_EMAIL: Final = USAGE_PRODUCTS.index("EML")


def write_emails(out: LakeWriter, seed: int, people: Population, month: Month) -> Usage:
    """Write a month of e-mails; gives those sent and their cost."""
    rng = stream(seed, "emails", people.block, month.index)
    cells = demand(seed, people, month, _EMAIL)
    taste = stream(seed, "email streams", people.block).uniform(0.2, 0.9, len(people))
    transactional = rng.binomial(cells.units, taste[cells.account])
    counts = np.stack([transactional, cells.units - transactional], axis=1)
    at, kind = np.nonzero(counts)
    sent = counts[at, kind]
    delivered = rng.binomial(sent, np.array([0.985, 0.968])[kind])
    columns = {
        "sent_date": days(cells.day[at]),
        "acct_sid": coded(people.sids.tolist(), cells.account[at]),
        "stream_cd": coded(["T", "M"], kind),
        "email_cnt": sent,
        "delivered_cnt": delivered,
        "opened_cnt": rng.binomial(delivered, np.array([0.46, 0.21])[kind]),
        "bounced_cnt": sent - delivered,
        "spam_cnt": rng.binomial(delivered, np.array([0.0002, 0.0011])[kind]),
    }
    if len(at):
        out.write("events.emails", columns, people.block, f"{month.first:%Y-%m}")
    units = by_day(people, month, cells.day, cells.account, cells.units)
    return Usage(units, units * PRODUCT_LIST[_EMAIL].cost)
