"""The chart that a result's shape calls for, or none: a rule, never a model's choice."""

from __future__ import annotations

from collections import Counter

from nlq.answer.shape import Shape
from nlq.types import Chart, ChartKind, MetricUnit, QueryResult

MOST_BARS = 30
MOST_LINES = 8
MOST_POINTS = 1000


def choose_chart(
    result: QueryResult, shape: Shape, units: tuple[tuple[str, MetricUnit], ...], title: str
) -> Chart | None:
    """A chart whose ``y`` columns share one unit, or None where a table tells more."""
    if not shape.measures or result.truncated:
        return None
    names = [column.name for column in result.columns]
    of_column = dict(units)
    first = shape.measures[0]
    unit = of_column.get(names[first], "number")
    alike = tuple(names[i] for i in shape.measures if of_column.get(names[i], "number") == unit)
    compared = shape.comparison(first)

    def chart(kind: ChartKind, x: str = "", y: tuple[str, ...] = (), series: str = "") -> Chart:
        return Chart(kind, title, x, y or (names[first],), series, unit)

    if shape.kind == "value":
        return chart("number")
    if shape.kind == "series" and 2 <= len(result.rows) <= MOST_POINTS:
        if not _distinct(result, shape.times):
            return None
        y = (names[first], names[compared.before]) if compared else alike[:MOST_LINES]
        return chart("line", names[shape.times[0]], y)
    if shape.kind == "series_breakdown" and len(shape.categories) == 1:
        return _lines(result, shape, chart("line", names[shape.times[0]]), names)
    if shape.kind == "breakdown" and 2 <= len(result.rows) <= MOST_BARS:
        if not _distinct(result, shape.categories):
            return None
        x = names[shape.categories[0]]
        if len(shape.categories) == 2:
            return chart("grouped_bar", x, series=names[shape.categories[1]])
        if compared:
            return chart("grouped_bar", x, (names[first], names[compared.before]))
        return chart("bar", x) if len(alike) == 1 else chart("grouped_bar", x, alike[:3])
    return None


def _lines(result: QueryResult, shape: Shape, plain: Chart, names: list[str]) -> Chart | None:
    """One line a category; too many lines or single points make no picture."""
    time, category = shape.times[0], shape.categories[0]
    lines = Counter(row[category] for row in result.rows)
    moments = {row[time] for row in result.rows}
    if len(lines) > MOST_LINES or not _distinct(result, (time, category)):
        return None
    if len(moments) == 1:
        return Chart("bar", plain.title, names[category], plain.y, unit=plain.unit)
    return Chart("line", plain.title, plain.x, plain.y, names[category], plain.unit)


def _distinct(result: QueryResult, columns: tuple[int, ...]) -> bool:
    """Whether those columns tell every row apart, so that no point is drawn over another."""
    keys = {tuple(repr(row[i]) for i in columns) for row in result.rows}
    return len(keys) == len(result.rows)
