"""How much each account uses each product on each day, before anything goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nlq.sample.calendar import Floats, Ints, Month, day_number, days, stream
from nlq.sample.happenings import VOICE_PRICE_RISE
from nlq.sample.population import Population
from nlq.sample.reference import PRODUCT_LIST, USAGE_PRODUCTS

_WEEK: Final = np.array(
    [
        [1.03, 1.06, 1.07, 1.07, 1.12, 0.88, 0.77],
        [1.00, 1.02, 1.02, 1.03, 1.05, 0.98, 0.90],
        [1.20, 1.22, 1.20, 1.18, 1.08, 0.60, 0.52],
        [0.98, 0.98, 0.99, 1.00, 1.06, 1.03, 0.96],
        [1.10, 1.24, 1.16, 1.14, 1.04, 0.70, 0.62],
    ]
)
"""Factor by product and weekday, Monday first."""

_YEAR_END: Final = np.array([0.34, 0.22, 0.04, 0.18, 0.40])
"""How much more each product is used at the height of the shopping season."""

_SUMMER: Final = np.array([-0.03, 0.02, -0.07, 0.03, -0.05])

_ACTIVE: Final = np.array([1.0, 0.97, 0.82, 0.5])
"""Share of days with usage, by segment."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Usage by day and account, days in order: day number, index of the account, units."""

    day: Ints
    account: Ints
    units: Ints


def demand(seed: int, people: Population, month: Month, product: int) -> Cells:
    """The units of a product that accounts ask for in a month."""
    rng = stream(seed, "demand", people.block, month.index, product)
    who = np.flatnonzero((people.adopted[:, product] < month.end) & (people.churn > month.start))
    day = np.arange(month.start, month.end)
    shape = (len(day), len(who))
    base = people.daily_usd[who, product] * 1e6 / PRODUCT_LIST[product].price
    age = day[:, None] - people.adopted[who, product][None, :]
    left = people.churn[who][None, :] - day[:, None]
    grown = (1 + people.growth[who])[None, :] ** (np.minimum(day[:, None], age) / 30.4)
    ramp = (0.3 + 0.7 * age / 75).clip(0, 1) * (0.35 + 0.65 * left / 60).clip(0, 1)
    active = rng.random(shape) < _ACTIVE[people.seg[who]][None, :]
    noise = np.exp(0.16 * rng.standard_normal(shape))
    wanted = base[None, :] * grown * ramp * noise * _season(day, product)[:, None]
    units = np.floor(wanted * active * ((age >= 0) & (left > 0)) + rng.random(shape))
    rows, columns = np.nonzero(units)
    return Cells(day[rows], who[columns], units[rows, columns].astype(np.int64))


def _season(day: Ints, product: int) -> Floats:
    dates = days(day)
    weekday = (dates.astype("int64") + 3) % 7
    of_year = (dates - dates.astype("datetime64[Y]").astype("datetime64[D]")).astype("int64")
    peak = np.exp(-(((of_year - 332) / 7.0) ** 2)) + 0.7 * np.exp(-(((of_year - 350) / 8.0) ** 2))
    summer = np.exp(-(((of_year - 205) / 30.0) ** 2))
    factor = _WEEK[product][weekday] * (1 + _YEAR_END[product] * peak + _SUMMER[product] * summer)
    factor = factor * (1 + 0.00012 * day)
    if USAGE_PRODUCTS[product] == "VOI":
        factor = np.where(day >= day_number(VOICE_PRICE_RISE), 0.97 * factor, factor)
    return np.asarray(factor, np.float64)
