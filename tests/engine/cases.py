"""Function cases: Presto SQL with the types and rows that a real PrestoDB server gave for it.

A case in ``presto/*.txt`` is a line with an expression (or a whole query), then a line ``= types``
with one line of JSON a row, or a line ``! NAME: message`` where Presto fails.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

FOLDER = Path(__file__).parent / "presto"


@dataclass(frozen=True)
class Case:
    """``error`` is Presto's error where it fails; ``rows`` are in comparable form."""

    text: str
    types: tuple[str, ...] = ()
    rows: tuple[object, ...] = ()
    error: str = ""

    @property
    def sql(self) -> str:
        """The whole query."""
        is_query = re.match(r"(SELECT|WITH|VALUES)\b", self.text)
        return self.text if is_query else f"SELECT {self.text}"


def read(file: Path) -> Iterator[Case]:
    """The cases of a file."""
    lines: list[str] = []
    for line in [*file.read_text().splitlines(), "end"]:
        if lines and not line.startswith(("=", "!", "[")):
            yield _case(lines)
            lines = []
        if line and not line.startswith("--"):
            lines.append(line)


def _case(lines: list[str]) -> Case:
    text, *told = lines
    if not told:
        return Case(text)
    if told[0].startswith("!"):
        return Case(text, error=told[0][2:])
    types = tuple(told[0][2:].split("; "))
    return Case(text, types, tuple(json.loads(line) for line in told[1:]))


def comparable(value: object, kind: str) -> object:
    """A value in the form that the case files have: JSON, numbers and times as text."""
    match value:
        case None | bool():
            return value
        case float():
            return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(
                repr(value), f"{value:.6g}" if "real" in kind else f"{value:.12g}"
            )
        case int() | Decimal():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            shown = value.isoformat(" ", "milliseconds")[:23]
            return (
                f"{shown} {re.sub('^UTC(?=.)', '', str(value.tzinfo))}" if value.tzinfo else shown
            )
        case date():
            return value.isoformat()
        case timedelta():
            length = abs(value)
            minutes, seconds = divmod(length.seconds, 60)
            clock = f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
            sign = "-" if value < timedelta(0) else ""
            return f"{sign}{length.days} {clock}.{length.microseconds // 1000:03d}"
        case dict() if kind.startswith(("row(", "array(row(")):
            return [comparable(item, kind) for item in value.values()]
        case dict():
            pairs = sorted(value.items(), key=str)
            return {str(comparable(k, kind)): comparable(v, kind) for k, v in pairs}
        case list():
            return [comparable(item, kind) for item in value]
    return value


def comparable_types(types: Sequence[str]) -> tuple[str, ...]:
    """Type names without the length of varchar, which this engine does not keep."""
    return tuple(re.sub(r"varchar\(\d+\)", "varchar", name) for name in types)
