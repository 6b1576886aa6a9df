"""Whether two engines gave the same: two results and the query enter, their differences leave."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final

from sqlglot import exp

from nlq.types import QueryResult

FLOAT_TOLERANCE: Final = 1e-9
"""Relative: engines add floats up in another order."""

Row = Sequence[object]


def differences(tree: exp.Query, one: QueryResult, other: QueryResult) -> list[str]:
    """What differs: types, rows as multisets, and their order as far as ORDER BY settles it."""
    found = []
    for left, right in zip(one.columns, other.columns, strict=True):
        if plain_type(left.type) != plain_type(right.type):
            found.append(f"{left.name}: {left.type} and {right.type}")
    if not _alike_rows(sorted(one.rows, key=_place), sorted(other.rows, key=_place)):
        found.append(f"rows {_first(one.rows)} and {_first(other.rows)}")
    keys = _order_keys(tree, [column.name for column in one.columns])
    if not _alike_rows(_only(one.rows, keys), _only(other.rows, keys)):
        found.append(f"order of {_first(one.rows)} and {_first(other.rows)}")
    return found


def plain_type(name: str) -> str:
    """A type without what only some engines tell: lengths of texts, precisions of times."""
    return re.sub(r"\b(varchar|timestamp|time)\(\d+\)", r"\1", name)


def alike(one: object, other: object) -> bool:
    """Equal, floats within the tolerance, also inside arrays, rows and maps."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=FLOAT_TOLERANCE) or (one != one and other != other)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    return type(one) is type(other) and one == other


def _alike_rows(some: Iterable[Row], others: Iterable[Row]) -> bool:
    return alike(list(some), list(others))


def _place(row: Row) -> tuple[str, ...]:
    """Where a row stands when order does not count; floats that differ a little stand together."""
    return tuple(f"{value:.6e}" if isinstance(value, float) else repr(value) for value in row)


def _order_keys(tree: exp.Query, names: list[str]) -> list[int]:
    """Positions of the columns that the outermost ORDER BY sorts by, up to one that is not told."""
    keys: list[int] = []
    order = tree.args.get("order")
    for ordered in order.expressions if order else ():
        key = ordered.this
        if isinstance(key, exp.Literal) and key.is_int:
            keys.append(int(key.name) - 1)
        elif isinstance(key, exp.Column) and key.name in names:
            keys.append(names.index(key.name))
        else:
            break
    return keys


def _only(rows: Iterable[Row], keys: list[int]) -> list[Row]:
    return [[row[key] for key in keys] for row in rows]


def _first(rows: Sequence[Row]) -> str:
    return f"({len(rows)}) {', '.join(map(repr, rows[:3]))}"
