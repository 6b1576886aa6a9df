"""One period as written in a text, and the words that name its parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from nlq.retrieval.dates.calendar import Unit, year_number
from nlq.types import Clock

Ends = tuple[date, date]
Resolve = Callable[[int | None], Ends]
"""Takes the year, where one is known from elsewhere in the text; gives start and end (excluded)."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period as written at ``text[first:last]``.

    ``year`` is the one written with it, if any: two periods joined may share one. ``relative``
    says that it was named from today's point of view ("last month"). ``note`` is an assumption.
    """

    first: int
    last: int
    unit: Unit
    resolve: Resolve
    year: int | None = None
    relative: bool = False
    fiscal: bool = False
    whole: bool = True
    note: str = ""


MONTH_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for word in words.split()
}
NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        start=1,
    )
} | {"couple of": 2, "a couple of": 2, "few": 3, "fifteen": 15, "twenty": 20, "thirty": 30}
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4, "last": 4} | {
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
}
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def year_of(text: str, clock: Clock, *, fiscal: bool) -> int:
    """The number of the year that "2025", "'25", "FY25" or "last year" means."""
    lowered = text.lower()
    if digits := re.search(r"\d{2,4}", lowered):
        number = int(digits[0])
        return number if number > 99 else 2000 + number
    here = year_number(clock.today, clock, fiscal=fiscal or "fiscal" in lowered)
    if re.search(r"last|previous|prior|past", lowered):
        return here - 1
    return here + 1 if "next" in lowered else here


def is_fiscal(text: str, clock: Clock) -> bool:
    """Quarters and halves follow the fiscal calendar, where there is one, unless told otherwise."""
    return clock.fiscal_start_month != 1 and "calendar" not in text.lower()
