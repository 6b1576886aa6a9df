"""Values of two results made comparable: raw Python values in, ``Cell`` out.

A date, a timestamp at midnight and the ISO text of either are the same; so are ``2026-05`` and the
first of that month. Integers, decimals and doubles are numbers and compare with a tolerance.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

ABSOLUTE = 5e-5 * (1 + 1e-6)
"""Numbers that agree to four decimals differ by no more than this."""
RELATIVE = 1e-9
"""Large doubles may differ by this share of their size, as sums in another order do."""

_DAY = re.compile(r"^(\d{4})-(\d{2})(?:-(\d{2}))?$")
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Cell:
    """A comparable value: ``exact`` must be equal; ``number`` must be near, where there is one."""

    exact: tuple[object, ...]
    number: float | None = None

    def scaled(self, factor: float) -> Cell:
        """The same cell with its number multiplied."""
        return self if self.number is None else Cell(self.exact, self.number * factor)


def cell(value: object) -> Cell:
    """Make one value comparable."""
    if value is None:
        return Cell(("null",))
    if isinstance(value, bool):
        return Cell(("bool", value))
    if isinstance(value, int | float | Decimal):
        return _number(float(value))
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return Cell(("time", value.isoformat()))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, time):
        return Cell(("clock", value.isoformat()))
    if isinstance(value, timedelta):
        return Cell(("interval",), value.total_seconds())
    if isinstance(value, bytes):
        return Cell(("bytes", value))
    return Cell(("nested", _frozen(value)))


def near(left: float, right: float) -> bool:
    """Whether two numbers agree to four decimals, or to nine significant digits.

    >>> near(0.12344, 0.12345), near(1 / 3, 0.3333), near(1e12, 1e12 + 1)
    (True, True, True)
    >>> near(0.5, 50), near(1.0, 1.001)
    (False, False)
    """
    difference = abs(left - right)
    return difference <= ABSOLUTE or difference <= RELATIVE * max(abs(left), abs(right))


def same(left: Cell, right: Cell) -> bool:
    """Whether two cells count as equal."""
    if left.exact != right.exact or (left.number is None) != (right.number is None):
        return False
    return left.number is None or right.number is None or near(left.number, right.number)


def _number(value: float) -> Cell:
    if math.isnan(value) or math.isinf(value):
        return Cell(("special", str(value)))
    return Cell(("number",), value)


def _moment(value: datetime) -> Cell:
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    if value.time() == time():
        return Cell(("time", value.date().isoformat()))
    return Cell(("time", value.isoformat()))


def _text(value: str) -> Cell:
    try:
        if day := _DAY.match(value):
            year, month, of_month = day.groups()
            return Cell(("time", date(int(year), int(month), int(of_month or 1)).isoformat()))
        if _MOMENT.match(value):
            return _moment(datetime.fromisoformat(value.removesuffix(" UTC")))
    except ValueError:
        pass  # it only looks like a date
    return Cell(("text", value))


def _frozen(value: object) -> object:
    """A hashable form of lists and maps; a map's order does not count, a list's does."""
    if isinstance(value, dict):
        return frozenset((repr(key), _frozen(item)) for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return tuple(_frozen(item) for item in value)
    inner = cell(value)
    return (*inner.exact, None if inner.number is None else round(inner.number, 4))
