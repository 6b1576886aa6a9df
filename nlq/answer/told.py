"""All that a headline may speak of, with the words for its labels, values and periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nlq.answer.covered import Covered
from nlq.answer.formats import format_short
from nlq.answer.labels import ValueWords, column_label, mid_sentence, sentence_case
from nlq.answer.periods import period_text
from nlq.answer.shape import Shape, day_of
from nlq.catalog.catalog import Catalog
from nlq.types import Clock, MetricPlan, MetricUnit, QueryResult

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A result and everything around it that a sentence needs.

    ``scope`` narrows the subject (`` for Germany``), ``part`` is that whose share is asked for.
    ``limit`` is the query's own; ``ranked`` says that it kept the first rows by the first measure,
    ``ascending`` which way round. ``labels`` are for columns whose names say nothing, by position.
    """

    result: QueryResult
    shape: Shape
    units: Mapping[str, MetricUnit]
    catalog: Catalog
    covered: Covered
    clock: Clock
    values: ValueWords
    plan: MetricPlan | None = None
    scope: str = ""
    part: str = ""
    ascending: bool = False
    limit: int | None = None
    ranked: bool = False
    labels: Mapping[int, str] = field(default_factory=dict)

    def label(self, index: int) -> str:
        """A column in words."""
        name = self.result.columns[index].name
        return self.labels.get(index) or column_label(name, self.catalog)

    def short(self, row: Row, index: int) -> str:
        """A value as sentences show it."""
        return format_short(row[index], self.units.get(self.result.columns[index].name))

    def category(self, row: Row, *, starts: bool = False) -> str:
        """The row's categories in words; the lake's own texts keep their case where they start."""
        parts = []
        for index in self.shape.categories:
            name, value = self.result.columns[index].name, row[index]
            if value is None:
                parts.append(f"no {mid_sentence(self.label(index))}")
            elif isinstance(value, str) and not value.isdigit():
                parts.append(self.values.say(name, value))
            else:
                parts.append(f"{mid_sentence(self.label(index))} {self.values.say(name, value)}")
        if starts and not isinstance(row[self.shape.categories[0]], str):
            parts[0] = sentence_case(parts[0])
        return ", ".join(parts)

    def period(self, row: Row) -> str:
        """The row's time in words."""
        day = day_of(row[self.shape.times[0]])
        if day is None:
            return "no date"
        return period_text(day, self.shape.grain or "day", self.clock.fiscal_start_month)
