"""Digest: a result in, a short text out that is the same for results that say the same."""

from __future__ import annotations

import hashlib

from nlq.types import QueryResult
from nlq_evals.scorers.values import Cell, cell


def digest(result: QueryResult) -> str:
    """Twelve hex digits that neither names nor orders of columns and rows change.

    Numbers count to seven significant digits, so that sums in another order do not differ.
    """
    columns = [
        [_text(cell(row[position])) for row in result.rows]
        for position in range(len(result.columns))
    ]
    columns.sort(key=sorted)
    rows = sorted(zip(*columns, strict=True))
    return hashlib.sha256(repr((len(columns), rows)).encode()).hexdigest()[:12]


def _text(value: Cell) -> str:
    number = "" if value.number is None else f"{value.number:.6e}"
    return f"{value.exact!r} {number}"
