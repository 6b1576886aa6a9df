"""Splits a day's usage of an account into rows by hour, country and carrier.

Shared by the event tables. A slot is one hour of one account towards one country.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nlq.sample.calendar import Bools, Days, Floats, Ints, Month, days, moments
from nlq.sample.demand import Cells
from nlq.sample.facts import SAMPLE_NOW
from nlq.sample.population import Population
from nlq.sample.reference import COUNTRIES, carriers

_NOW: Final = np.datetime64(SAMPLE_NOW.replace(tzinfo=None), "ms")
_WEIGHTS: Final = np.array([c.weight for c in COUNTRIES]).cumsum()
_OFFSET_HOURS: Final = np.array([c.offset_min // 60 for c in COUNTRIES])
_BY_COUNTRY: Final = tuple(
    tuple(c for c in carriers() if c.country == index) for index in range(len(COUNTRIES))
)
_SHARES: Final = np.array(
    [np.pad(np.cumsum([c.share for c in few]), (0, 3 - len(few)), constant_values=9.0)
     for few in _BY_COUNTRY]
)  # fmt: skip
_NUMBERS: Final = np.array(
    [[few[min(rank, len(few) - 1)].number for rank in range(3)] for few in _BY_COUNTRY]
)

COST: Final = np.array([c.cost for c in COUNTRIES])
"""What carriers of each country charge against the mean."""

LOSS: Final = np.array([0.0, *(c.loss for c in carriers())])
"""Share of messages lost, by number of the carrier."""

_LOCAL_HOURS: Final = np.array(
    [2, 1, 1, 1, 1, 2, 5, 12, 22, 30, 33, 32, 30, 29, 30, 31, 32, 33, 31, 26, 20, 13, 7, 4]
).cumsum()


@dataclass(frozen=True, slots=True)
class Slots:
    """Slots by day: day number, account index, UTC hour, country index, carrier, units."""

    day: Ints
    account: Ints
    hour: Ints
    country: Ints
    carrier: Ints
    units: Ints

    def __len__(self) -> int:
        return len(self.day)

    @property
    def started(self) -> Days:
        """The start of each slot's hour."""
        return moments(self.day, self.hour * 3600)


def split(rng: np.random.Generator, people: Population, cells: Cells, mean: Floats) -> Slots:
    """Split cells into slots; ``mean`` is how many there are on average, by segment."""
    wanted = mean[people.seg[cells.account]]
    many = np.minimum(np.floor(wanted + rng.random(len(wanted))), cells.units).astype(np.int64)
    many = np.maximum(many, 1)
    of = np.repeat(np.arange(len(many)), many)
    first = np.cumsum(many) - many
    weight = rng.random(len(of)) + 0.3
    total = np.add.reduceat(weight, first) if len(first) else weight
    units = np.floor(cells.units[of] * weight / total[of]).astype(np.int64)
    if len(first):
        units[first] += cells.units - np.add.reduceat(units, first)
    kept = units > 0
    of, units = of[kept], units[kept]
    account = cells.account[of]
    country = _countries(rng, people, account)
    local = np.searchsorted(_LOCAL_HOURS, rng.random(len(of)) * _LOCAL_HOURS[-1], side="right")
    rank = (rng.random(len(of))[:, None] > _SHARES[country]).sum(axis=1).clip(0, 2)
    return Slots(
        day=cells.day[of],
        account=account,
        hour=(local - _OFFSET_HOURS[country]) % 24,
        country=country,
        carrier=_NUMBERS[country, rank],
        units=units,
    )


def _countries(rng: np.random.Generator, people: Population, account: Ints) -> Ints:
    abroad = rng.random(len(account)) < np.array([0.34, 0.26, 0.2, 0.15])[people.seg[account]]
    other = np.searchsorted(_WEIGHTS, rng.random(len(account)) * _WEIGHTS[-1], side="right")
    return np.where(abroad, other, people.country[account]).astype(np.int64)


def landed(rng: np.random.Generator, started: Days) -> Days:
    """When rows land in the lake: an hour later, a few of them up to two days later.

    They come in batches of five minutes.
    """
    size = len(started)
    batches = 13 + np.floor(rng.exponential(0.8, size))
    late = rng.random(size) < 0.01
    batches = np.where(late, batches + np.floor(rng.random(size) * 552), batches)
    return np.asarray(started + (batches * 300_000).astype("timedelta64[ms]"), "datetime64[ms]")


def has_landed(loaded: Days) -> Bools:
    """Which rows are in the lake by the sample's now."""
    return np.asarray(loaded < _NOW, np.bool_)


def day_pieces(day: Ints, month: Month) -> Iterator[tuple[str, int, int]]:
    """For rows in order of their days: each day's partition, its first row and its end."""
    edges = np.searchsorted(day, np.arange(month.start, month.end + 1))
    names = days(np.arange(month.start, month.end)).astype(str)
    for index, name in enumerate(names.tolist()):
        yield name, int(edges[index]), int(edges[index + 1])


def by_day(people: Population, month: Month, day: Ints, account: Ints, value: Ints) -> Ints:
    """Sums of ``value`` with a row for each day of the month and a column for each account."""
    width = len(people)
    cell = (day - month.start) * width + account
    sums = np.bincount(cell, weights=value, minlength=(month.end - month.start) * width)
    return np.rint(sums).astype(np.int64).reshape(-1, width)
