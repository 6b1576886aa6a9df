"""What a block of accounts used and owes, month by month: filled by traffic, read by billing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nlq.sample.calendar import DAYS, Ints, months
from nlq.sample.population import Population
from nlq.sample.reference import PLAN_LIST, PRODUCTS, REGIONS

NUMBERS: Final = PRODUCTS.index("NUM")
PLATFORM: Final = PRODUCTS.index("PLT")
SUPPORT: Final = PRODUCTS.index("SUP")
MONTHS: Final = months()


@dataclass(frozen=True, slots=True)
class Ledger:
    """Arrays by account, month and product (of ``PRODUCTS``); money is whole US cents.

    ``recent`` has each account's usage value in the 28 days before the last ones and in the last
    28; ``last_used`` the day number of its last usage, or -1.
    """

    quantity: Ints
    revenue: Ints
    cost: Ints
    recent: Ints
    last_used: Ints

    @classmethod
    def empty(cls, size: int) -> Ledger:
        """A ledger without entries for this many accounts."""
        shape = (size, len(MONTHS), len(PRODUCTS))
        return cls(
            np.zeros(shape, np.int64),
            np.zeros(shape, np.int64),
            np.zeros(shape, np.int64),
            np.zeros((size, 2), np.int64),
            np.full(size, -1, np.int64),
        )

    def add_fees(self, people: Population) -> None:
        """Book the platform and support fees of every account's plan."""
        for month in MONTHS:
            billed = (people.signup < month.end) & (people.churn > month.start)
            for product, fees in (
                (PLATFORM, [plan.platform_fee for plan in PLAN_LIST]),
                (SUPPORT, [plan.support_fee for plan in PLAN_LIST]),
            ):
                whole = np.where(billed, np.array(fees)[people.plan], 0)
                fee = whole * (month.end - month.start) // month.length
                self.revenue[:, month.index, product] = fee
                self.quantity[:, month.index, product] = (fee > 0).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all blocks.

    ``revenue`` and ``cost`` by month, product and region in US cents, without test accounts;
    ``quality`` counts outbound messages by day, carrier number, product (SMS, WhatsApp) and status
    (delivered, undelivered, failed).
    """

    revenue: Ints
    cost: Ints
    quality: Ints

    @classmethod
    def empty(cls, carriers: int) -> Totals:
        """Sums of nothing, for carriers numbered from 1."""
        shape = (len(MONTHS), len(PRODUCTS), len(REGIONS))
        return cls(
            np.zeros(shape, np.int64),
            np.zeros(shape, np.int64),
            np.zeros((DAYS, carriers + 1, 2, 3), np.int64),
        )

    def add(self, people: Population, ledger: Ledger) -> None:
        """Add a block's ledger."""
        for region in range(len(REGIONS)):
            mine = (people.region == region) & ~people.is_test
            self.revenue[:, :, region] += ledger.revenue[mine].sum(axis=0)
            self.cost[:, :, region] += ledger.cost[mine].sum(axis=0)
