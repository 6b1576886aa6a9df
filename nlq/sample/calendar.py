"""Days and months of the sample's history as numbers, and seeded random streams.

A day is counted from ``HISTORY_START`` (0 is its first day); a month is an index likewise.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlq.sample.facts import HISTORY_END, HISTORY_START

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]

DAYS: Final = (HISTORY_END - HISTORY_START).days
NEVER: Final = 10**6
"""A day number after all others: what has not happened."""

_DAY0: Final = np.datetime64(HISTORY_START, "D")


@dataclass(frozen=True, slots=True)
class Month:
    """One month: its first day, the days of it that have data, and its whole length in days."""

    index: int
    first: date
    start: int
    end: int
    length: int

    @property
    def is_open(self) -> bool:
        """Whether it is still running at the sample's now."""
        return self.end - self.start < self.length


def months() -> tuple[Month, ...]:
    """All months of the history, the last one partial."""
    found: list[Month] = []
    first = HISTORY_START
    while first < HISTORY_END:
        after = next_month(first)
        start = day_number(first)
        found.append(
            Month(len(found), first, start, min(day_number(after), DAYS), (after - first).days)
        )
        first = after
    return tuple(found)


def next_month(first: date) -> date:
    """The first day of the month after.

    >>> next_month(date(2025, 12, 1))
    datetime.date(2026, 1, 1)
    """
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def day_number(day: date) -> int:
    """The number of a day."""
    return (day - HISTORY_START).days


def days(numbers: npt.NDArray[Any]) -> Days:
    """Day numbers as ``datetime64[D]``, with ``NEVER`` (and later ones) as not-a-time."""
    plain = np.asarray(numbers, dtype=np.int64)
    found = _DAY0 + np.minimum(plain, NEVER).astype("timedelta64[D]")
    found[plain >= NEVER] = np.datetime64("NaT")
    return found


def moments(numbers: npt.NDArray[Any], seconds: npt.NDArray[Any]) -> Days:
    """Day numbers and seconds after midnight as ``datetime64[ms]``; ``NEVER`` is not-a-time."""
    elapsed = (np.asarray(seconds, dtype=np.float64) * 1000).astype("timedelta64[ms]")
    return np.asarray(days(numbers).astype("datetime64[ms]") + elapsed, "datetime64[ms]")


def within(numbers: Ints, span: tuple[date, date]) -> Bools:
    """Which days lie in a span, both ends included."""
    return (numbers >= day_number(span[0])) & (numbers <= day_number(span[1]))


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """A random stream of its own for these names: no part's draws disturb another's."""
    keys = [n if isinstance(n, int) else zlib.crc32(n.encode()) for n in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *keys])))
