"""A value and its unit in, the text that a person reads out; the same in every interface.

Numbers are written with commas for thousands and a dot for decimals, whatever the locale.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeGuard

from nlq.answer.periods import day_text
from nlq.types import MetricUnit

Number = int | float | Decimal

MISSING = "–"  # noqa: RUF001 (a dash stands for no value)

_STEPS = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"))


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a value counts or measures something (a bool does not)."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def format_value(value: object, unit: MetricUnit | None = None) -> str:
    """A table cell: exact to the cent, the second decimal or the tenth of a percent.

    >>> format_value(1234567.891, "usd"), format_value(0.142, "percent"), format_value(True)
    ('$1,234,567.89', '14.2%', 'yes')
    """
    if value is None:
        return MISSING
    if is_number(value):
        return _number(value, unit)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        zone = f" {value.tzname()}" if value.tzinfo else ""
        if value.time() == time.min:
            return f"{day_text(value.date())}{zone}"
        return f"{day_text(value.date())} {value:%H:%M:%S}{zone}"
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, timedelta):
        return _seconds(Decimal(str(value.total_seconds())))
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    return str(value)


def format_short(value: object, unit: MetricUnit | None = None) -> str:
    """For sentences and charts: millions and above to one decimal.

    >>> format_short(12_345_678, "usd"), format_short(-1_500_000_000), format_short(48_211)
    ('$12.3M', '-1.5B', '48,211')
    """
    if not is_number(value) or unit not in (None, "usd", "count", "number"):
        return format_value(value, unit)
    exact = _decimal(value)
    if exact is None:
        return MISSING
    for size, letter in _STEPS:
        # 999,950 and above would be written 1000.0 of the smaller unit.
        if abs(exact) >= size * Decimal("0.99995"):
            sign = "$" if unit == "usd" else ""
            return f"{'-' if exact < 0 else ''}{sign}{abs(exact) / size:,.1f}{letter}"
    if unit == "usd" and abs(exact) >= 10_000:
        return format_value(round(exact), unit)
    return format_value(value, unit)


def format_bytes(size: int) -> str:
    """A size.

    >>> format_bytes(512), format_bytes(48_300_000)
    ('512 bytes', '48.3 MB')
    """
    if size < 1000:
        return f"{size:,} bytes"
    powers = ((12, "TB"), (9, "GB"), (6, "MB"), (3, "kB"))
    power, name = next((p, n) for p, n in powers if size >= 10**p)
    return f"{size / 10**power:,.1f} {name}"


def _number(value: Number, unit: MetricUnit | None) -> str:
    exact = _decimal(value)
    if exact is None:
        return MISSING
    sign, size = ("-" if exact < 0 else ""), abs(exact)
    match unit:
        case "usd":
            text = f"${size:,.0f}" if size == size.to_integral_value() else f"${size:,.2f}"
        case "percent":
            text = f"{size * 100:,.1f}%"
        case "seconds":
            text = _seconds(size)
        case "days":
            text = f"{_plain(size)} {'day' if size == 1 else 'days'}"
        case _:
            text = _plain(size)
    # A value that is rounded to nothing has no sign.
    return text if not any(digit in text for digit in "123456789") else sign + text


def _plain(size: Decimal) -> str:
    if size == size.to_integral_value():
        return f"{size:,.0f}"
    if size >= 1:
        return f"{size:,.2f}"
    return f"{size:.4g}" if size >= Decimal("0.0001") else f"{size:.2e}"


def _seconds(size: Decimal) -> str:
    if size < 120:
        return f"{_plain(size)} s"
    if size < 7200:
        return f"{size / 60:,.1f} min"
    return f"{size / 3600:,.1f} h"


def _decimal(value: Number) -> Decimal | None:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact if exact.is_finite() else None
