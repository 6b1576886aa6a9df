"""Values of the library as JSON text for machines: dataclasses go in, stable keys come out.

A field's name is its key. Tuples are arrays; dates and times are ISO 8601 text; time spans are
seconds; exact decimals are text, so that no digit is lost; bytes are base64; a number that JSON
lacks (NaN, infinities) is null.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path


def plain(value: object) -> object:
    """``value`` in JSON's own types.

    >>> plain(Decimal("1.10")), plain(date(2026, 6, 30)), plain((1, float("nan")))
    ('1.10', '2026-06-30', [1, None])
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        shown = (f.name for f in dataclasses.fields(value) if not f.name.startswith("_"))
        return {name: plain(getattr(value, name)) for name in shown}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Decimal | Path):
        return str(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def dumps(value: object) -> str:
    """``value`` as indented JSON text."""
    return json.dumps(plain(value), indent=2, ensure_ascii=False)
