"""A result as a CSV file: every row that was read goes in, a file for a spreadsheet comes out."""

from __future__ import annotations

import csv
from pathlib import Path

from nlq.types import QueryResult

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(result: QueryResult, path: Path) -> None:
    """Write ``result`` to ``path`` as UTF-8 with a byte-order mark, which spreadsheets ask for.

    Text that a spreadsheet would run as a formula is kept from it by a leading apostrophe; numbers
    are written in full, not as they are shown.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_cell(column.name) for column in result.columns])
        writer.writerows([_cell(value) for value in row] for row in result.rows)


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value.hex() if isinstance(value, bytes) else value
