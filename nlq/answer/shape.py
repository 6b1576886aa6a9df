"""What a result looks like: which columns are times, categories and measures, and what that makes.

Headline, chart and warnings all follow from the shape, so they cannot disagree about it.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from nlq.answer.formats import is_number
from nlq.types import Grain, MetricPlan, QueryResult

ShapeKind = Literal["empty", "value", "series", "breakdown", "series_breakdown", "list"]

_ISO_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_IDENTIFIER = re.compile(
    r"(^|_)(id|sid|key|code|number|zip|year|month|quarter|day|hour|week|position|rank|rn|place)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The columns of one measure now, before, and the ratio of change, by position."""

    now: int
    before: int
    change: int


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns by their role (positions in the result), and the kind of the whole.

    ``measures`` leaves out the columns of a comparison other than the value now. ``grain`` is the
    step of the time column.
    """

    kind: ShapeKind
    times: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    measures: tuple[int, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    grain: Grain | None = None

    def comparison(self, measure: int) -> Comparison | None:
        """The comparison of that measure, or None."""
        return next((c for c in self.comparisons if c.now == measure), None)


def shape_of(
    result: QueryResult,
    plan: MetricPlan | None,
    *,
    aggregated: bool,
    keys: frozenset[int] = frozenset(),
) -> Shape:
    """The shape of a result.

    ``aggregated`` says that its rows are groups, not the lake's rows; ``keys`` are the positions of
    the columns that they are grouped by, which are no measures even where they are numbers.
    """
    names = [column.name for column in result.columns]
    comparisons = _comparisons(names)
    aside = {i for c in comparisons for i in (c.before, c.change)}
    times = tuple(i for i in range(len(names)) if _is_time(result, i))
    governed = {n + end for n in (plan.metrics if plan else ()) for end in ("", "_share", "_total")}
    measures = tuple(
        i
        for i in range(len(names))
        if i not in times and i not in aside and i not in keys and _is_measure(result, i, governed)
    )
    categories = tuple(
        i for i in range(len(names)) if i not in times and i not in measures and i not in aside
    )
    grain = (plan.grain if plan else None) or (_grain(result, times[0]) if times else None)
    return Shape(
        _kind(result, times, categories, measures, aggregated=aggregated),
        times,
        categories,
        measures,
        comparisons,
        grain,
    )


def day_of(value: object) -> date | None:
    """The day that a time column's value stands for."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _ISO_DAY.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def _kind(
    result: QueryResult,
    times: tuple[int, ...],
    categories: tuple[int, ...],
    measures: tuple[int, ...],
    *,
    aggregated: bool,
) -> ShapeKind:
    rows = result.rows
    if not rows:
        return "empty"
    if times and len(times) == 1 and not categories:
        # A table that has one row a day is a series as it is.
        aggregated = aggregated or len({row[times[0]] for row in rows}) == len(rows) > 1
    if not aggregated or not measures:
        return "list"
    if not times and not categories:
        if len(rows) > 1:
            return "list"
        return "empty" if all(rows[0][i] is None for i in measures) else "value"
    if len(times) > 1 or len(categories) > 2:
        return "list"
    if times:
        return "series_breakdown" if categories else "series"
    return "breakdown"


def _comparisons(names: list[str]) -> tuple[Comparison, ...]:
    return tuple(
        Comparison(i, names.index(f"{name}_previous"), names.index(f"{name}_change"))
        for i, name in enumerate(names)
        if f"{name}_previous" in names and f"{name}_change" in names
    )


def _is_time(result: QueryResult, index: int) -> bool:
    column = result.columns[index]
    if column.type.startswith(("date", "timestamp")):
        return True
    values = [row[index] for row in result.rows[:50] if row[index] is not None]
    return bool(values) and all(isinstance(v, str) and day_of(v) for v in values)


def _is_measure(result: QueryResult, index: int, governed: set[str]) -> bool:
    column = result.columns[index]
    if column.name in governed:
        return True
    if _IDENTIFIER.search(column.name):
        return False
    if column.type.startswith(
        ("varchar", "char", "boolean", "date", "time", "array", "map", "row")
    ):
        return False
    values = [row[index] for row in result.rows[:50] if row[index] is not None]
    return all(is_number(value) for value in values)


def _grain(result: QueryResult, index: int) -> Grain:
    days = sorted({day for row in result.rows if (day := day_of(row[index]))})
    moments = [row[index] for row in result.rows if isinstance(row[index], datetime)]
    if any((m.hour, m.minute) != (0, 0) for m in moments if isinstance(m, datetime)):
        return "hour"
    gap = min((b - a).days for a, b in itertools.pairwise(days)) if len(days) > 1 else 1
    firsts = all(day.day == 1 for day in days)
    if firsts and gap >= 365:
        return "year"
    if firsts and gap >= 89:
        return "quarter"
    if firsts and gap >= 28:
        return "month"
    return "week" if gap == 7 else "day"
