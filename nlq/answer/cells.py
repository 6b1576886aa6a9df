"""A result's values as the cells of a table: a column and a value go in, text comes out.

The same in every interface. A column that is named for a period (``quarter``) and holds nothing
but starts of such periods is written by the period's name, not by its first day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nlq.answer.formats import format_value
from nlq.answer.periods import period_text
from nlq.answer.shape import day_of
from nlq.types import Grain, MetricUnit, QueryResult

Cell = Callable[[object], str]
"""Writes one value of a column."""

_NAMED: tuple[Grain, ...] = ("week", "month", "quarter", "year")


def cell_writers(result: QueryResult, units: Mapping[str, MetricUnit]) -> tuple[Cell, ...]:
    """How each column's values are written, in the columns' order."""
    return tuple(
        _writer(column.name, [row[i] for row in result.rows], units.get(column.name))
        for i, column in enumerate(result.columns)
    )


def _writer(name: str, values: list[object], unit: MetricUnit | None) -> Cell:
    grain = _period_named(name)
    if grain is None or not all(value is None or _starts(value, grain) for value in values):
        return lambda value: format_value(value, unit)

    def period(value: object) -> str:
        day = day_of(value)
        return format_value(value) if day is None else period_text(day, grain)

    return period


def _period_named(name: str) -> Grain | None:
    last = name.lower().rsplit("_", 1)[-1]
    return next((grain for grain in _NAMED if grain == last), None)


def _starts(value: object, grain: Grain) -> bool:
    """Whether ``value`` can be the first day of such a period, of any fiscal year."""
    day = day_of(value)
    return day is not None and (grain == "week" or day.day == 1)
