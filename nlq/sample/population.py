"""The customers of the sample company: a seed and a block number go in, accounts come out.

Accounts are made in blocks of at most ``BLOCK`` so that memory stays bounded at any scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nlq.sample.calendar import DAYS, NEVER, Bools, Floats, Ints, day_number, stream
from nlq.sample.happenings import (
    BIG_CHURN,
    BIG_CUSTOMER,
    BIG_CUSTOMER_ID,
    RISING_CUSTOMER,
    RISING_CUSTOMER_ID,
    RISING_SINCE,
    WHATSAPP_LAUNCH,
)
from nlq.sample.names import company_names
from nlq.sample.reference import (
    COUNTRIES,
    CURRENCIES,
    INDUSTRIES,
    PLANS,
    REGIONS,
    USAGE_PRODUCTS,
)

BLOCK: Final = 20_000
FIRST_ID: Final = 1001
ACCOUNTS_AT_SCALE_1: Final = 1500
FEWEST: Final = 60

CHURN_REASONS: Final = ("PRC", "CMP", "OOB", "QLT", "UNU")
CHANNELS: Final = ("self", "direct", "partner")

_ENT, _MM, _SMB, _SS = range(4)
_COUNTRY = {country.code: index for index, country in enumerate(COUNTRIES)}


@dataclass(frozen=True, slots=True)
class Population:
    """A block of accounts, one array entry each; coded columns are indexes into their lists.

    Days are day numbers (``calendar``), ``NEVER`` where it has not happened. ``daily_usd`` and
    ``adopted`` have a column for each usage product: dollars a day meant to be spent, first day.
    """

    block: int
    ids: Ints
    names: tuple[str, ...]
    seg: Ints
    industry: Ints
    plan: Ints
    country: Ints
    region: Ints
    ccy: Ints
    channel: Ints
    signup: Ints
    churn: Ints
    churn_reason: Ints
    is_test: Bools
    has_contract: Bools
    discount_bp: Ints
    terms: Ints
    growth: Floats
    daily_usd: Floats
    adopted: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def sids(self) -> npt.NDArray[np.str_]:
        """Public identifiers, such as ``AC00001007``."""
        return np.char.add("AC", np.char.zfill(self.ids.astype(str), 8))

    def open_on(self, day: int) -> Bools:
        """Which accounts are customers on a day."""
        return (self.signup <= day) & (self.churn > day)


def block_sizes(scale: float) -> tuple[int, ...]:
    """How many accounts each block has at this scale."""
    count = max(FEWEST, round(ACCOUNTS_AT_SCALE_1 * scale))
    whole, rest = divmod(count, BLOCK)
    return (BLOCK,) * whole + ((rest,) if rest else ())


def make_population(seed: int, scale: float, block: int, size: int) -> Population:
    """The accounts of one block."""
    rng = stream(seed, "accounts", block)
    ids = FIRST_ID + block * BLOCK + np.arange(size, dtype=np.int64)
    seg = rng.choice(4, size, p=(0.08, 0.17, 0.30, 0.45))
    weights = np.array([country.weight for country in COUNTRIES])
    country = rng.choice(len(COUNTRIES), size, p=weights / weights.sum())
    industry = rng.choice(
        len(INDUSTRIES), size, p=(0.2, 0.14, 0.1, 0.12, 0.2, 0.08, 0.06, 0.04, 0.06)
    )
    signup = np.where(
        rng.random(size) < 0.42,
        -rng.integers(1, 1600, size),
        (DAYS * rng.random(size) ** 0.85).astype(np.int64),
    )
    monthly_loss = np.array([0.004, 0.008, 0.014, 0.022])[seg]
    churn = np.maximum(signup + 45, 0) + (rng.exponential(1.0, size) / monthly_loss * 30.4).astype(
        np.int64
    )
    daily_usd = _spend(rng, seg)
    adopted = _adoption(rng, seg, signup)
    is_test = rng.random(size) < 0.01
    growth = rng.normal(0.009, 0.014, size).clip(-0.03, 0.05)

    def place(account_id: int, code: str, spend: dict[str, float]) -> int:
        at = account_id - FIRST_ID
        seg[at], country[at] = _ENT, _COUNTRY[code]
        is_test[at] = False
        adopted[at], daily_usd[at] = NEVER, 0.0
        for product, dollars in spend.items():
            adopted[at, USAGE_PRODUCTS.index(product)] = signup[at]
            daily_usd[at, USAGE_PRODUCTS.index(product)] = dollars * max(scale, 0.2)
        return at

    if block == 0:
        big = BIG_CUSTOMER_ID - FIRST_ID
        signup[big], churn[big] = -1300, day_number(BIG_CHURN)
        industry[big], growth[big] = INDUSTRIES.index("RET"), 0.004
        place(BIG_CUSTOMER_ID, "US", {"SMS": 6800.0, "VER": 1500.0})
        rising = RISING_CUSTOMER_ID - FIRST_ID
        signup[rising], churn[rising] = day_number(RISING_SINCE), NEVER
        industry[rising], growth[rising] = INDUSTRIES.index("LOG"), 0.09
        place(RISING_CUSTOMER_ID, "BR", {"SMS": 600.0, "WA": 500.0, "VER": 350.0})
    churn[churn >= DAYS] = NEVER
    reason = np.where(
        (churn < NEVER) & (rng.random(size) < 0.9),
        rng.choice(5, size, p=(0.3, 0.24, 0.12, 0.12, 0.22)),
        -1,
    )
    has_contract = (seg == _ENT) | ((seg == _MM) & (rng.random(size) < 0.7))
    names = company_names(stream(seed, "names"), ids - FIRST_ID)
    if block == 0:
        reason[big] = CHURN_REASONS.index("CMP")
        names[big], names[rising] = BIG_CUSTOMER, RISING_CUSTOMER
    steps = rng.integers(2, 19, size) + np.where(seg == _ENT, 8, 0)
    return Population(
        block=block,
        ids=ids,
        names=tuple(names),
        seg=seg,
        industry=industry,
        plan=_plans(rng, seg),
        country=country,
        region=np.array([REGIONS.index(c.region) for c in COUNTRIES])[country],
        ccy=np.array([CURRENCIES.index(c.ccy) for c in COUNTRIES])[country],
        channel=np.where(seg == _SS, 0, rng.choice(3, size, p=(0.2, 0.62, 0.18))),
        signup=signup,
        churn=churn,
        churn_reason=reason,
        is_test=is_test,
        has_contract=has_contract,
        discount_bp=np.where(has_contract, steps * 100, 0),
        terms=np.where(seg == _ENT, 45, np.where(has_contract, 30, 14)),
        growth=growth,
        daily_usd=daily_usd,
        adopted=adopted,
    )


def _plans(rng: np.random.Generator, seg: Ints) -> Ints:
    odds = np.array(
        [[0.0, 0.0, 0.15, 0.85], [0.05, 0.2, 0.65, 0.1], [0.35, 0.5, 0.15, 0.0], [0.85, 0.15, 0, 0]]
    )
    drawn = rng.random(len(seg))[:, None] > odds.cumsum(axis=1)[seg]
    return np.asarray(np.minimum(drawn.sum(axis=1), len(PLANS) - 1), np.int64)


def _spend(rng: np.random.Generator, seg: Ints) -> Floats:
    month = np.array([17_000.0, 4_200.0, 800.0, 85.0])[seg]
    spread = np.array([0.7, 0.6, 0.6, 0.8])[seg]
    whole = month * np.exp(spread * rng.standard_normal(len(seg)) - spread**2 / 2) / 30.4
    parts = rng.random((len(seg), 5)) + 0.2
    return np.asarray(whole[:, None] * parts * np.array([0.9, 0.35, 0.55, 0.4, 0.3]), np.float64)


def _adoption(rng: np.random.Generator, seg: Ints, signup: Ints) -> Ints:
    size = len(seg)
    wants = rng.random((size, 5)) < np.array([0.82, 0.22, 0.40, 0.36, 0.30])
    wants[~wants.any(axis=1), 0] = True
    later = rng.random((size, 5)) < np.array([0.05, 0.6, 0.25, 0.3, 0.3])
    later[:, 0] &= wants.sum(axis=1) > 1
    start = np.maximum(signup[:, None], 0) + (rng.random((size, 5)) * 500).astype(np.int64)
    adopted = np.where(later, start, signup[:, None]).astype(np.int64)
    launch = day_number(WHATSAPP_LAUNCH) + (rng.random(size) ** 2 * 400).astype(np.int64)
    adopted[:, 1] = np.maximum(adopted[:, 1], launch)
    adopted[~wants] = NEVER
    return adopted
